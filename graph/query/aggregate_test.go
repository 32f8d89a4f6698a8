package query

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

func TestMistakesInGroupsAreTold(t *testing.T) {
	p := newPlant(t)
	for field, want := range map[string]string{
		`pumpGroups(by: []) { count }`:                                                                         "by is empty",
		`pumpGroups(by: [{category: VALUE}, {category: VALUE}]) { count }`:                                     "by names category twice",
		`pumpGroups(by: [{installed: MONTH}, {installed: YEAR}]) { count }`:                                    "by names installed twice",
		`pumpGroups(by: [{installed: HOUR}]) { count }`:                                                        "installed holds days",
		`pumpGroups(by: [{installed: DAY}], timeZone: "Mars") { count }`:                                       `timeZone "Mars" is not known`,
		`pumpGroups(by: [{above: {hierarchy: "places"}}]) { count }`:                                           `did you mean "place"?`,
		`pumpGroups(by: [{above: {hierarchy: "place", type: "Spaec"}}]) { count }`:                             `did you mean "Space"?`,
		`pumpGroups(by: [{category: VALUE}], first: -1) { count }`:                                             "first must be a whole number",
		`pumpGroups(by: [{category: VALUE}], first: 20000) { count }`:                                          "the limit is 10000",
		`pumps { groups(by: []) { count } }`:                                                                   "by is empty",
		`pumps { aggregate { ratedFlow(unit: "Cel") { avg } } }`:                                               "Cel",
		`workOrders { nodes { number } groups(by: [{due: HOUR}]) { count } }`:                                  "due holds days",
		`pumpGroups(by: [{category: VALUE}], where: {flow: {lt: 1, unit: "Cel"}}) { count }`:                   "Cel",
		`pumpGroups(by: [{category: VALUE}], within: {of: "site", hierarchy: "nowhere"}) { count }`:            `there is no hierarchy "nowhere"`,
		`pumpGroups(by: [{category: VALUE}], orderBy: [{installed: {sum: ASC}}]) { count }`:                    "installed is no number",
		`workOrderGroups(by: [{status: VALUE}], orderBy: [{due: {avg: ASC}}]) { count }`:                       "due is no number",
		`pumpGroups(by: [{flow: VALUE}], where: {workOrders: {count: {gt: -1}}}, timeZone: "Local") { count }`: "Local",
	} {
		r := p.ask(t, "{ "+field+" }", nil)
		if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, want) || r.Errors[0].Code != fault.Invalid && r.Errors[0].Code != fault.Limit {
			t.Errorf("%s: %v, want one mistake with %q", field, r.Errors, want)
		}
	}
}

func TestADeadSourceLeavesMeasuresIncomplete(t *testing.T) {
	p := newPlant(t)
	p.faultyPlant.Become(connectortest.Die)
	r := p.ask(t, `{ pumps { aggregate { count incomplete flow { count avg incomplete } load { count incomplete } ratedFlow { sum incomplete } } } }`, nil)
	want := `{"pumps":{"aggregate":{"count":4,"incomplete":false,"flow":{"count":0,"avg":null,"incomplete":true},"load":{"count":0,"incomplete":true},"ratedFlow":{"sum":35,"incomplete":false}}}}`
	if string(r.Data) != want || len(r.Errors) != 1 || r.Errors[0].Connector != "plant" || r.Errors[0].Path.String() != "pumps.aggregate.flow" {
		t.Errorf("measures of a dead source: %s %v at %v", r.Data, r.Errors, r.Errors[0].Path)
	}
	r = p.ask(t, `{ pumps(where: {flow: {lt: 5}}) { incomplete aggregate { count incomplete } groups(by: [{location: ENTITY}]) { key { location { id } } count incomplete } } }`, nil)
	want = `{"pumps":{"incomplete":true,"aggregate":{"count":0,"incomplete":true},"groups":[{"key":{"location":{"id":"hall-1"}},"count":0,"incomplete":true},{"key":{"location":{"id":"hall-2"}},"count":0,"incomplete":true}]}}`
	if string(r.Data) != want || len(r.Errors) != 1 {
		t.Errorf("a filter on a dead source: %s %v", r.Data, r.Errors)
	}
	r = p.ask(t, `{ pumpGroups(by: [{mode: VALUE}]) { key { mode } count incomplete } }`, nil)
	if want = `{"pumpGroups":[{"key":{"mode":null},"count":4,"incomplete":true}]}`; string(r.Data) != want || len(r.Errors) != 1 {
		t.Errorf("groups by values of a dead source: %s %v", r.Data, r.Errors)
	}
}

func TestADeadSourceOfRecordsNullsItsGroups(t *testing.T) {
	for _, kind := range []connectortest.Fault{connectortest.Die, connectortest.Hang, connectortest.Forbid} {
		p := newPlant(t)
		p.faultyERP.Become(kind)
		r := p.ask(t, `{ pumps(first: 2) { nodes { id workOrders { status aggregate { count } groups(by: [{status: VALUE}]) { count } } } aggregate { count } }
			workOrderGroups(by: [{status: VALUE}]) { count } decided: workOrders(where: {asset: {name: {eq: "x"}}}) { aggregate { count } groups(by: [{asset: ENTITY}]) { count } } }`, nil)
		text := string(r.Data)
		if len(r.Errors) != 1 || r.Errors[0].Connector != "erp" || r.Errors[0].Path.String() != "pumps.nodes[0].workOrders" {
			t.Errorf("%s: errors %v at %v", kind, r.Errors, r.Errors[0].Path)
		}
		for _, want := range []string{`"aggregate":null,"groups":null`, `"aggregate":{"count":4}`, `"workOrderGroups":null`, `"decided":{"aggregate":null,"groups":null}`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %s lacks %s", kind, text, want)
			}
		}
	}
}

func TestADeadSourceOfRecordsNullsWhatMembersJoin(t *testing.T) {
	p := newPlant(t)
	p.faultyERP.Become(connectortest.Die)
	r := p.ask(t, `{ pumps { aggregate { count workOrders { count } ratedFlow { sum } } } }`, nil)
	if want := `{"pumps":{"aggregate":{"count":4,"workOrders":null,"ratedFlow":{"sum":35}}}}`; string(r.Data) != want || len(r.Errors) != 1 || r.Errors[0].Path.String() != "pumps.aggregate.workOrders" {
		t.Errorf("orders of a dead source: %s %v", r.Data, r.Errors)
	}
	r = newPlant(t).ask(t, `{ pumps { aggregate { workOrders(where: {asset: {name: {eq: "x"}}}) { count } } } }`, nil)
	if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, "can only be filtered by its own columns; ask for workOrderGroups") {
		t.Errorf("a filter beyond the records: %v", r.Errors)
	}
}

// with returns the plant's engine with other limits.
func (p *plant) with(t *testing.T, limits Limits) *plant {
	t.Helper()
	engine, err := New(Options{Model: p.model, Store: p.store, Source: p.runtime, Limits: limits, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	other := *p
	other.engine = engine
	return &other
}

func TestGroupsKeepToTheirBudgets(t *testing.T) {
	p := newPlant(t)
	set := graph.ChangeSet{At: noon}
	for n := range 300 {
		set.Entities = append(set.Entities, graph.EntityChange{Op: graph.Create, ID: graph.EntityID(fmt.Sprintf("v-%03d", n)), Type: "Valve",
			Values: []graph.PathValue{{Path: "serialNumber", Value: schema.StringOf(fmt.Sprint("S", n))}}})
	}
	if _, err := p.store.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	small := p.with(t, Limits{Rows: 200, First: 150})
	for text, want := range map[string]string{
		`{ valves { aggregate { opening { avg } } } }`:                             "200",
		`{ valveGroups(by: [{serialNumber: VALUE}]) { count } }`:                   "more than 150 groups",
		`{ valveGroups(by: [{serialNumber: VALUE}, {opening: VALUE}]) { count } }`: "200",
	} {
		if r := small.ask(t, text, nil); len(r.Errors) != 1 || r.Errors[0].Code != fault.Limit || !strings.Contains(r.Errors[0].Message, want) {
			t.Errorf("%s: %s %v, want a limit with %q", text, r.Data, r.Errors, want)
		}
	}
	if r := small.ask(t, `{ valves { aggregate { count } } }`, nil); string(r.Data) != `{"valves":{"aggregate":{"count":302}}}` {
		t.Errorf("what the store counts is not bounded by rows: %s %v", r.Data, r.Errors)
	}
	for _, pushed := range []bool{false, true} {
		p.manyOrders(300, pushed)
		few := p.with(t, Limits{Rows: 200, First: 150})
		r := few.ask(t, `{ workOrderGroups(by: [{number: VALUE}]) { count } }`, nil)
		if len(r.Errors) != 1 || r.Errors[0].Code != fault.Limit {
			t.Errorf("pushed %t: 300 groups of orders: %s %v", pushed, r.Data, r.Errors)
		}
		r = few.ask(t, `{ workOrders(where: {asset: {name: {ne: "x"}}}) { aggregate { count } } }`, nil)
		if len(r.Errors) != 1 || r.Errors[0].Code != fault.Limit {
			t.Errorf("pushed %t: groups of more orders than the budget: %s %v", pushed, r.Data, r.Errors)
		}
	}
}

func (p *plant) manyOrders(n int, pushed bool) {
	scalar := func(s schema.Scalar) schema.ValueType { return schema.ValueType{Scalar: s} }
	t := connectortest.Table{Columns: []connectors.Column{
		{Name: "number", Type: scalar(schema.ID), Key: true}, {Name: "status", Type: scalar(schema.String)},
		{Name: "priority", Type: scalar(schema.Int)}, {Name: "due", Type: scalar(schema.Date)}, {Name: "equipment", Type: scalar(schema.String), Key: true},
	}}
	for i := range n {
		t.Rows = append(t.Rows, []schema.Value{schema.StringOf(fmt.Sprint("O", i)), schema.Null, schema.Null, schema.Null, schema.StringOf("P-1")})
	}
	p.erp.Filters, p.erp.Groups = pushed, pushed
	p.erp.Put("work_orders", t)
}

func TestGroupsTakeVariablesAndGuards(t *testing.T) {
	p := newPlant(t)
	const text = `query($by: [PumpAggregateBy!]!, $order: [PumpAggregateOrderBy!], $live: Boolean!, $nodes: Boolean!) {
		pumpGroups(by: $by, orderBy: $order) { key { category location { id } mode } count flow @include(if: $live) { count } }
		pumps { nodes @include(if: $nodes) { id } groups(by: $by) @include(if: $live) { count } aggregate { count } } }`
	for _, test := range []struct {
		by, order   any
		live, nodes bool
		want        string
	}{
		{map[string]any{"category": "VALUE"}, nil, false, false,
			`{"pumpGroups":[{"key":{"category":"water","location":null,"mode":null},"count":2},{"key":{"category":null,"location":null,"mode":null},"count":2}],"pumps":{"aggregate":{"count":4}}}`},
		{map[string]any{"location": "ENTITY"}, []any{map[string]any{"key": "DESC"}}, true, true,
			`{"pumpGroups":[{"key":{"category":null,"location":{"id":"hall-2"},"mode":null},"count":2,"flow":{"count":2}},{"key":{"category":null,"location":{"id":"hall-1"},"mode":null},"count":2,"flow":{"count":2}}],"pumps":{"nodes":[{"id":"pump-1"},{"id":"pump-2"},{"id":"pump-3"},{"id":"valve-less"}],"groups":[{"count":2},{"count":2}],"aggregate":{"count":4}}}`},
		{map[string]any{"mode": "VALUE"}, []any{map[string]any{"flow": map[string]any{"max": "DESC"}}}, true, false,
			`{"pumpGroups":[{"key":{"category":null,"location":null,"mode":null},"count":3,"flow":{"count":3}},{"key":{"category":null,"location":null,"mode":"AUTO"},"count":1,"flow":{"count":1}}],"pumps":{"groups":[{"count":1},{"count":3}],"aggregate":{"count":4}}}`},
	} {
		r := p.ask(t, text, map[string]any{"by": test.by, "order": test.order, "live": test.live, "nodes": test.nodes})
		if string(r.Data) != test.want || len(r.Errors) > 0 {
			t.Errorf("by %v: %s %v\nwant %s", test.by, r.Data, r.Errors, test.want)
		}
	}
}

func TestGroupsAreLive(t *testing.T) {
	p := newPlant(t)
	s := p.subscribe(t, `subscription { pumpGroups(by: [{category: VALUE}]) { key { category } count flow { max } } }`, nil)
	s.want(t, `{"pumpGroups":[{"key":{"category":"water"},"count":2,"flow":{"max":12}},{"key":{"category":null},"count":2,"flow":{"max":7}}]}`)
	p.series.Measure("pumps/P-1/flow", connectors.Measurement{Value: schema.FloatOf(30), Time: noon, Unit: "m3/h"})
	s.want(t, `{"pumpGroups":[{"key":{"category":"water"},"count":2,"flow":{"max":30}},{"key":{"category":null},"count":2,"flow":{"max":7}}]}`)
	set := graph.ChangeSet{At: noon, Entities: []graph.EntityChange{{Op: graph.Update, ID: "pump-3", Values: []graph.PathValue{{Path: "category", Value: schema.StringOf("oil")}}}}}
	if _, err := p.store.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	s.want(t, `{"pumpGroups":[{"key":{"category":"oil"},"count":1,"flow":{"max":7}},{"key":{"category":"water"},"count":2,"flow":{"max":30}},{"key":{"category":null},"count":1,"flow":{"max":1.5}}]}`)
}

func TestAMeasureShowsTheFailureOfASourceBehindOtherMissingValues(t *testing.T) {
	p := newPlant(t)
	elsewhere := schema.JSONOf(`{"flow": {"connector": "drives", "ref": "nothing"}}`)
	change := graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Update, ID: "pump-1", Values: []graph.PathValue{{Path: graph.ColumnBindings, Value: elsewhere}}}}}
	if _, err := p.store.Apply(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	p.faultyPlant.Become(connectortest.Die)
	r := p.ask(t, `{ pumps { aggregate { flow { incomplete } } } }`, nil)
	if len(r.Errors) != 1 || r.Errors[0].Connector != "plant" || r.Errors[0].Path.String() != "pumps.aggregate.flow" {
		t.Errorf("%s %+v", r.Data, r.Errors)
	}
}

func TestGroupsInDescendingOrderOfTheirKeysHaveNullsLastInEach(t *testing.T) {
	p := newPlant(t)
	for _, by := range []string{`{serialNumber: VALUE}`, `{flow: VALUE}`} { // in the graph, and folded
		r := p.ask(t, `{ pumpGroups(by: [{category: VALUE}, {assembly: ENTITY}, `+by+`], orderBy: [{key: DESC}]) { key { category assembly { id } } } }`, nil)
		want := `[{"key":{"category":"water","assembly":null}},{"key":{"category":"water","assembly":null}},{"key":{"category":null,"assembly":{"id":"pump-1"}}},{"key":{"category":null,"assembly":null}}]`
		if string(r.Data) != `{"pumpGroups":`+want+`}` {
			t.Errorf("by %s: %s %v", by, r.Data, r.Errors)
		}
	}
}

func TestASumOfRowsMayBeBeyondWhatARowHolds(t *testing.T) {
	p := newPlant(t)
	columns := []connectors.Column{{Name: "number", Type: schema.ValueType{Scalar: schema.ID}, Key: true}, {Name: "priority", Type: schema.ValueType{Scalar: schema.Long}}}
	large := schema.IntOf(9007199254740991)
	p.erp.Put("work_orders", connectortest.Table{Columns: columns, Rows: [][]schema.Value{{schema.StringOf("WO-1"), large}, {schema.StringOf("WO-2"), large}}})
	r := p.ask(t, `{ workOrders { aggregate { priority { sum incomplete } } } }`, nil)
	if want := `{"workOrders":{"aggregate":{"priority":{"sum":18014398509481982,"incomplete":false}}}}`; string(r.Data) != want {
		t.Errorf("got %s %v, want %s", r.Data, r.Errors, want)
	}
}

func TestGroupsThatCannotBeDecidedArePlacesOfTheFailure(t *testing.T) {
	p := newPlant(t)
	p.faultyPlant.Become(connectortest.Die)
	for operation, want := range map[string]string{
		`{ g: pumpGroups(by: [{category: VALUE}], where: {flow: {gt: 1}}) { count incomplete } }`: "g",
		`{ pumps { g: groups(by: [{mode: VALUE}]) { count incomplete } } }`:                       "pumps.g",
	} {
		if r := p.ask(t, operation, nil); len(r.Errors) != 1 || r.Errors[0].Path.String() != want {
			t.Errorf("%s: %s %v", operation, r.Data, r.Errors)
		}
	}
}
