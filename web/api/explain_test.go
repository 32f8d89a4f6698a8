package api

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestExplainShowsThePlanAndRunsOnlyWhenAsked(t *testing.T) {
	p := newPlant(t, roomy)
	explain := func(arguments string) (text string, data map[string]any, r reply) {
		r = p.query(t, `{ explain(`+arguments+`) { text steps cost costLimit took errors } }`)
		var whole struct {
			Data struct{ Explain map[string]any }
		}
		if err := json.Unmarshal([]byte(r.text), &whole); err != nil {
			t.Fatal(err)
		}
		text, _ = whole.Data.Explain["text"].(string)
		return text, whole.Data.Explain, r
	}
	text, data, _ := explain(`operation: "query($n: Int) { pumps(first: $n) { nodes { id feeds { nodes { id } } } } server { role } }", variables: {n: 7}`)
	for _, want := range []string{"pumps ← graph: select  [cost up to ", "first 7", "└─ feeds ← graph: expand feeds", "control ← server: server"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if data["took"] != nil || data["cost"].(float64) < 7 || data["costLimit"].(float64) != 100_000_000 {
		t.Errorf("%v", data)
	}
	text, data, _ = explain(`operation: "{ pumps(first: 3) { nodes { id } } }", run: true`)
	if took, _ := data["took"].(map[string]any); !strings.Contains(text, "3 rows, 1 key, 1 call, ") || took["rows"] != 3.0 {
		t.Errorf("%s %v", text, data)
	}
	for arguments, want := range map[string]string{
		`operation: "{ pump }"`: "INVALID",
		`operation: "mutation { deletePump(id: \"p119\") }", run: true`:      "only queries are run",
		`operation: "{ pumps { nodes { id } } }", variables: 7`:              "variables must be an object",
		`operation: "query($n: Int!) { pumps(first: $n) { nodes { id } } }"`: "INVALID",
		`operation: "{ pumps(first: 10000) { nodes { feeds(first: 10000) { nodes { feeds(first: 10000) { nodes { feeds(first: 10000) { nodes { feeds(first: 10000) { nodes { id } } } } } } } } } } }"`: "limits.cost",
	} {
		if _, _, r := explain(arguments); len(r.Errors) != 1 || !strings.Contains(r.text, want) {
			t.Errorf("%s: %s, want %s", arguments, r.text, want)
		}
	}
}
