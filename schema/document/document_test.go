package document

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

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
a.yaml:3:8: every takes a duration, not "3"
    every: 3
           ^
    Write for example 500ms, 10s, 1h30m, 1d or PT5S.
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

// pair may be written as one text or as a list of two.
type pair [2]string

func (p *pair) DecodeDocument(d *Decoder, n *yaml.Node) {
	switch n.Kind {
	case yaml.ScalarNode:
		p[0], p[1] = n.Value, n.Value
	case yaml.SequenceNode:
		d.Decode(n.Content[0], &p[0])
		d.Decode(n.Content[1], &p[1])
	default:
		d.Wrong(n, "Write a, or [a, b].", "a pair is a text or a list")
	}
}

type base struct {
	Path string `yaml:"path,required"`
	At   fault.Position
}

type derived struct {
	base
	First  pair  `yaml:"first"`
	Second *pair `yaml:"second"`
	Third  pair  `yaml:"third"`
}

func TestAFormReadsItsOwnNodeAndEmbeddedFieldsAreTheStructsOwn(t *testing.T) {
	var got derived
	file := schema.File{Name: "a.yaml", Text: "path: p\nfirst: a\nsecond: [b, c]\nthird: {d: e}\nlimt: 3\n"}
	node, problems := Parse(file)
	if problems != nil {
		t.Fatal(problems)
	}
	problems = DecodeNode(file, node, &got, "limit")
	second := pair{"b", "c"}
	want := derived{base: base{Path: "p", At: fault.Position{File: "a.yaml", Line: 1, Column: 1}}, First: pair{"a", "a"}, Second: &second}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(derived{})); diff != "" {
		t.Errorf("decoded differently (-want +got):\n%s", diff)
	}
	said := `a.yaml:4:8: a pair is a text or a list
    third: {d: e}
           ^
    Write a, or [a, b].
a.yaml:5:1: unknown key "limt"
    limt: 3
    ^
    Did you mean limit?`
	if diff := cmp.Diff(said, problems.Error()); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}

func TestDurationsAreWrittenAsInTheModelAndNotNegative(t *testing.T) {
	for text, want := range map[string]time.Duration{"250ms": 250 * time.Millisecond, "1d12h": 36 * time.Hour, "PT5S": 5 * time.Second} {
		var got sample
		if problems := Decode(schema.File{Name: "a.yaml", Text: "name: x\nevery: " + text}, &got); problems != nil || got.Every != want {
			t.Errorf("every: %s is %v, %v, want %v", text, got.Every, problems, want)
		}
	}
	for _, text := range []string{"-5s", "5", "P1Y", "d"} {
		var got sample
		if problems := Decode(schema.File{Name: "a.yaml", Text: "name: x\nevery: " + text}, &got); len(problems) != 1 {
			t.Errorf("every: %s gave %v, want one problem", text, problems)
		}
	}
}

func TestQuoteAddsSourceLinesOfItsFileOnly(t *testing.T) {
	list := fault.List{{Position: fault.Position{File: "a", Line: 2}}, {Position: fault.Position{File: "b", Line: 2}}, {Position: fault.Position{File: "a", Line: 9}}}
	Quote(schema.File{Name: "a", Text: "x\r\ny\r\n"}, list)
	if list[0].Source != "y" || list[1].Source != "" || list[2].Source != "" {
		t.Errorf("Quote gave %+v", list)
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
