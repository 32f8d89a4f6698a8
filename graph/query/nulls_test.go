package query

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/connectors/connectortest"
	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// withoutSerial takes away a value that the model demands, as after a model that was tightened by force.
func (p *plant) withoutSerial(t *testing.T, id graph.EntityID) {
	t.Helper()
	change := graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Update, ID: id, Values: []graph.PathValue{{Path: "serialNumber"}}}}}
	if _, err := p.store.Apply(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

// errorsOf writes code and path of every error.
func errorsOf(r Result) string {
	var list []string
	for _, e := range r.Errors {
		list = append(list, fmt.Sprintf("%s %s", e.Code, e.Path))
	}
	return strings.Join(list, ", ")
}

// Source: GraphQL specification, "Handling Execution Errors": a null where none may be makes the nearest place null that may;
// the path of the error is that of the field, by response names, with the indices of lists.
func TestNullsAndPathsAreThoseOfTheSpecification(t *testing.T) {
	p := newPlant(t)
	p.withoutSerial(t, "pump-2")
	for _, c := range []struct{ operation, data, errors string }{
		{`{ one: pump(id: "pump-2") { number: serialNumber } }`, `{"one":null}`, "CONFLICT one.number"},
		{`{ one: pump(id: "pump-2") { ...F } } fragment F on Pump { ... on Equipment { n: serialNumber } }`, `{"one":null}`, "CONFLICT one.n"},
		{`{ x: pumps { rows: nodes { ... @include(if: true) { s: serialNumber } } } }`, `null`, "CONFLICT x.rows[1].s"},
		{`{ x: pumps { edges { node { serialNumber } } } y: pump(id: "pump-1") { id } }`, `null`, "CONFLICT x.edges[1].node.serialNumber"},
		{`{ a: pump(id: "pump-1") { id feeds { nodes { serialNumber } } } b: pump(id: "pump-1") { id } }`, `{"a":null,"b":{"id":"pump-1"}}`, "CONFLICT a.feeds.nodes[0].serialNumber"},
		{`{ pump(id: "pump-3") { id location { equipment { nodes { id ... on Pump { fedBy { nodes { serialNumber } } } } } } } }`,
			`{"pump":{"id":"pump-3","location":null}}`, "CONFLICT pump.location.equipment.nodes[0].fedBy.nodes[0].serialNumber"},
		{`{ nodes(ids: ["pump-2", "pump-1", "nobody"]) { ... on Pump { serialNumber } } }`, `{"nodes":[null,{"serialNumber":"P-1"},null]}`, "CONFLICT nodes[0].serialNumber"},
		{`{ a: nodes(ids: ["pump-2", "pump-2"]) { ... on Pump { serialNumber } } }`, `{"a":[null,null]}`, "CONFLICT a[0].serialNumber, CONFLICT a[1].serialNumber"},
		{`{ pump(id: "pump-1") { reach(via: ["feeds"]) { nodes { path { ... on Pump { serialNumber } } } } } }`, `{"pump":null}`, "CONFLICT pump.reach.nodes[0].path[0].serialNumber"},
		{`{ workOrders(where: {number: {in: ["WO-3", "WO-4"]}}) { nodes { number asset { serialNumber } } } }`,
			`{"workOrders":{"nodes":[{"number":"WO-3","asset":{"serialNumber":"P-1"}},{"number":"WO-4","asset":null}]}}`, ""},
		{`{ pump(id: "pump-2") { id again: serialNumber serialNumber } }`, `{"pump":null}`, "CONFLICT pump.again"},
		{`{ pump(id: "pump-2") { flow { value status } } }`, `{"pump":{"flow":{"value":null,"status":"NOT_BOUND"}}}`, ""},
		{`{ a: pump(id: "pump-1") { children(hierarchy: "nothing") { totalCount } } b: pump(id: "pump-1") { children(hierarchy: "nothing") { totalCount } id } }`,
			`{"a":null,"b":null}`, "INVALID a.children, INVALID b.children"},
		{`{ a: pump(id: "pump-1") { flow { history(from: "2026-02-01T00:00:00Z", every: "-1h") { until } } name } b: pump(id: "pump-1") { name } }`,
			`{"a":null,"b":{"name":"Feed pump 1"}}`, "INVALID a.flow.history"},
	} {
		r := p.ask(t, c.operation, nil)
		if string(r.Data) != c.data || errorsOf(r) != c.errors {
			t.Errorf("%s\n got %s, %s\nwant %s, %s", c.operation, r.Data, errorsOf(r), c.data, c.errors)
		}
	}
}

func TestNullsAndPathsInStreams(t *testing.T) {
	p := newPlant(t)
	s := p.subscribe(t, `subscription { one: pump(id: "pump-2") { name number: serialNumber } }`, nil)
	s.want(t, `{"one":{"name":"Feed pump 2","number":"P-2"}}`)
	p.withoutSerial(t, "pump-2")
	if r, ok := s.next(); !ok || string(r.Data) != `{"one":null}` || errorsOf(r) != "CONFLICT one.number" {
		t.Errorf("%s %s", r.Data, errorsOf(r))
	}
	many := p.subscribe(t, `subscription { pumps { nodes { s: serialNumber } } }`, nil)
	if r, ok := many.next(); !ok || string(r.Data) != `null` || errorsOf(r) != "CONFLICT pumps.nodes[1].s" {
		t.Errorf("%s %s", r.Data, errorsOf(r))
	}
	p.faultyPlant.Become(connectortest.Forbid)
	flows := p.subscribe(t, `subscription { pumps { nodes { f: flow { value status } } } }`, nil)
	r, ok := flows.next()
	if !ok || errorsOf(r) != "FORBIDDEN pumps.nodes[0].f" || r.Errors[0].Connector != "plant" {
		t.Errorf("%s %s", r.Data, errorsOf(r))
	}
}

// One error per connector, at the first place that shows it, with the number of keys, whatever shows it.
func TestAFailureHasItsPlaceWhateverShowsIt(t *testing.T) {
	for _, c := range []struct {
		operation, errors string
		keys              int
	}{
		{`{ a: pumps { n: nodes { name f: flow { value } } } }`, "FORBIDDEN a.n[0].f", 4},
		{`{ pumps { nodes { l: load { value } flow { value } } } }`, "FORBIDDEN pumps.nodes[0].l", 4},
		{`{ pumps { nodes { ...F } } } fragment F on Pump { x: property(name: "flow") }`, "FORBIDDEN pumps.nodes[0].x", 4},
		{`{ pump(id: "pump-1") { name } low: pumps(where: {flow: {lt: 10}}) { totalCount incomplete } }`, "FORBIDDEN low", 4},
		{`{ first: equipments(where: {workOrders: {some: {}}}) { totalCount } low: pumps(where: {flow: {lt: 10}}) { nodes { id } } }`, "FORBIDDEN first, FORBIDDEN low", 10},
		{`{ pumps(where: {feeds: {some: {flow: {lt: 10}}}}) { nodes { id } } }`, "FORBIDDEN pumps", 3},
		{`{ pumps(orderBy: [{flow: ASC}]) { totalCount } }`, "FORBIDDEN pumps", 4},
		{`{ workOrders { status } pump(id: "pump-1") { workOrders { status } } }`, "FORBIDDEN workOrders", 2},
		{`{ a: workOrder(number: "WO-1") { due } b: workOrder(number: "WO-2") { due } }`, "FORBIDDEN a", 2},
		{`{ pumps { nodes { flow { history(from: "2026-02-01T00:00:00Z") { status } } } } }`, "FORBIDDEN pumps.nodes[0].flow.history", 4},
	} {
		p := newPlant(t)
		p.faultyPlant.Become(connectortest.Forbid)
		p.faultyERP.Become(connectortest.Forbid)
		r := p.ask(t, c.operation, nil)
		keys := 0
		for _, e := range r.Errors {
			keys += e.KeyCount
		}
		if errorsOf(r) != c.errors || keys != c.keys || !json.Valid(r.Data) {
			t.Errorf("%s\n got %s for %d keys, want %s for %d\n%s", c.operation, errorsOf(r), keys, c.errors, c.keys, r.Data)
		}
	}
}

// Numbers that JSON does not know are bad data, not an answer that nobody can read.
func TestNumbersThatAreNoneAreBadData(t *testing.T) {
	p := newPlant(t)
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		p.series.Measure("pumps/P-1/flow", ago(-time.Second, schema.FloatOf(bad), "m3/h"))
		r := p.ask(t, `{ pump(id: "pump-1") { flow { value status history(from: "2026-03-01T00:00:00Z", to: "2026-03-02T00:00:00Z") { measurements { value } } } load { value status } } }`, nil)
		if !json.Valid(r.Data) || !strings.Contains(string(r.Data), `"flow":{"value":null,"status":"BAD_DATA"`) {
			t.Errorf("%g gives %s %v", bad, r.Data, r.Errors)
		}
	}
}

func TestTheLimitOfALevelIsAnErrorOfEachFieldThatShowsIt(t *testing.T) {
	p := newPlant(t)
	p.many(t, 100)
	engine, err := New(Options{Model: p.model, Store: p.store, Source: p.runtime, Limits: Limits{Rows: 50}})
	if err != nil {
		t.Fatal(err)
	}
	p.engine = engine
	r := p.ask(t, `{ a: space(id: "site") { name } b: pumps { nodes { id } } }`, nil)
	if diff := cmp.Diff("LIMIT b", errorsOf(r)); diff != "" || string(r.Data) != "null" || r.Errors[0].Code != fault.Limit {
		t.Errorf("%s %s", r.Data, diff)
	}
}
