package query

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
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
		{`mutation { apply(changes: [{create: {type: "Space", input: {id: "s", within: "hall-1"}}}, {update: {id: "s", set: {within: "hall-2", new: {equipment: [{valve: {id: "v9", serialNumber: "V-9"}}]}}}}]) { created relationships } }`,
			`{"apply":{"created":["s","v9"],"relationships":2}}`},
		{`{ space(id: "s") { within { id } equipment { nodes { id } } } }`, `{"space":{"within":{"id":"hall-2"},"equipment":{"nodes":[{"id":"v9"}]}}}`},
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

func TestMutationsOfManyAreOneChange(t *testing.T) {
	p := newPlant(t)
	steps := []struct{ operation, want string }{
		{`mutation { createPumps(inputs: [{id: "a", serialNumber: "A", location: "hall-1"}, {id: "b", serialNumber: "B", feeds: [{to: "a"}]}]) { id revision feeds { nodes { id } } } }`,
			`{"createPumps":[{"id":"a","revision":2,"feeds":{"nodes":[]}},{"id":"b","revision":2,"feeds":{"nodes":[{"id":"a"}]}}]}`},
		{`mutation { updatePumps(inputs: [{id: "b", set: {name: "Bee"}, ifRevision: 2}, {id: "a", set: {ratedFlow: 3}}]) { name ratedFlow } }`,
			`{"updatePumps":[{"name":"Bee","ratedFlow":null},{"name":"a","ratedFlow":3}]}`},
		{`mutation { updatePumps(inputs: [{id: "b", set: {feeds: [{to: "pump-1"}], location: "hall-1"}}, {id: "b", set: {feeds: [{to: "pump-2"}], location: "hall-2"}}]) { location { id } feeds { nodes { id } } } }`,
			`{"updatePumps":[{"location":{"id":"hall-2"},"feeds":{"nodes":[{"id":"pump-2"}]}},{"location":{"id":"hall-2"},"feeds":{"nodes":[{"id":"pump-2"}]}}]}`},
		{`mutation { deletePumps(ids: ["b"]) }`, `{"deletePumps":["b"]}`},
		{`mutation { deletePumps(inputs: [{id: "a", ifRevision: 3}]) }`, `{"deletePumps":["a"]}`},
		{`{ nodes(ids: ["a", "b"]) { id } }`, `{"nodes":[null,null]}`},
	}
	for _, s := range steps {
		if diff := cmp.Diff(s.want, p.data(t, s.operation, nil)); diff != "" {
			t.Fatalf("%s\n%s", s.operation, diff)
		}
	}
}

func TestRelatedEntitiesAreCreatedAlong(t *testing.T) {
	p := newPlant(t)
	steps := []struct{ operation, want string }{
		{`mutation { createSpace(input: {id: "hall-9", new: {equipment: [{pump: {id: "a", serialNumber: "A", new: {feeds: [{pump: {id: "b", serialNumber: "B"}, props: {diameter: 80}}]}}}, {valve: {id: "v", serialNumber: "V"}}], within: {space: {id: "site-9"}}}}) {
			within { id } equipment { nodes { id ... on Pump { feeds { edges { props node { id } } } } } } } }`,
			`{"createSpace":{"within":{"id":"site-9"},"equipment":{"nodes":[{"id":"a","feeds":{"edges":[{"props":{"diameter":80},"node":{"id":"b"}}]}},{"id":"v"}]}}}`},
		{`mutation { updatePump(id: "a", set: {new: {feeds: [{pump: {id: "c", serialNumber: "C"}}], location: {space: {id: "hall-10"}}}}) { location { id } feeds { nodes { id } } } }`,
			`{"updatePump":{"location":{"id":"hall-10"},"feeds":{"nodes":[{"id":"b"},{"id":"c"}]}}}`},
		{`mutation { apply(changes: [{create: {type: "Pump", input: {id: "d", serialNumber: "D", new: {fedBy: [{pump: {id: "e", serialNumber: "E"}}]}}}}]) { created } }`, ``},
		{`{ pump(id: "d") { fedBy { nodes { id } } } }`, `{"pump":{"fedBy":{"nodes":[{"id":"e"}]}}}`},
	}
	for _, s := range steps {
		if got := p.data(t, s.operation, nil); s.want != "" && got != s.want {
			t.Fatalf("%s\n%s", s.operation, cmp.Diff(s.want, got))
		}
	}
}

func TestEveryViolatedRuleIsSaidAtOnceWithItsField(t *testing.T) {
	p := newPlant(t)
	for _, c := range []struct {
		operation string
		code      fault.Code
		fields    []string
	}{
		{`mutation { createPumps(inputs: [{id: "x"}, {id: "y", serialNumber: "P-1", ratedFlow: -1}, {id: "pump-1", serialNumber: "Z", location: "nowhere", motor: {maker: "acme"}}, {id: "z", serialNumber: "Z"}]) { id } }`, fault.Invalid,
			[]string{"inputs[0].serialNumber INVALID", "inputs[1].ratedFlow INVALID", "inputs[2].motor.ratedSpeed INVALID", "inputs[2].id CONFLICT", "inputs[2].location INVALID", "inputs[1].serialNumber CONFLICT", "inputs[3].serialNumber CONFLICT"}},
		{`mutation { updatePumps(inputs: [{id: "pump-1", set: {name: "x"}, ifRevision: 7}, {id: "pump-2", set: {name: "y"}, ifRevision: 8}]) { id } }`, fault.Conflict,
			[]string{"inputs[0].ifRevision CONFLICT", "inputs[1].ifRevision CONFLICT"}},
		{`mutation { deletePumps(ids: ["pump-1", "valve-1", "none"]) }`, fault.Invalid, []string{"ids[1] NOT_FOUND", "ids[2] NOT_FOUND", "ids[0] CONFLICT"}},
		{`mutation { deletePumps(inputs: [{id: "pump-2", ifRevision: 7}, {id: "none"}, {id: "pump-1", children: DETACH, ifRevision: 9}]) }`, fault.Invalid,
			[]string{"inputs[1].id NOT_FOUND", "inputs[0].ifRevision CONFLICT", "inputs[2].ifRevision CONFLICT"}},
		{`mutation { apply(changes: [{delete: {id: "pump-1"}}, {delete: {id: "pump-1"}}, {relate: {from: "pump-2", name: "location", to: "hall-1", props: {diameter: 1}}}]) { revision } }`, fault.Invalid,
			[]string{"changes[2].relate.props INVALID", "changes[1].delete.id NOT_FOUND", "changes[0].delete.id CONFLICT"}},
		{`mutation { apply(changes: [{delete: {id: "pump-1", children: DETACH}}, {delete: {id: "pump-1"}}]) { revision } }`, fault.NotFound, []string{"changes[1].delete.id NOT_FOUND"}},
		{`mutation { apply(changes: [{create: {type: "Pump", input: {id: "q", serialNumber: "Q", motor: {ratedSpeed: null}}}}, {update: {id: "q", set: {serialNumber: null}, ifRevision: 5}}]) { revision } }`, fault.Invalid,
			[]string{"changes[0].create.input.motor.ratedSpeed INVALID", "changes[1].update.set.serialNumber INVALID", "changes[1].update.ifRevision CONFLICT"}},
		{`mutation { createPump(input: {serialNumber: "N", location: "hall-1", new: {location: {space: {}}, feeds: [{pump: {}}, {}]}}) { id } }`, fault.Invalid,
			[]string{"input.new.feeds[1] INVALID", "input.new.location INVALID", "input.new.feeds[0].pump.serialNumber INVALID"}},
		{`mutation { apply(changes: [{create: {type: "Pump", input: {id: "q", wrong: 1}}}, {update: {id: "none", set: {}}}, {relate: {from: "pump-1", name: "wrong", to: "pump-2"}}]) { revision } }`, fault.Invalid,
			[]string{"changes[0].create.input.wrong INVALID", "changes[0].create.input.serialNumber INVALID", "changes[2].relate.name INVALID", "changes[1].update.id NOT_FOUND"}},
		{`mutation { apply(changes: [{update: {id: "hall-1", set: {within: "hall-1"}}}, {update: {id: "site", set: {within: "hall-1", level: "low"}}}, {relate: {from: "pump-1", name: "location", to: "site"}},
			{delete: {id: "hall-2"}}, {create: {type: "Pump", input: {id: "q", serialNumber: "P-1", feeds: [{to: "pump-1"}, {to: "valve-1"}]}}}, {unrelate: {from: "pump-3", name: "feeds", to: "pump-3"}}]) { revision } }`, fault.Invalid,
			[]string{"changes[1].update.set.level INVALID", "changes[4].create.input.feeds[1] INVALID", "changes[4].create.input.serialNumber CONFLICT", "changes[5].unrelate.to NOT_FOUND", "changes[2].relate.to CONFLICT", "changes[0].update.set.within CONFLICT", "changes[3].delete.id CONFLICT"}},
	} {
		r := p.ask(t, c.operation, nil)
		if len(r.Errors) != 1 {
			t.Fatalf("%s: %v", c.operation, r.Errors)
		}
		var got []string
		for _, problem := range r.Errors[0].Extensions()["problems"].([]map[string]any) {
			got = append(got, fmt.Sprint(problem["field"], " ", problem["code"]))
		}
		if diff := cmp.Diff(c.fields, got); diff != "" || r.Errors[0].Code != c.code {
			t.Errorf("%s %s\n%s", c.operation, r.Errors[0].Code, diff)
		}
	}
}

func TestAComponentWithRequiredValuesCanBeLeftOutAndRemoved(t *testing.T) {
	p := newPlant(t)
	steps := []struct{ operation, want string }{
		{`mutation { createPump(input: {id: "q", serialNumber: "Q", motor: null}) { motor { ratedSpeed } } }`, `{"createPump":{"motor":null}}`},
		{`mutation { updatePump(id: "pump-1", set: {motor: null}) { motor { ratedSpeed } } }`, `{"updatePump":{"motor":null}}`},
		{`mutation { updatePump(id: "pump-2", set: {motor: {ratedSpeed: null}}) { id } }`, `{"updatePump":null}`},
	}
	for _, s := range steps {
		if r := p.ask(t, s.operation, nil); string(r.Data) != s.want {
			t.Errorf("%s\n got %s %v\nwant %s", s.operation, r.Data, r.Errors, s.want)
		}
	}
}

func TestADryRunSaysWhatWouldChange(t *testing.T) {
	p := newPlant(t)
	const changes = `[{create: {type: "Pump", input: {id: "p9", name: "Nine", serialNumber: "P-9", location: "hall-1"}}},
		{update: {id: "pump-1", set: {name: "First", ratedFlow: 99}}}, {unrelate: {from: "pump-1", name: "feeds", to: "pump-2"}}, {delete: {id: "valve-1"}}]`
	want := `+ Pump p9 (Nine)
    name: "Nine"
    serialNumber: "P-9"
    + locatedIn hall-1
~ Pump pump-1 (First)
    name: "Feed pump 1" -> "First"
    ratedFlow: 20 -> 99
    - feeds pump-2
- Valve valve-1 (Inlet valve)
`
	for _, dry := range []string{"true", "false"} {
		var report struct {
			Apply struct {
				DryRun  bool
				Text    string
				Changes []struct {
					Kind, ID, AssetType string
					Values              []struct {
						Path     string
						Old, New any
					}
					Relationships []struct {
						Name, To string
						Removed  bool
					}
				}
			}
		}
		text := p.data(t, `mutation { apply(changes: `+changes+`, dryRun: `+dry+`) { dryRun text changes { kind id assetType values { path old new } relationships { name to removed } } } }`, nil)
		if err := json.Unmarshal([]byte(text), &report); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, report.Apply.Text); diff != "" {
			t.Errorf("dryRun %s\n%s", dry, diff)
		}
		if c := report.Apply.Changes; len(c) != 3 || c[1].Values[1].Old != 20.0 || c[1].Values[1].New != 99.0 || !c[1].Relationships[0].Removed {
			t.Errorf("%s", text)
		}
		if there := p.data(t, `{ valve(id: "valve-1") { id } }`, nil); (there == `{"valve":null}`) == (dry == "true") {
			t.Errorf("dryRun %s: %s", dry, there)
		}
	}
}

func TestARepeatWithAnIdempotencyKeyAnswersAsTheFirst(t *testing.T) {
	p := newPlant(t)
	const create = `mutation { createPump(input: {serialNumber: "K", new: {feeds: [{pump: {serialNumber: "L"}}]}}, idempotencyKey: "k1") { id revision feeds { nodes { id } } } }`
	answers := make([]string, 12)
	var work sync.WaitGroup
	for i := range answers {
		work.Go(func() { answers[i] = p.data(t, create, nil) })
	}
	work.Wait()
	for _, a := range answers {
		if a != answers[0] {
			t.Fatalf("%s\n%s", answers[0], a)
		}
	}
	for _, c := range []struct{ first, repeat string }{
		{`mutation { updatePump(id: "pump-1", set: {name: "x"}, ifRevision: 1, idempotencyKey: "k2") { name } }`, ``},
		{`mutation { deletePump(id: "pump-3", children: DETACH, idempotencyKey: "k3") }`, ``},
		{`mutation { apply(changes: [{create: {type: "Space", input: {}}}], idempotencyKey: "k4") { created revision relationships } }`, ``},
		{`mutation { relate(from: "pump-1", name: "feeds", to: "pump-1", idempotencyKey: "k5") { id } }`, ``},
	} {
		if first, again := p.data(t, c.first, nil), p.data(t, c.first, nil); first != again {
			t.Errorf("%s\n%s", first, again)
		}
	}
	r := p.ask(t, `mutation { createPump(input: {serialNumber: "other", id: "other"}, idempotencyKey: "k1") { id } }`, nil)
	if len(r.Errors) != 1 || r.Errors[0].Code != fault.Conflict || !strings.Contains(r.Errors[0].Message, "another change") {
		t.Errorf("a key used again for something else: %s %v", r.Data, r.Errors)
	}
	if n := p.data(t, `{ pumps(where: {serialNumber: {in: ["K", "L", "other"]}}) { totalCount } }`, nil); n != `{"pumps":{"totalCount":2}}` {
		t.Error(n)
	}
}
