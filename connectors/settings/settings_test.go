package settings

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/schema/fault"
)

type sample struct {
	Path  string        `yaml:"path,required"`
	Every time.Duration `yaml:"every"`
	Keys  map[string]struct {
		Limit float64 `yaml:"limit"`
	} `yaml:"keys"`
	List []int `yaml:"list"`
	At   fault.Position
}

func TestDecodeTellsEveryMistakeWithItsLine(t *testing.T) {
	var s sample
	text := "every: fast\nevry: 5s\nlist: {a: 1}\nkeys:\n  a: {limit: x}\n  a: {limit: 1}\n"
	got := Parse("x.yaml", []byte(text), &s).Error()
	want := []string{
		`x.yaml:1:1: "path" is missing`,
		`x.yaml:1:8: "fast" is not a duration`,
		"x.yaml:2:1: unknown key \"evry\"\n    evry: 5s\n    ^\n    did you mean \"every\"?",
		`x.yaml:3:7: this must be a list, not a mapping`,
		`x.yaml:5:14: "x" is not a number`,
		`x.yaml:6:3: "a" is written twice; the first is in line 5`,
	}
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("missing %q in\n%s", w, got)
		}
	}
}

func TestDecodeFillsFieldsAndPositions(t *testing.T) {
	var s sample
	if err := Parse("x.yaml", []byte("path: a.csv\nevery: 1d12h\nlist: [1, 2]\nkeys: {k: {limit: 2.5}}"), &s).Err(); err != nil {
		t.Fatal(err)
	}
	if s.Path != "a.csv" || s.Every != 36*time.Hour || s.Keys["k"].Limit != 2.5 || s.At.Line != 1 {
		t.Errorf("decoded %+v", s)
	}
	if diff := cmp.Diff([]int{1, 2}, s.List); diff != "" {
		t.Error(diff)
	}
}

func TestDurationForms(t *testing.T) {
	for text, want := range map[string]time.Duration{"250ms": 250 * time.Millisecond, "1d": 24 * time.Hour, "PT5S": 5 * time.Second,
		"P1DT1H": 25 * time.Hour, "1h30m": 90 * time.Minute, "0s": 0} {
		if got, err := Duration(text); err != nil || got != want {
			t.Errorf("Duration(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "-1s", "P1Y", "1e99d", "d", "99999999999999d"} {
		if got, err := Duration(text); err == nil {
			t.Errorf("Duration(%q) = %v, want an error", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("path: a\nkeys: &a {k: {limit: 1}}\nlist: [1]\n")
	f.Add("a: &a [*a]\nlist: *a")
	f.Fuzz(func(t *testing.T, text string) {
		var s sample
		Parse("x.yaml", []byte(text), &s)
	})
}
