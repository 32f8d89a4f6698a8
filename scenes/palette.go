package scenes

import "maps"

// standardPalette is how states look when a scene does not say; the viewer has the same. Normal is the model's own color; colors
// are for what is not, from the set of Okabe and Ito, which people with color-vision deficiencies can tell apart.
var standardPalette = map[string]Look{
	"ok":          {Icon: "ok"},
	"normal":      {Icon: "ok"},
	"good":        {Icon: "ok"},
	"info":        {Icon: "info", Color: "#56b4e9", Severity: 1},
	"maintenance": {Icon: "maintenance", Color: "#cc79a7", Severity: 1},
	"service":     {Icon: "maintenance", Color: "#cc79a7", Severity: 1},
	"warn":        {Icon: "warning", Color: "#e69f00", Severity: 2},
	"warning":     {Icon: "warning", Color: "#e69f00", Severity: 2},
	"alarm":       {Icon: "alarm", Color: "#d55e00", Severity: 3, Pulse: true},
	"active":      {Icon: "alarm", Color: "#d55e00", Severity: 3, Pulse: true},
	"error":       {Icon: "alarm", Color: "#d55e00", Severity: 3, Pulse: true},
	"fault":       {Icon: "alarm", Color: "#d55e00", Severity: 3, Pulse: true},
	"critical":    {Icon: "alarm", Color: "#d55e00", Severity: 3, Pulse: true},
}

// Looks returns the palette of the scene: the standard one with what the scene says on top.
func (s *Scene) Looks() map[string]Look {
	looks := maps.Clone(standardPalette)
	maps.Copy(looks, s.Palette)
	return looks
}
