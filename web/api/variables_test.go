package api

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAMistakeInVariablesIsRefusedWithItsPath(t *testing.T) {
	p := newPlant(t, roomy)
	for _, c := range []struct {
		where any
		want  string
	}{
		{map[string]any{"and": []any{map[string]any{"nmae": map[string]any{"eq": "x"}}}}, "variable.w.and[0]: unknown field of PumpFilter; did you mean name?"},
		{map[string]any{"ratedFlow": map[string]any{"eq": "x"}}, "variable.w.ratedFlow.eq: cannot use"},
		{7, "variable.w: must be a PumpFilter"},
	} {
		body, err := json.Marshal(map[string]any{"query": `query($w: PumpFilter) { pumps(where: $w) { totalCount } }`, "variables": map[string]any{"w": c.where}})
		if err != nil {
			t.Fatal(err)
		}
		r := p.ask(t, "POST", "/graphql", body, "Content-Type", "application/json")
		if !strings.Contains(r.text, c.want) || !strings.Contains(r.text, `"INVALID"`) {
			t.Errorf("%s, want %s", r.text, c.want)
		}
	}
}

func TestAVariableWithoutAValueIsToldWithItsType(t *testing.T) {
	p := newPlant(t, roomy)
	for _, variables := range []string{`{}`, `{"n": null}`} {
		r := p.ask(t, "POST", "/graphql", []byte(`{"query": "query($n: Int!) { pumps(first: $n) { totalCount } }", "variables": `+variables+`}`), "Content-Type", "application/json")
		if !strings.Contains(r.text, "variable.n: a value of type Int! is needed; give it in variables") {
			t.Errorf("with %s: %s", variables, r.text)
		}
	}
}
