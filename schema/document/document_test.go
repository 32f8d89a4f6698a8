package document

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/schema"
	"mereon/schema/fault"
)

type sample struct {
	At      fault.Position    `yaml:"-"`
	Name    string            `yaml:"name,required"`
	Size    int               `yaml:"size"`
	Ratio   *float64          `yaml:"ratio"`
	Every   time.Duration     `yaml:"every"`
	Tags    []string          `yaml:"tags"`
	Parts   map[string]sample `yaml:"parts"`
	Enabled bool              `yaml:"enabled"`
	Free    any               `yaml:"free"`
}

func TestDecodeFillsEveryKindOfField(t *testing.T) {
	var got sample
	problems := Decode(schema.File{Name: "a.yaml", Text: "name: x\nsize: 3\nratio: 0.5\nevery: 10s\ntags: [a, b]\nparts: {p: {name: q}}\nenabled: true\nfree: {a: [1, 2.5, null, yes]}\n"}, &got)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	half := 0.5
	want := sample{
		At: fault.Position{File: "a.yaml", Line: 1, Column: 1}, Name: "x", Size: 3, Ratio: &half, Every: 10 * time.Second, Tags: []string{"a", "b"}, Enabled: true,
		Parts: map[string]sample{"p": {At: fault.Position{File: "a.yaml", Line: 6, Column: 12}, Name: "q"}},
		Free:  map[string]any{"a": []any{int64(1), 2.5, nil, "yes"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decoded differently (-want +got):\n%s", diff)
	}
}

func TestMistakesAreAllReportedWithTheirPlace(t *testing.T) {
	var got sample
	problems := Decode(schema.File{Name: "a.yaml", Text: "nmae: x\nsize: many\nevery: 3\ntags: {a: b}\nparts:\n  p: {name: q, name: r}\n"}, &got)
	want := `a.yaml:1:1: unknown key "nmae"
    nmae: x
    ^
    Did you mean name?
a.yaml:2:7: size takes a whole number, not "many"
    size: many
          ^
a.yaml:3:8: every takes a duration
    every: 3
           ^
    Write for example 500ms, 10s or 5m.
a.yaml:4:7: tags takes a list, not a mapping
    tags: {a: b}
          ^
    Write a list: each element on a line of its own after a dash, or [a, b].
a.yaml:6:16: parts.p.name is written twice
      p: {name: q, name: r}
                   ^
    Remove one of them.
a.yaml:1:1: name is missing
    nmae: x
    ^
    Write name: value.`
	if diff := cmp.Diff(want, problems.Error()); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}

func TestAliasesAreRefused(t *testing.T) {
	_, problems := Parse(schema.File{Name: "a.yaml", Text: "a: &x [1]\nb: *x\n"})
	if len(problems) != 1 || problems[0].Message != "anchors and aliases are not read" {
		t.Errorf("Parse = %v, want one refusal of anchors", problems)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("name: x\nparts: {p: {name: q}}\n")
	f.Add("- a\n- {b: c}\n")
	f.Fuzz(func(t *testing.T, text string) {
		var got sample
		for _, p := range Decode(schema.File{Name: "a.yaml", Text: text}, &got) {
			_ = p.String()
		}
	})
}
