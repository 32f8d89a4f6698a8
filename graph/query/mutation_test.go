package query

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/schema/access"
	"mereon/schema/fault"
)

func (p *plant) data(t *testing.T, text string, variables map[string]any) string {
	t.Helper()
	r := p.ask(t, text, variables)
	for _, e := range r.Errors {
		t.Errorf("error at %s: %s", e.Path, e.Message)
	}
	return string(r.Data)
}

func TestMutationsAreSeenByTheirOwnAnswer(t *testing.T) {
	p := newPlant(t)
	steps := []struct{ operation, want string }{
		{`mutation { createPump(input: {id: "p9", name: "Nine", serialNumber: "P-9", ratedFlow: 3, motor: {ratedSpeed: 900}, location: "hall-1", feeds: [{to: "pump-1", props: {diameter: 40}}], tags: "new"}) { id name ratedFlow tags motor { ratedSpeed } location { id } feeds { edges { props node { id } } } flow { status } } }`,
			`{"createPump":{"id":"p9","name":"Nine","ratedFlow":3,"tags":["new"],"motor":{"ratedSpeed":900},"location":{"id":"hall-1"},"feeds":{"edges":[{"props":{"diameter":40},"node":{"id":"pump-1"}}]},"flow":{"status":"NOT_FOUND"}}}`},
		{`mutation { updatePump(id: "p9", set: {name: "Neun", ratedFlow: null, feeds: [{to: "pump-2"}]}) { name ratedFlow serialNumber feeds { nodes { id } } } }`,
			`{"updatePump":{"name":"Neun","ratedFlow":null,"serialNumber":"P-9","feeds":{"nodes":[{"id":"pump-2"}]}}}`},
		{`mutation { relate(from: "p9", name: "feeds", to: "pump-3") { id ... on Pump { feeds { nodes { id } } } } second: unrelate(from: "p9", name: "feeds", to: "pump-2") { ... on Pump { feeds { nodes { id } } } } }`,
			`{"relate":{"id":"p9","feeds":{"nodes":[{"id":"pump-2"},{"id":"pump-3"}]}},"second":{"feeds":{"nodes":[{"id":"pump-3"}]}}}`},
		{`mutation { apply(dryRun: true, changes: [{delete: {id: "p9"}}, {create: {type: "Space", input: {id: "attic"}}}]) { dryRun created deleted } }`,
			`{"apply":{"dryRun":true,"created":["attic"],"deleted":["p9"]}}`},
		{`mutation { apply(changes: [{create: {type: "Space", input: {id: "attic", name: "Attic"}}}, {update: {id: "p9", set: {location: "attic"}}}]) { dryRun created updated relationships } }`,
			`{"apply":{"dryRun":false,"created":["attic"],"updated":["p9"],"relationships":2}}`},
		{`mutation { __typename deletePump(id: "p9") }`, `{"__typename":"Mutation","deletePump":"p9"}`},
		{`{ pump(id: "p9") { id } space(id: "attic") { name equipment { totalCount } } }`, `{"pump":null,"space":{"name":"Attic","equipment":{"totalCount":0}}}`},
	}
	for _, s := range steps {
		if diff := cmp.Diff(s.want, p.data(t, s.operation, nil)); diff != "" {
			t.Fatalf("%s\n%s", s.operation, diff)
		}
	}
}

func TestAMutationThatFailsIsNullAndSaysEverything(t *testing.T) {
	p := newPlant(t)
	r := p.ask(t, `mutation {
		bad: createPump(input: {id: "p9", ratedFlow: -1, location: "pump-1"}) { id }
		good: createPump(input: {id: "p8", serialNumber: "P-8"}) { id }
		taken: createPump(input: {id: "p7", serialNumber: "P-8"}) { id }
		stale: updatePump(id: "p8", set: {name: "x"}, ifRevision: 1) { id }
		other: deletePump(id: "valve-1")
		parent: deletePump(id: "pump-1")
	}`, nil)
	want := `{"bad":null,"good":{"id":"p8"},"taken":null,"stale":null,"other":null,"parent":null}`
	if diff := cmp.Diff(want, string(r.Data)); diff != "" {
		t.Error(diff)
	}
	var got []string
	for _, e := range r.Errors {
		got = append(got, e.Path.String()+" "+string(e.Code))
	}
	if diff := cmp.Diff([]string{"bad INVALID", "taken CONFLICT", "stale CONFLICT", "other NOT_FOUND", "parent CONFLICT"}, got); diff != "" {
		t.Error(diff)
	}
	for _, part := range []string{"serialNumber is required", "ratedFlow", "location"} {
		if !strings.Contains(r.Errors[0].Message, part) {
			t.Errorf("%q is missing in %s", part, r.Errors[0].Message)
		}
	}
}

func TestChangingNeedsTheRoleOperatorAndReadingAnyRole(t *testing.T) {
	p := newPlant(t)
	viewer := access.NewContext(t.Context(), access.Principal{Name: "wall", Role: access.Viewer})
	change := p.plan(t, `mutation { deletePump(id: "pump-2") }`)
	read := p.plan(t, `{ pump(id: "pump-2") { id } }`)
	if r := change.Execute(viewer, Request{}); len(r.Errors) != 1 || r.Errors[0].Code != fault.Forbidden || r.Data != nil {
		t.Errorf("a viewer changed: %+v", r)
	}
	if r := read.Execute(viewer, Request{}); string(r.Data) != `{"pump":{"id":"pump-2"}}` {
		t.Errorf("a viewer cannot read: %s", r.Data)
	}
	if r := read.Execute(t.Context(), Request{}); len(r.Errors) != 1 || r.Errors[0].Code != fault.Forbidden {
		t.Errorf("nobody can read: %s", r.Data)
	}
}
