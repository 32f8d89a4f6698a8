package query_test

import (
	"testing"

	"mereon/graph/query"
	"mereon/schema"
)

type slashes struct{}

func (slashes) Escape(_, value string) string { return "<" + value + ">" }

func TestReferencesComeFromTheEntityThenFromTheModel(t *testing.T) {
	template, err := schema.ParseTemplate("pumps/{number}/{entity.line}/flow")
	if err != nil {
		t.Fatal(err)
	}
	of := func(connector string, ref schema.Template) query.Series {
		live := &schema.LiveBinding{Connector: connector, Ref: ref}
		return query.SeriesOf(schema.Leaf{Path: "drive.flow", Within: "drive", Property: &schema.Property{Name: "flow", Live: live}})
	}
	modelled, unbound := of("plant", template), of("", schema.Template{Texts: []string{""}})
	if got := modelled.Paths; len(got) != 2 || got[0] != "drive.number" || got[1] != "line" {
		t.Fatalf("Paths = %v, want drive.number and line", got)
	}
	values := []schema.Value{schema.IntOf(7), schema.StringOf("a")}
	for _, c := range []struct {
		name           string
		series         query.Series
		bindings       string
		values         []schema.Value
		connector, ref string
		why            string
	}{
		{"the model's", modelled, "", values, "plant", "pumps/<7>/<a>/flow", ""},
		{"another's binding", modelled, `{"drive.speed": {"ref": "x"}}`, values, "plant", "pumps/<7>/<a>/flow", ""},
		{"its own", modelled, `{"drive.flow": {"connector": "lab", "ref": "x7"}}`, values, "lab", "x7", ""},
		{"its own, of the model's connector", modelled, `{"drive.flow": {"ref": "x7"}}`, values, "plant", "x7", ""},
		{"a value is missing", modelled, "", []schema.Value{schema.IntOf(7), schema.Null}, "", "", "line has no value"},
		{"no ref", modelled, `{"drive.flow": {"connector": "lab"}}`, values, "", "", "bindings.drive.flow has no ref"},
		{"no connector", unbound, `{"drive.flow": {"ref": "x7"}}`, nil, "", "", "bindings.drive.flow has no connector"},
		{"no binding", unbound, "", nil, "", "", "drive.flow has no series; name one under bindings"},
		{"another form", modelled, `{"drive.flow": "x7"}`, values, "", "", `bindings are not written as {"flow": {"connector": "lab", "ref": "x7"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			bindings := schema.Null
			if c.bindings != "" {
				bindings = schema.JSONOf(c.bindings)
			}
			connector, ref, why := c.series.Reference(bindings, c.values, slashes{})
			if connector != c.connector || ref != c.ref || why != c.why {
				t.Errorf("Reference(%s) = %q, %q, %q, want %q, %q, %q", c.bindings, connector, ref, why, c.connector, c.ref, c.why)
			}
		})
	}
}
