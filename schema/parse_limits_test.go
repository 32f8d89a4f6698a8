package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"mereon/schema"
)

func TestParseRefusesHostileModels(t *testing.T) {
	var circle, deep, fan, wide, many, inverses strings.Builder
	for i := range 200 {
		fmt.Fprintf(&circle, "interface I%d implements I%d @asset\n", i, (i+1)%200)
		fmt.Fprintf(&deep, "interface I%d implements I%d @asset\n", i, i+1)
	}
	deep.WriteString("interface I200 @asset\n")
	for i := range 40 {
		fmt.Fprintf(&fan, "type C%d @component { a: C%d b: C%d }\n", i, i+1, i+1)
	}
	fan.WriteString("type C40 @component { x: Int }\ntype T @asset { c: C0 }\n")
	wide.WriteString("type Wide @asset {\n")
	for i := range schema.MaxFields + 1 {
		fmt.Fprintf(&wide, "  f%d: Int\n", i)
	}
	wide.WriteString("}\n")
	many.WriteString("type C0 @component {\n" + fields(1000, "Int") + "}\n")
	for i := range 4100 {
		fmt.Fprintf(&many, "type T%d @asset { c: C0 }\n", i)
	}
	for i := range 45 {
		fmt.Fprintf(&inverses, "type S%d @asset {\n", i)
		for j := range 50 {
			fmt.Fprintf(&inverses, "  to%d: [Entity!] @relation(name: \"r%d_%d\", inverse: \"i%d_%d\")\n", j, i, j, i, j)
		}
		inverses.WriteString("}\n")
	}
	for name, c := range map[string]struct{ text, want string }{
		"circle of parents":        {circle.String(), "implement each other"},
		"deep inheritance":         {deep.String(), "more than 63 steps below its first ancestor"},
		"multiplying components":   {fan.String(), "fields, those of its components included"},
		"many fields":              {wide.String(), "has 2001 fields; at most 2000 are allowed"},
		"many large components":    {many.String(), "or all types more than 1000000"},
		"inverses on everything":   {inverses.String(), "leave out inverses that nobody follows"},
		"large file":               {strings.Repeat("#", schema.MaxFileBytes+1), "bytes; at most"},
		"deep literal":             {"type A @asset @source(format: \"x\", data: " + strings.Repeat("[", 100000), "nesting depth"},
		"many mistakes":            {"type A @asset {\n" + fields(2000, "Nothing") + "}", "and 1500 more mistakes"},
		"long name":                {"type " + strings.Repeat("A", 300) + " @asset", "at most 128 are allowed"},
		"many tokens":              {strings.Repeat("a ", schema.MaxTokens), "syntax"},
		"no text at all":           {"\x00\xff\xfe", "syntax"},
		"byte order mark and junk": {"\uFEFF type", "syntax"},
	} {
		t.Run(name, func(t *testing.T) {
			model, problems := schema.Parse([]schema.File{{Name: "a.graphql", Text: c.text}})
			if model != nil || !strings.Contains(problems.Error(), c.want) {
				t.Errorf("Parse = %v, want a mistake with %q, got %.300s", model != nil, c.want, problems.Error())
			}
		})
	}
}

func fields(n int, typ string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  f%d: %s\n", i, typ)
	}
	return b.String()
}

func TestParseChecksOtherFilesBesideABrokenOne(t *testing.T) {
	model, problems := schema.Parse([]schema.File{
		{Name: "b.graphql", Text: "type Pump @asset {\n  motor: Motor\n  speed: Float @unit(code: \"rpm\")\n}"},
		{Name: "a.graphql", Text: "type Motor @component {"},
		{Name: "c.graphql", Text: "type Pump @asset"},
	})
	got := problems.Error()
	for _, want := range []string{"a.graphql:1:24: syntax: ", "b.graphql:3:29: ", "c.graphql:1:6: Pump is declared twice; the first is at b.graphql:1:6"} {
		if !strings.Contains(got, want) {
			t.Errorf("Parse does not say %q", want)
		}
	}
	if model != nil || len(problems) != 3 || strings.Contains(got, "no type Motor") {
		t.Errorf("Parse says %d things, want 3: what may be in the broken file is not missed:\n%s", len(problems), got)
	}
}

func TestHashIsThatOfTheFilesInAnyOrder(t *testing.T) {
	a, b := schema.File{Name: "a", Text: "type A @asset"}, schema.File{Name: "b", Text: "type B @asset"}
	first, _ := schema.Parse([]schema.File{a, b})
	second, _ := schema.Parse([]schema.File{b, a})
	other, _ := schema.Parse([]schema.File{{Name: "a", Text: "type A @asset "}, b})
	if first.Hash != second.Hash || first.Hash == other.Hash || len(first.Hash) != 64 {
		t.Errorf("hashes are %s, %s and %s, want the first two equal", first.Hash, second.Hash, other.Hash)
	}
	if empty, problems := schema.Parse(nil); empty == nil || len(problems) > 0 {
		t.Errorf("Parse(nil) = %v, %v, want an empty model", empty, problems)
	}
}

func TestParseNamesTheSecondFileOfAName(t *testing.T) {
	file := schema.File{Name: "a.graphql", Text: "type A @asset"}
	if model, problems := schema.Parse([]schema.File{file, file}); model != nil || !strings.Contains(problems.Error(), "two files have the name") {
		t.Errorf("Parse = %v, %v", model, problems)
	}
}

// BenchmarkParse reads an ontology of 2,000 types.
func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	text.WriteString("interface Type0 @asset { label: String serial: String flow: Float @live(connector: \"a\", ref: \"{serial}\") @unit(code: \"m3/h\") }\n")
	for i := 1; i < 2000; i++ {
		fmt.Fprintf(&text, "interface Type%d implements Type%d @asset(instantiable: true) { own%d: Float @unit(code: \"kW.h\") feeds%d: [Type0!] @relation(inverse: \"fedBy%d\") }\n", i, i/8, i, i%50, i%50)
	}
	files := []schema.File{{Name: "a.graphql", Text: text.String()}}
	for b.Loop() {
		if model, problems := schema.Parse(files); model == nil {
			b.Fatal(problems.Error())
		}
	}
}
