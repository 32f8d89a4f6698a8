package unit

import (
	"slices"
	"strings"

	"mereon/schema/fault"
)

// customary are spellings that are common and no UCUM codes.
var customary = map[string]string{
	"rpm": "1/min", "RPM": "1/min", "r/min": "1/min", "rps": "1/s", "°C": "Cel", "degC": "Cel", "C°": "Cel", "celsius": "Cel", "Celsius": "Cel",
	"ºC": "Cel", "°F": "[degF]", "degF": "[degF]", "fahrenheit": "[degF]", "Fahrenheit": "[degF]", "°K": "K", "kelvin": "K", "°": "deg",
	"Wh": "W.h", "kWh": "kW.h", "MWh": "MW.h", "GWh": "GW.h", "Ah": "A.h", "mAh": "mA.h", "VA": "V.A", "kVA": "kV.A",
	"MVA": "MV.A", "var": "V.A{reactive}", "kvar": "kV.A{reactive}", "kVAr": "kV.A{reactive}", "Nm": "N.m", "kNm": "kN.m", "psi": "[psi]",
	"ppm": "[ppm]", "ppb": "[ppb]", "percent": "%", "pct": "%", "ft": "[ft_i]", "in": "[in_i]", "inch": "[in_i]", "yd": "[yd_i]",
	"mi": "[mi_i]", "mile": "[mi_i]", "mph": "[mi_i]/h", "kmh": "km/h", "kph": "km/h", "lb": "[lb_av]", "lbs": "[lb_av]",
	"oz": "[oz_av]", "gal": "[gal_us]", "gpm": "[gal_us]/min", "cfm": "[cft_i]/min", "hp": "[HP]", "HP": "[HP]", "BTU": "[Btu_IT]",
	"Btu": "[Btu_IT]", "btu": "[Btu_IT]", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "sec": "s", "second": "s",
	"seconds": "s", "minute": "min", "minutes": "min", "mins": "min", "day": "d", "days": "d", "week": "wk", "month": "mo",
	"year": "a", "ohm": "Ohm", "Ω": "Ohm", "kΩ": "kOhm", "µm": "um", "μm": "um", "micron": "um", "µS/cm": "uS/cm", "liter": "L",
	"litre": "L", "meter": "m", "metre": "m", "ton": "t", "tonne": "t", "mmHg": "mm[Hg]", "mmH2O": "mm[H2O]", "inHg": "[in_i'Hg]",
	"inH2O": "[in_i'H2O]", "mWC": "m[H2O]", "barg": "bar", "bara": "bar", "pH": "[pH]", "byte": "By", "bytes": "By", "MB": "MBy", "GB": "GBy", "kB": "kBy",
	"bps": "bit/s", "Mbps": "Mbit/s", "pcs": "{pcs}", "pieces": "{pieces}", "count": "{count}", "units": "{units}", "cps": "1/s", "m/s²": "m/s2",
	"lux": "lx", "lumen": "lm", "Sm3": "m3{standard}", "Nm3": "m3{normal}", "Nm3/h": "m3{normal}/h", "Sm3/h": "m3{standard}/h",
}

var superscripts = strings.NewReplacer("⁻", "-", "¹", "1", "²", "2", "³", "3", "^", "", "**", "", "·", ".", "⋅", ".", "×", ".", "*", ".",
	"µ", "u", "μ", "u", " ", "", "per", "/")

// Hint returns what to write instead of a code that Parse refuses, "" when nothing near is known.
func Hint(code string) string {
	if len(code) > maxCode {
		return ""
	}
	if meant := customary[code]; meant != "" {
		return "write " + meant
	}
	mended := superscripts.Replace(code)
	parts := strings.FieldsFunc(mended, func(r rune) bool { return r == '/' || r == '.' })
	for _, part := range parts {
		name, _, _ := splitPower(part)
		if meant := customary[name]; meant != "" {
			mended = strings.Replace(mended, name, meant, 1)
		}
	}
	if mended != code {
		if _, err := Parse(mended); err == nil {
			return "write " + mended
		}
	}
	if near := fault.Suggest(code, codes()); near != "" && near != code {
		return "did you mean " + near + "?"
	}
	return "units are UCUM codes: m3/h, kW.h, Cel, bar, %, 1/min; what is counted is written {pieces}"
}

// codes returns the codes of the table, sorted, so that suggestions do not vary.
func codes() []string {
	var all []string
	for code := range atoms() {
		all = append(all, code)
	}
	slices.Sort(all)
	return all
}
