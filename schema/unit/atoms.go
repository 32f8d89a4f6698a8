package unit

import (
	"math/big"
	"sync"
)

// atom is a unit that has a code of its own; a metric one takes prefixes.
type atom struct {
	unit   Unit
	metric bool
}

type prefix struct {
	code   string
	factor *big.Rat
}

// Longer prefixes come first: da before d.
var prefixes = []prefix{
	{"da", rat("10")}, {"Ki", rat("1024")}, {"Mi", rat("1048576")}, {"Gi", rat("1073741824")}, {"Ti", rat("1099511627776")},
	{"Y", rat("1e24")}, {"Z", rat("1e21")}, {"E", rat("1e18")}, {"P", rat("1e15")}, {"T", rat("1e12")}, {"G", rat("1e9")},
	{"M", rat("1e6")}, {"k", rat("1e3")}, {"h", rat("1e2")}, {"d", rat("1e-1")}, {"c", rat("1e-2")}, {"m", rat("1e-3")},
	{"u", rat("1e-6")}, {"n", rat("1e-9")}, {"p", rat("1e-12")}, {"f", rat("1e-15")}, {"a", rat("1e-18")},
	{"z", rat("1e-21")}, {"y", rat("1e-24")},
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("unit: the table holds a bad number: " + s)
	}
	return r
}

// atoms returns the table by code; each definition uses only those above it.
var atoms = sync.OnceValue(func() map[string]atom {
	table := make(map[string]atom, len(definitions)+len(baseUnits)+len(arbitrary)+4)
	for i, code := range baseUnits {
		u := one()
		u.code = code
		u.dimension.base[i] = 1
		if code == "kg" { // the gram takes the prefixes
			u.code, u.factor = "g", rat("1e-3")
		}
		table[u.code] = atom{u, true}
	}
	for _, code := range arbitrary {
		u := one()
		u.code, u.dimension.arbitrary, u.dimension.power = code, code, 1
		table[code] = atom{u, true}
	}
	for _, code := range [...]string{"10*", "10^"} {
		table[code] = atom{Unit{code: code, factor: rat("10")}, false}
	}
	for _, d := range definitions {
		u, err := parseWith(d.of, table)
		if err != nil {
			panic("unit: the table is wrong: " + err.Error())
		}
		u.code, u.factor = d.code, new(big.Rat).Mul(u.factor, rat(d.value))
		table[d.code] = atom{u, d.metric}
	}
	kelvin := table["K"].unit.dimension
	table["Cel"] = atom{Unit{code: "Cel", factor: rat("1"), zero: rat("273.15"), dimension: kelvin}, false}
	table["[degF]"] = atom{Unit{code: "[degF]", factor: rat("5/9"), zero: rat("459.67"), dimension: kelvin}, false}
	return table
})

// Logarithmic and arbitrary units compare only with themselves.
var arbitrary = [...]string{"B", "B[SPL]", "B[V]", "B[mV]", "B[W]", "B[kW]", "Np", "[pH]", "[iU]", "[IU]", "[arb'U]"}

type definition struct {
	code   string
	metric bool
	value  string
	of     string
}

// Source: ucum-essence, version 2.1; constants as in the 2019 SI.
var definitions = [...]definition{
	{"[pi]", false, "3.1415926535897932384626433832795028841971693993751", "1"},
	{"%", false, "1e-2", "1"}, {"[ppth]", false, "1e-3", "1"}, {"[ppm]", false, "1e-6", "1"}, {"[ppb]", false, "1e-9", "1"},
	{"[pptr]", false, "1e-12", "1"},
	{"min", false, "60", "s"}, {"h", false, "60", "min"}, {"d", false, "24", "h"}, {"wk", false, "7", "d"},
	{"a_j", false, "365.25", "d"}, {"a", false, "365.25", "d"}, {"mo_j", false, "1/12", "a_j"}, {"mo", false, "1/12", "a"},
	{"sr", true, "1", "rad2"}, {"deg", false, "2/360", "[pi].rad"}, {"'", false, "1/60", "deg"}, {"''", false, "1/60", "'"},
	{"gon", false, "0.9", "deg"}, {"circ", false, "2", "[pi].rad"},
	{"Hz", true, "1", "s-1"}, {"N", true, "1", "kg.m/s2"}, {"Pa", true, "1", "N/m2"}, {"J", true, "1", "N.m"}, {"W", true, "1", "J/s"},
	{"A", true, "1", "C/s"}, {"V", true, "1", "J/C"}, {"F", true, "1", "C/V"}, {"Ohm", true, "1", "V/A"}, {"S", true, "1", "Ohm-1"},
	{"mho", true, "1", "S"}, {"Wb", true, "1", "V.s"}, {"T", true, "1", "Wb/m2"}, {"H", true, "1", "Wb/A"}, {"lm", true, "1", "cd.sr"},
	{"lx", true, "1", "lm/m2"}, {"Bq", true, "1", "s-1"}, {"Ci", true, "3.7e10", "Bq"}, {"Gy", true, "1", "J/kg"},
	{"Sv", true, "1", "J/kg"}, {"kat", true, "1", "mol/s"}, {"eq", true, "1", "mol"},
	{"l", true, "1", "dm3"}, {"L", true, "1", "l"}, {"ar", true, "100", "m2"}, {"st", true, "1", "m3"},
	{"t", true, "1e3", "kg"}, {"u", true, "1.66053906660e-27", "kg"}, {"bar", true, "1e5", "Pa"}, {"eV", true, "1.602176634e-19", "J"},
	{"[g]", true, "9.80665", "m/s2"}, {"gf", true, "1", "g.[g]"}, {"atm", false, "101325", "Pa"}, {"att", false, "1", "kgf/cm2"},
	{"m[H2O]", true, "9.80665", "kPa"}, {"m[Hg]", true, "133.322", "kPa"}, {"[c]", true, "299792458", "m/s"},
	{"[e]", true, "1.602176634e-19", "C"}, {"Ao", false, "0.1", "nm"}, {"dyn", true, "1e-5", "N"}, {"erg", true, "1e-7", "J"},
	{"P", true, "0.1", "Pa.s"}, {"St", true, "1", "cm2/s"}, {"G", true, "1e-4", "T"}, {"Mx", true, "1e-8", "Wb"},
	{"cal", true, "4.184", "J"}, {"cal_th", true, "4.184", "J"}, {"cal_IT", true, "4.1868", "J"}, {"[Cal]", false, "1", "kcal_th"},
	{"[Btu_IT]", false, "1.05505585262", "kJ"}, {"[Btu]", false, "1.05505585262", "kJ"}, {"[Btu_th]", false, "1.05435", "kJ"},
	{"[in_i]", false, "2.54", "cm"}, {"[ft_i]", false, "12", "[in_i]"}, {"[yd_i]", false, "3", "[ft_i]"}, {"[mi_i]", false, "5280", "[ft_i]"},
	{"[mil_i]", false, "1e-3", "[in_i]"}, {"[nmi_i]", false, "1852", "m"}, {"[kn_i]", false, "1", "[nmi_i]/h"},
	{"[sin_i]", false, "1", "[in_i]2"}, {"[sft_i]", false, "1", "[ft_i]2"}, {"[syd_i]", false, "1", "[yd_i]2"},
	{"[cin_i]", false, "1", "[in_i]3"}, {"[cft_i]", false, "1", "[ft_i]3"}, {"[cyd_i]", false, "1", "[yd_i]3"},
	{"[ft_us]", false, "1200/3937", "m"}, {"[acr_us]", false, "43560", "[ft_us]2"},
	{"[lb_av]", false, "0.45359237", "kg"}, {"[oz_av]", false, "1/16", "[lb_av]"}, {"[gr]", false, "1/7000", "[lb_av]"},
	{"[ston_av]", false, "2000", "[lb_av]"}, {"[lton_av]", false, "2240", "[lb_av]"}, {"[lbf_av]", false, "1", "[lb_av].[g]"},
	{"[psi]", false, "1", "[lbf_av]/[in_i]2"}, {"[HP]", false, "550", "[ft_i].[lbf_av]/s"},
	{"[in_i'H2O]", false, "0.0254", "m[H2O]"}, {"[in_i'Hg]", false, "0.0254", "m[Hg]"},
	{"[gal_us]", false, "231", "[in_i]3"}, {"[qt_us]", false, "1/4", "[gal_us]"}, {"[pt_us]", false, "1/8", "[gal_us]"},
	{"[foz_us]", false, "1/128", "[gal_us]"}, {"[bbl_us]", false, "42", "[gal_us]"}, {"[gal_br]", false, "4.54609", "l"},
	{"[degR]", false, "5/9", "K"}, {"By", true, "8", "bit"}, {"Bd", true, "1", "s-1"},
}
