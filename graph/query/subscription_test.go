package query

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/validator"

	"mereon/connectors"
	"mereon/schema"
	"mereon/schema/fault"
)

// stream runs a subscription until stop, and hands over its answers one by one.
type stream struct {
	next func() (Result, bool)
	stop func()
}

func (p *plant) subscribe(t *testing.T, text string, variables map[string]any) stream {
	t.Helper()
	op, fragments := p.load(t, text)
	coerced, err := validator.VariableValues(p.schema, op, variables)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := p.engine.Plan(p.schema, op, fragments, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(operator(t.Context()), 20*time.Second)
	results := make(chan Result)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(results)
		for r := range plan.Subscribe(ctx, Request{Variables: coerced}) {
			select {
			case results <- r:
			case <-ctx.Done():
				return
			}
		}
	}()
	s := stream{
		next: func() (Result, bool) { r, ok := <-results; return r, ok },
		stop: func() { cancel(); <-done },
	}
	t.Cleanup(s.stop)
	return s
}

func (s stream) want(t *testing.T, data string) {
	t.Helper()
	r, ok := s.next()
	if !ok || string(r.Data) != data || len(r.Errors) > 0 {
		t.Fatalf("got %s %v, want %s", r.Data, r.Errors, data)
	}
}

func TestALiveEntityIsSentOnEveryChangeOfWhatItSelects(t *testing.T) {
	p := newPlant(t)
	s := p.subscribe(t, `subscription { pump(id: "pump-1") { name flow { value status age } location { name } states { state } } }`, nil)
	s.want(t, `{"pump":{"name":"Feed pump 1","flow":{"value":2,"status":"OK","age":"PT2S"},"location":{"name":"Hall 1"},"states":[{"state":"warning"}]}}`)

	p.series.Measure("pumps/P-1/flow", connectors.Measurement{Value: schema.FloatOf(21), Time: noon, Unit: "m3/h"})
	s.want(t, `{"pump":{"name":"Feed pump 1","flow":{"value":21,"status":"OK","age":"PT0S"},"location":{"name":"Hall 1"},"states":[{"state":"warning"}]}}`)

	p.data(t, `mutation { updateSpace(id: "hall-1", set: {name: "Halle 1"}) { id } }`, nil)
	s.want(t, `{"pump":{"name":"Feed pump 1","flow":{"value":21,"status":"OK","age":"PT0S"},"location":{"name":"Halle 1"},"states":[{"state":"warning"}]}}`)

	p.states.change(func() { p.states.states["pump-1"] = []State{{RuleSet: "bearing", State: "ok"}} })
	s.want(t, `{"pump":{"name":"Feed pump 1","flow":{"value":21,"status":"OK","age":"PT0S"},"location":{"name":"Halle 1"},"states":[{"state":"ok"}]}}`)

	// A change of something else is not sent; the next answer is the deletion.
	p.data(t, `mutation { updatePump(id: "pump-3", set: {name: "other"}) { id } }`, nil)
	p.data(t, `mutation { deletePump(id: "pump-1", children: DETACH) }`, nil)
	s.want(t, `{"pump":null}`)
}

func TestLiveAlarms(t *testing.T) {
	p := newPlant(t)
	s := p.subscribe(t, `subscription { alarms(severity: [WARNING, CRITICAL]) { severity entity { name } } }`, nil)
	s.want(t, `{"alarms":[{"severity":"WARNING","entity":{"name":"Feed pump 1"}}]}`)
	p.states.change(func() {
		p.states.alarms = append([]Alarm{{Entity: "pump-2", RuleSet: "bearing", State: "alarm", Severity: "critical"}}, p.states.alarms...)
	})
	s.want(t, `{"alarms":[{"severity":"CRITICAL","entity":{"name":"Feed pump 2"}},{"severity":"WARNING","entity":{"name":"Feed pump 1"}}]}`)
}

func TestEntityChangesResumeWithoutGap(t *testing.T) {
	p := newPlant(t)
	p.data(t, `mutation { createPump(input: {id: "p9", serialNumber: "P-9", location: "hall-1"}) { id } }`, nil)
	p.data(t, `mutation { updatePump(id: "p9", set: {name: "Nine"}) { id } }`, nil)
	s := p.subscribe(t, `subscription { entityChanges(type: "Equipment", from: 1, within: {of: "site", hierarchy: "place"}) { revision kind id assetType paths by entity { name } } }`, nil)
	s.want(t, `{"entityChanges":{"revision":2,"kind":"CREATED","id":"p9","assetType":"Pump","paths":["locatedIn"],"by":"local","entity":{"name":"Nine"}}}`)
	s.want(t, `{"entityChanges":{"revision":3,"kind":"UPDATED","id":"p9","assetType":"Pump","paths":["name"],"by":"local","entity":{"name":"Nine"}}}`)
	p.data(t, `mutation { createSpace(input: {id: "attic"}) { id } }`, nil) // another type
	p.data(t, `mutation { relate(from: "p9", name: "feeds", to: "pump-1") { id } }`, nil)
	s.want(t, `{"entityChanges":{"revision":5,"kind":"RELATED","id":"p9","assetType":"Pump","paths":["feeds"],"by":"local","entity":{"name":"Nine"}}}`)
	p.data(t, `mutation { deletePump(id: "p9") }`, nil)
	s.want(t, `{"entityChanges":{"revision":6,"kind":"DELETED","id":"p9","assetType":"Pump","paths":["feeds","locatedIn"],"by":"local","entity":null}}`)
}

func TestSceneFramesAreHandedThrough(t *testing.T) {
	p := newPlant(t)
	var asked string
	engine, err := New(Options{Model: p.model, Store: p.store, Source: p.runtime,
		Frames: func(_ context.Context, scene string, parameters []byte, from string) iter.Seq2[[]byte, error] {
			asked = scene + string(parameters) + from
			return func(yield func([]byte, error) bool) {
				_ = yield([]byte(`{"seq":1}`), nil) && yield(nil, fault.New(fault.NotFound, "the scene is gone"))
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	p.engine = engine
	s := p.subscribe(t, `subscription { f: sceneFrames(scene: "hall", parameters: {mixer: "m1"}, from: "7") }`, nil)
	s.want(t, `{"f":{"seq":1}}`)
	if r, ok := s.next(); !ok || r.Data != nil || r.Errors[0].Code != fault.NotFound {
		t.Errorf("%+v", r)
	}
	if _, more := s.next(); more || asked != `hall{"mixer":"m1"}7` {
		t.Errorf("asked %s, more %t", asked, more)
	}
}

func TestASubscriptionWithAMistakeEndsWithIt(t *testing.T) {
	p := newPlant(t)
	for _, text := range []string{
		`subscription { entityChanges(type: "Nothing") { id } }`, `subscription { entityChanges(within: {of: "site", hierarchy: "nothing"}) { id } }`,
		`subscription { sceneFrames(scene: "x") }`,
	} {
		s := p.subscribe(t, text, nil)
		if r, ok := s.next(); !ok || r.Data != nil || len(r.Errors) != 1 {
			t.Errorf("%s: %+v", text, r)
		}
		if _, more := s.next(); more {
			t.Errorf("%s goes on", text)
		}
	}
}

func TestListsAndRecordsCanBeLive(t *testing.T) {
	p := newPlant(t)
	s := p.subscribe(t, `subscription { pumps(where: {flow: {gt: 10}}) { totalCount nodes { id flow { value } } } }`, nil)
	s.want(t, `{"pumps":{"totalCount":1,"nodes":[{"id":"pump-2","flow":{"value":12}}]}}`)
	p.series.Measure("pumps/P-1/flow", connectors.Measurement{Value: schema.FloatOf(30), Time: noon, Unit: "m3/h"})
	s.want(t, `{"pumps":{"totalCount":2,"nodes":[{"id":"pump-1","flow":{"value":30}},{"id":"pump-2","flow":{"value":12}}]}}`)

	s = p.subscribe(t, `subscription { notes(first: 1, every: "100ms") { nodes { text } } }`, nil)
	s.want(t, `{"notes":{"nodes":[{"text":"bring the long ladder"}]}}`)
	p.fillNotes("bring two ladders")
	s.want(t, `{"notes":{"nodes":[{"text":"bring two ladders"}]}}`)
}
