package twinmaker

import (
	"fmt"
	"strconv"
	"strings"
)

// named holds the CSS colours that rules of the samples use, beside #rrggbb and rgb().
var named = map[string]string{
	"red": "#ff0000", "green": "#008000", "blue": "#0000ff", "yellow": "#ffff00", "orange": "#ffa500", "white": "#ffffff", "black": "#000000",
	"gray": "#808080", "grey": "#808080", "purple": "#800080", "cyan": "#00ffff", "magenta": "#ff00ff", "lime": "#00ff00", "pink": "#ffc0cb",
	"brown": "#a52a2a", "teal": "#008080", "navy": "#000080", "maroon": "#800000", "olive": "#808000", "silver": "#c0c0c0",
}

// hexColor reads a CSS colour: a name, #rgb, #rrggbb, #rrggbbaa, rgb() and rgba(). alpha is 1 unless it says otherwise.
func hexColor(css string) (hex string, alpha float64, ok bool) {
	css = strings.ToLower(strings.TrimSpace(css))
	if hex, ok := named[css]; ok {
		return hex, 1, true
	}
	if digits, is := strings.CutPrefix(css, "#"); is {
		return hexDigits(digits)
	}
	inner, is := strings.CutPrefix(strings.TrimSuffix(css, ")"), "rgb")
	parts := strings.FieldsFunc(strings.TrimLeft(inner, "a("), func(r rune) bool { return r == ',' || r == ' ' || r == '/' })
	if !is || len(parts) < 3 || len(parts) > 4 {
		return "", 0, false
	}
	hex, alpha = "#", 1
	for _, part := range parts[:3] {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil {
			return "", 0, false
		}
		hex += fmt.Sprintf("%02x", n)
	}
	if len(parts) == 4 {
		f, err := strconv.ParseFloat(parts[3], 64)
		if err != nil || f < 0 || f > 1 {
			return "", 0, false
		}
		alpha = f
	}
	return hex, alpha, true
}

func hexDigits(digits string) (hex string, alpha float64, ok bool) {
	if len(digits) == 3 || len(digits) == 4 {
		wide := ""
		for _, d := range []byte(digits) {
			wide += string([]byte{d, d})
		}
		digits = wide
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	switch {
	case err == nil && len(digits) == 6:
		return "#" + digits, 1, true
	case err == nil && len(digits) == 8:
		return "#" + digits[:6], float64(n&0xff) / 0xff, true
	}
	return "", 0, false
}
