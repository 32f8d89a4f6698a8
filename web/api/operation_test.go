package api

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keys returns the keys of data in the order written.
func (r *reply) keys(t testing.TB) []string {
	t.Helper()
	var whole struct{ Data json.RawMessage }
	if err := json.Unmarshal([]byte(r.text), &whole); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(whole.Data)))
	var keys []string
	for depth := 0; ; {
		token, err := d.Token()
		if err != nil {
			return keys
		}
		switch token := token.(type) {
		case json.Delim:
			depth += map[json.Delim]int{'{': 1, '[': 1, '}': -1, ']': -1}[token]
		case string:
			if depth == 1 {
				keys = append(keys, token)
				var skip json.RawMessage
				if err := d.Decode(&skip); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestFieldsOfBothPlanesComeInDocumentOrder(t *testing.T) {
	p := newPlant(t, roomy)
	for _, c := range []struct {
		document string
		want     []string
	}{
		{`{ server { role } pumps(first: 1) { totalCount } model { hash } }`, []string{"server", "pumps", "model"}},
		{`{ pumps(first: 1) { totalCount } server { role } __typename entity(id: "p001") { id } }`, []string{"pumps", "server", "__typename", "entity"}},
		{`{ b: server { role } ...F } fragment F on Query { a: pumps(first: 1) { totalCount } ... on Query { c: model { hash } } }`, []string{"b", "a", "c"}},
		{`{ server { role } __typename }`, []string{"server", "__typename"}},
		{`{ __typename }`, []string{"__typename"}},
		{`{ server { role } ... @skip(if: true) { model { hash } pumps { totalCount } } valves { totalCount } }`, []string{"server", "valves"}},
		{`query($x: Boolean = true) { server @skip(if: $x) { role } ...F @include(if: $x) model { hash } server { role } } fragment F on Query { pumps(first: 1) { totalCount } }`, []string{"pumps", "model", "server"}},
		{`query($x: Boolean = false) { server @skip(if: $x) { role } ...F @include(if: $x) model { hash } ...F server { role } } fragment F on Query { pumps(first: 1) { totalCount } }`, []string{"server", "model", "pumps"}},
		{`mutation { __typename a: planProject(files: []) { applied } }`, []string{"__typename", "a"}},
		{`mutation { deletePump(id: "p119") __typename }`, []string{"deletePump", "__typename"}},
	} {
		r := p.query(t, c.document)
		if diff := cmp.Diff(c.want, r.keys(t)); diff != "" || len(r.Errors) > 0 {
			t.Errorf("%s: %s\n%s", c.document, diff, r.text)
		}
	}
}

func TestSelectionsOfOneRootFieldAreMerged(t *testing.T) {
	p := newPlant(t, roomy)
	r := p.query(t, `{ server { role } pumps(first: 1) { totalCount } server { version } pumps(first: 1) { nodes { id } } }`)
	want := map[string]any{
		"server": map[string]any{"role": "operator", "version": "test"},
		"pumps":  map[string]any{"totalCount": 120.0, "nodes": []any{map[string]any{"id": "p000"}}},
	}
	if diff := cmp.Diff(want, r.Data); diff != "" {
		t.Errorf("%s\n%s", diff, r.text)
	}
}

func TestConditionsOnFragmentsReachTheControlPlane(t *testing.T) {
	p := newPlant(t, roomy)
	document := `query($with: Boolean!) { ... on Query @include(if: $with) { server { role } } ...M @skip(if: $with) pumps(first: 1) { totalCount } } fragment M on Query { model { hash } }`
	for with, want := range map[bool][]string{true: {"server", "pumps"}, false: {"model", "pumps"}} {
		for range 2 { // the second is warm
			r := p.ask(t, "POST", "/graphql", requestOf(document, map[string]any{"with": with}), "Content-Type", "application/json")
			if diff := cmp.Diff(want, r.keys(t)); diff != "" {
				t.Errorf("with = %v: %s\n%s", with, diff, r.text)
			}
		}
	}
}

func TestMutationsRunInDocumentOrderAcrossPlanes(t *testing.T) {
	p := newPlant(t, roomy)
	r := p.query(t, `mutation {
		a: planProject(files: []) { revision }
		createPump(input: {id: "new", name: "New", serialNumber: "N-1"}) { id }
		b: planProject(files: []) { revision }
		updatePump(id: "new", set: {name: "Newer"}) { name }
		deletePump(id: "new")
		c: planProject(files: []) { revision }
	}`)
	if len(r.Errors) > 0 {
		t.Fatal(r.text)
	}
	revision := func(key string) float64 { return r.Data[key].(map[string]any)["revision"].(float64) }
	if b, c := revision("b")-revision("a"), revision("c")-revision("a"); b != 1 || c != 3 {
		t.Errorf("revisions went on by %v and %v, want 1 and 3: %s", b, c, r.text)
	}
	if diff := cmp.Diff([]string{"a", "createPump", "b", "updatePump", "deletePump", "c"}, r.keys(t)); diff != "" {
		t.Error(diff)
	}
}

func TestDeferIsDeliveredAtOnce(t *testing.T) {
	p := newPlant(t, roomy)
	r := p.query(t, `{ ... @defer { server { role } } pumps(first: 1) { ...N @defer } } fragment N on PumpConnection { totalCount }`)
	if diff := cmp.Diff(map[string]any{"server": map[string]any{"role": "operator"}, "pumps": map[string]any{"totalCount": 120.0}}, r.Data); diff != "" {
		t.Errorf("%s\n%s", diff, r.text)
	}
}

func TestAnErrorOfTheControlPlaneKeepsItsPath(t *testing.T) {
	p := newPlant(t, roomy)
	r := p.query(t, `mutation { plan: planProject(files: [{name: "../x", text: ""}]) { applied } }`)
	if r.code() != "INVALID" || len(r.Errors[0].Path) != 1 || r.Errors[0].Path[0] != "plan" {
		t.Errorf("%s", r.text)
	}
	if strings.Contains(r.text, "../x") {
		t.Errorf("the refusal echoes its input: %s", r.text)
	}
}
