package query

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"

	"mereon/schema/fault"
)

// writer of random operations: every byte is one choice.
type randomOperation struct {
	schema  *ast.Schema
	choices []byte
	b       strings.Builder
	fields  int
}

func (r *randomOperation) pick(n int) int {
	if len(r.choices) == 0 || n <= 1 {
		return 0
	}
	c := int(r.choices[0])
	r.choices = r.choices[1:]
	return c % n
}

func (r *randomOperation) selection(d *ast.Definition, depth int) {
	r.b.WriteString("{ __typename")
	fields := d.Fields
	for k := range 1 + r.pick(4) {
		if r.fields++; r.fields > 60 || len(r.choices) == 0 {
			break
		}
		possible := r.schema.PossibleTypes[d.Name]
		if d.IsAbstractType() && len(possible) > 0 && r.pick(3) == 0 {
			t := possible[r.pick(len(possible))]
			r.b.WriteString(" ... on " + t.Name + " ")
			r.selection(t, depth)
			continue
		}
		f := fields[r.pick(len(fields))]
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		t := r.schema.Types[f.Type.Name()]
		if t.IsCompositeType() && depth == 0 {
			continue
		}
		fmt.Fprintf(&r.b, " f%d_%d: %s", r.fields, k, f.Name)
		r.arguments(f)
		if t.IsCompositeType() {
			r.selection(t, depth-1)
		}
	}
	r.b.WriteString(" }")
}

func (r *randomOperation) arguments(f *ast.FieldDefinition) {
	var given []string
	lookup := f.Arguments.ForName("id") != nil
	for _, a := range f.Arguments {
		switch {
		case a.Type.NonNull:
		case lookup && a.Name == "id" && len(given) == 0: // exactly one key
		case lookup || a.Name == "after" || a.Name == "before" || a.Name == "last" && r.pick(50) > 0 || r.pick(3) > 0:
			continue
		}
		given = append(given, a.Name+": "+r.value(a.Name, a.Type, 3))
	}
	if len(given) > 0 {
		r.b.WriteString("(" + strings.Join(given, ", ") + ")")
	}
}

var randomTexts = map[string][]string{
	"hierarchy": {"place", "parts", "place", "parts", "place", "parts", "nothing"}, "id": {"pump-1", "pump-2", "valve-1", "site"},
	"DateTime": {"2026-03-01T11:59:00Z", "2026-03-01T12:00:00+01:00"}, "Date": {"2020-05-01", "2026-03-02"}, "Duration": {"5s", "PT1M"}, "Decimal": {"1.5"},
	"of": {"site", "hall-1"}, "from": {"pump-1", "pump-3"}, "to": {"pump-2", "pump-3"}, "ids": {"pump-1", "valve-2", "nothing"},
	"via": {"feeds", "isPartOf", "locatedIn"}, "name": {"flow", "feeds", "motor", "load", "motor.maker", "name"},
	"unit": {"m3/h", "l/s", "m3/h", "l/s", "kg", "Cel"}, "type": {"Pump", "Equipment", "Space", "Valve", "Nothing"}, "timeZone": {"UTC", "Europe/Berlin", "Mars"},
	"": {"pump-1", "pump-2", "valve-1", "site", "hall-1", "WO-1", "P-1", "OPEN", "water", "5s", "2026-03-01T11:59:00Z", "2026-03-01", "12.5", ""},
}

func (r *randomOperation) value(name string, t *ast.Type, depth int) string {
	if t.Elem != nil {
		return "[" + r.value(name, t.Elem, depth) + "]"
	}
	d := r.schema.Types[t.NamedType]
	switch {
	case d.Kind == ast.Enum:
		return d.EnumValues[r.pick(len(d.EnumValues))].Name
	case d.Kind == ast.InputObject:
		if depth == 0 && len(d.Fields) > 0 && d.Directives.ForName("oneOf") == nil && d.Name != "Within" {
			return "{}"
		}
		return r.input(d, depth)
	}
	switch t.NamedType {
	case "Int", "Long":
		return fmt.Sprint(max(r.pick(256)-5, -1+b2i(name != "count")))
	case "Float":
		return fmt.Sprintf("%d.5", r.pick(256)-100)
	case "Boolean":
		return []string{"true", "false"}[r.pick(2)]
	}
	texts := randomTexts[t.NamedType]
	if texts == nil {
		texts = randomTexts[name]
	}
	if texts == nil {
		texts = randomTexts[""]
	}
	return fmt.Sprintf("%q", texts[r.pick(len(texts))])
}

func (r *randomOperation) input(d *ast.Definition, depth int) string {
	var parts []string
	if d.Directives.ForName("oneOf") != nil {
		f := d.Fields[r.pick(len(d.Fields))]
		return "{" + f.Name + ": " + r.value(f.Name, f.Type, max(0, depth-1)) + "}"
	}
	for _, f := range d.Fields {
		if f.Type.NonNull || r.pick(len(d.Fields)) == 1 {
			parts = append(parts, f.Name+": "+r.value(f.Name, f.Type, max(0, depth-1)))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// FuzzRandomOperations runs random valid queries: every answer is JSON, no error is a mistake of ours but for nulls, and no
// connector is asked more often than there are levels.
func FuzzRandomOperations(f *testing.F) {
	for i := range 40 {
		seed := make([]byte, 400)
		for k := range seed {
			seed[k] = byte((i*7919 + k*k*31 + k*i*17) >> 3)
		}
		f.Add(seed)
	}
	p := newPlant(f)
	ctx := operator(f.Context())
	f.Fuzz(func(t *testing.T, choices []byte) {
		r := &randomOperation{schema: p.schema, choices: choices}
		r.selection(p.schema.Query, 6)
		text := "query " + r.b.String()
		doc, list := gqlparser.LoadQuery(p.schema, text)
		if list != nil {
			t.Skip(list)
		}
		p.runAny(t, text, doc, ctx)
	})
}

// FuzzDocuments plans and runs any document that is valid.
func FuzzDocuments(f *testing.F) {
	f.Add(list100)
	f.Add(everything)
	f.Add(`query($a: Boolean = true, $u: String) { pumps(first: 3) @include(if: $a) { ...F } } fragment F on PumpConnection { nodes { flow { value(unit: $u) } ...on Node { id } } }`)
	p := newPlant(f)
	ctx := operator(f.Context())
	f.Fuzz(func(t *testing.T, text string) {
		doc, list := gqlparser.LoadQuery(p.schema, text)
		if list != nil || len(doc.Operations) == 0 || doc.Operations[0].Operation == ast.Subscription {
			t.Skip()
		}
		p.runAny(t, text, doc, ctx)
	})
}

func (p *plant) runAny(t *testing.T, text string, doc *ast.QueryDocument, ctx context.Context) {
	t.Helper()
	op := doc.Operations[0]
	variables, err := validator.VariableValues(p.schema, op, nil)
	if err != nil {
		t.Skip(err)
	}
	plan, err := p.engine.Plan(p.schema, op, doc.Fragments, nil)
	if err != nil {
		if fault.CodeOf(err) == fault.Internal {
			t.Fatalf("%v\n%s", err, text)
		}
		return
	}
	result := plan.Execute(ctx, Request{Variables: variables})
	if result.Data == nil || !json.Valid(result.Data) {
		t.Fatalf("not JSON: %s\n%s", result.Data, text)
	}
	for _, e := range result.Errors {
		if e.Code == fault.Internal {
			t.Fatalf("%s at %s\n%s\n%s", e.Message, e.Path, text, result.Data)
		}
	}
	if levels := len(plan.levels) + 2*strings.Count(text, "some:") + 8; result.Explain.Connectors["plant"] > 2*levels {
		t.Errorf("%d questions to one connector for %d levels\n%s", result.Explain.Connectors["plant"], levels, text)
	}
}

func TestRandomOperationsAnswer(t *testing.T) {
	p := newPlant(t)
	ctx := operator(t.Context())
	ran := 0
	for seed := range int64(1500) {
		choices := make([]byte, 600)
		rand.New(rand.NewSource(seed)).Read(choices)
		r := &randomOperation{schema: p.schema, choices: choices}
		r.selection(p.schema.Query, 6)
		text := "query " + r.b.String()
		doc, list := gqlparser.LoadQuery(p.schema, text)
		if list != nil {
			continue
		}
		ran++
		p.runAny(t, text, doc, ctx)
	}
	if ran < 1000 {
		t.Errorf("only %d operations were valid", ran)
	}
}
