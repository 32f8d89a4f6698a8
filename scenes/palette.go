package scenes

import "maps"

// standardPalette is how states look when a scene does not say. Grey and the model's own color are normal; colors are for
// what is not, from the set of Okabe and Ito, which people with color-vision deficiencies can tell apart.
var standardPalette = map[string]Look{
	"ok":          {Icon: "ok"},
	"running":     {Icon: "running"},
	"idle":        {Icon: "idle", Color: "#8c939c"},
	"off":         {Icon: "off", Color: "#8c939c"},
	"info":        {Icon: "info", Color: "#56b4e9", Severity: 1},
	"maintenance": {Icon: "maintenance", Color: "#cc79a7", Severity: 1},
	"attention":   {Icon: "warning", Color: "#f0e442", Severity: 2},
	"warning":     {Icon: "warning", Color: "#e69f00", Severity: 2},
	"high":        {Icon: "warning", Color: "#e69f00", Severity: 2},
	"low":         {Icon: "warning", Color: "#e69f00", Severity: 2},
	"error":       {Icon: "alarm", Color: "#d55e00", Severity: 4, Pulse: true},
	"alarm":       {Icon: "alarm", Color: "#d55e00", Severity: 4, Pulse: true},
	"critical":    {Icon: "alarm", Color: "#d55e00", Severity: 4, Pulse: true},
}

// Looks returns the palette of the scene: the standard one with what the scene says on top.
func (s *Scene) Looks() map[string]Look {
	looks := maps.Clone(standardPalette)
	maps.Copy(looks, s.Palette)
	return looks
}
