package unit_test

import (
	"math"
	"strings"
	"testing"

	"mereon/schema/fault"
	"mereon/schema/unit"
)

// The wanted figures are those of NIST SP 811, appendix B, or follow from definitions.
func TestConvertGivesKnownFigures(t *testing.T) {
	for _, c := range []struct {
		value    float64
		from, to string
		want     float64
	}{
		{0, "Cel", "[degF]", 32}, {100, "Cel", "[degF]", 212}, {-40, "[degF]", "Cel", -40}, {20, "Cel", "K", 293.15},
		{0, "K", "Cel", -273.15}, {98.6, "[degF]", "Cel", 37}, {491.67, "[degR]", "Cel", 0},
		{1, "bar", "kPa", 100}, {1, "[psi]", "kPa", 6.894757293168361}, {1, "atm", "bar", 1.01325}, {760, "mm[Hg]", "kPa", 101.32472},
		{3.6, "m3/h", "L/s", 1}, {1, "m3/h", "L/min", 1000.0 / 60}, {1, "[gal_us]/min", "L/min", 3.785411784},
		{1, "kW.h", "MJ", 3.6}, {1, "[Btu_IT]", "J", 1055.05585262}, {1, "[HP]", "W", 745.6998715822702},
		{1500, "1/min", "Hz", 25}, {1500, "/min", "1/s", 25}, {180, "deg", "rad", math.Pi}, {1, "km/h", "m/s", 1 / 3.6},
		{1, "[mi_i]", "km", 1.609344}, {1, "[in_i]", "mm", 25.4}, {1, "[lb_av]", "kg", 0.45359237}, {1, "t", "kg", 1000},
		{50, "%", "1", 0.5}, {1, "%", "[ppm]", 10000}, {1, "MiBy", "kBy", 1048.576}, {8, "Mbit/s", "MBy/s", 1},
		{1, "[g]", "m/s2", 9.80665}, {1, "[kn_i]", "km/h", 1.852}, {1, "uS/cm", "S/m", 1e-4}, {1, "d", "h", 24},
		{10, "dB", "B", 1}, {7, "[pH]", "[pH]", 7}, {5, "{pieces}", "1", 5}, {1, "10*3/uL", "10*9/L", 1}, {1, "kN.m", "N.m", 1000},
		{1, "W/(m2.K)", "mW/(cm2.K)", 0.1}, {1, "m3{normal}/h", "m3/h", 1}, {2, "har", "m2", 20000}, {1, "umol/s", "mol/h", 0.0036},
	} {
		got, err := unit.Convert(c.value, c.from, c.to)
		if err != nil || math.Abs(got-c.want) > 1e-12*math.Max(1, math.Abs(c.want)) {
			t.Errorf("Convert(%v, %q, %q) = %v, %v, want %v", c.value, c.from, c.to, got, err, c.want)
		}
	}
}

func TestConvertRefusesOtherDimensionsWithTheReason(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"m3/h", "kg/h", "m3/h cannot be converted to kg/h: their dimensions are m3.s-1 and s-1.kg"},
		{"bar", "Cel", "bar cannot be converted to Cel: their dimensions are m-1.s-2.kg and K"},
		{"mol/L", "1/L", "mol/L cannot be converted to 1/L: their dimensions are m-3.mol and m-3"},
		{"dB", "1", "dB cannot be converted to 1: their dimensions are B and 1"},
		{"rpm", "1/s", `"rpm" is no UCUM unit: there is no rpm: write 1/min`},
		{"", "bar", "a value without a unit cannot be converted: give the property a @unit"},
	} {
		_, err := unit.Convert(1, c.from, c.to)
		if err == nil || err.Error() != c.want || fault.CodeOf(err) != fault.Invalid {
			t.Errorf("Convert(1, %q, %q): %v, want %s", c.from, c.to, err, c.want)
		}
	}
}

func TestHintSaysWhatToWrite(t *testing.T) {
	for code, want := range map[string]string{
		"rpm": "write 1/min", "m³/h": "write m3/h", "m^3/h": "write m3/h", "°C": "write Cel", "kWh": "write kW.h",
		"kWh/t": "write kW.h/t", "m/s²": "write m/s2", "µm": "write um", "l/hr": "write l/h", "Nm3/h": "write m3{normal}/h",
	} {
		if got := unit.Hint(code); got != want {
			t.Errorf("Hint(%q) = %q, want %q", code, got, want)
		}
		if _, err := unit.Parse(strings.TrimPrefix(want, "write ")); err != nil {
			t.Errorf("the hint for %q cannot be parsed: %v", code, err)
		}
		if _, err := unit.Parse(code); err == nil {
			t.Errorf("Parse(%q) accepts it", code)
		}
	}
}

func TestParseRefusesWhatIsNoTerm(t *testing.T) {
	for _, code := range []string{
		"", "/", "m//s", "m.", "(m", "m)", "m{", "{}m", "m3h", "Cel/min", "kCel", "Cel2", "m99", "m0", "0", "h/h/h/", "mh", "[", "[ppm",
		"((((((((((m))))))))))", strings.Repeat("m.", 60) + "m", "m20.m20.m20", "B.[pH]", "M[degF]",
	} {
		if u, err := unit.Parse(code); err == nil {
			t.Errorf("Parse(%q) = %s, want an error", code, u.Dimension())
		}
	}
}

func TestConversionAppliesWithoutAllocation(t *testing.T) {
	c, err := unit.Between("[degF]", "Cel")
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	if n := testing.AllocsPerRun(100, func() { sum += c.Apply(50) }); n != 0 {
		t.Errorf("Apply allocates %v times", n)
	}
	if same, _ := unit.Between("L/s", "l/s"); !same.Identity() || c.Identity() {
		t.Errorf("Identity of L/s to l/s = %v, of [degF] to Cel = %v", same.Identity(), c.Identity())
	}
}

func FuzzParse(f *testing.F) {
	for _, code := range []string{"m3/h", "kW.h", "Cel", "[degF]", "10*-6", "m{a}2", "W/(m2.K)", "''", "/min", "B[SPL]", "kg.m/s2"} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		u, err := unit.Parse(code)
		unit.Hint(code)
		if err != nil {
			return
		}
		c, err := unit.Between(code, code)
		if err != nil || !c.Identity() {
			t.Fatalf("%q to itself is %+v, %v", code, c, err)
		}
		if !u.Compatible(u) {
			t.Fatalf("%q is not compatible with itself", code)
		}
	})
}
