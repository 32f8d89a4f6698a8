package query

import (
	"testing"

	"mereon/connectors/connectortest"
	"mereon/schema/fault"
)

func TestMeasuresReachWhatRelationshipsAndJoinsLeadTo(t *testing.T) {
	p := newPlant(t)
	for _, c := range []struct{ operation, want string }{
		{`{ pumps { aggregate { count location { count level { min max avg sum } within { count } } feeds { count ratedFlow { sum } } fedBy { count ratedFlow { max } } } } }`,
			`{"pumps":{"aggregate":{"count":4,"location":{"count":4,"level":{"min":0,"max":1,"avg":0.5,"sum":2},"within":{"count":4}},"feeds":{"count":3,"ratedFlow":{"sum":15}},"fedBy":{"count":3,"ratedFlow":{"max":20}}}}}`},
		{`{ pumpGroups(by: [{location: ENTITY}]) { key { location { id } } count feeds { count ratedFlow { sum } flow { max count } } } }`,
			`{"pumpGroups":[{"key":{"location":{"id":"hall-1"}},"count":2,"feeds":{"count":3,"ratedFlow":{"sum":15},"flow":{"max":12,"count":3}}},{"key":{"location":{"id":"hall-2"}},"count":2,"feeds":{"count":0,"ratedFlow":{"sum":null},"flow":{"max":null,"count":0}}}]}`},
		{`{ workOrders { aggregate { count asset { key { name } count installed { min } location { level { sum } } workOrders { count priority { sum } } } } } }`,
			`{"workOrders":{"aggregate":{"count":6,"asset":{"key":null,"count":5,"installed":{"min":"2020-05-01"},"location":{"level":{"sum":0}},"workOrders":{"count":11,"priority":{"sum":24}}}}}}`},
		{`{ noteGroups(by: [{topic: VALUE}], orderBy: [{key: DESC}]) { key { topic } workOrder { count priority { sum } asset { count serialNumber: __typename } } } }`,
			`{"noteGroups":[{"key":{"topic":"water"},"workOrder":{"count":1,"priority":{"sum":1},"asset":{"count":1,"serialNumber":"EquipmentAggregate"}}},{"key":{"topic":"inlet"},"workOrder":{"count":1,"priority":{"sum":1},"asset":{"count":1,"serialNumber":"EquipmentAggregate"}}},{"key":{"topic":null},"workOrder":{"count":1,"priority":{"sum":1},"asset":{"count":1,"serialNumber":"EquipmentAggregate"}}}]}`},
		{`{ spaces(where: {id: {eq: "hall-1"}}) { nodes { id } aggregate { equipment { count workOrders(where: {status: {eq: OPEN}}) { count priority { sum } } } } } }`,
			`{"spaces":{"nodes":[{"id":"hall-1"}],"aggregate":{"equipment":{"count":3,"workOrders":{"count":3,"priority":{"sum":5}}}}}}`},
		{`{ pumps { aggregate { workOrders(where: {status: {eq: OPEN}}) { count priority { sum } asset { count location { count } } } } } }`,
			`{"pumps":{"aggregate":{"workOrders":{"count":3,"priority":{"sum":5},"asset":{"count":3,"location":{"count":3}}}}}}`},
		{`{ space(id: "site") { spaces { aggregate { equipment { count } } groups(by: [{level: VALUE}]) { key { level } equipment { count } } } } valves { aggregate { location { count } fedBy: count } } }`,
			`{"space":{"spaces":{"aggregate":{"equipment":{"count":6}},"groups":[{"key":{"level":0},"equipment":{"count":3}},{"key":{"level":1},"equipment":{"count":3}}]}},"valves":{"aggregate":{"location":{"count":2},"fedBy":2}}}`},
	} {
		if got := p.data(t, c.operation, nil); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.operation, got, c.want)
		}
	}
	r := p.ask(t, `{ notes { aggregate { workOrder { count asset { count } } } } }`, nil)
	if r.Explain.Connectors["erp"] != 2 || r.Explain.Batches != 1 {
		t.Errorf("%d questions to the ERP system and %d to the graph for two steps", r.Explain.Connectors["erp"], r.Explain.Batches)
	}
}

func TestMeasuresOfRecordsThatCannotBeReadAreNullWithTheOneErrorOfTheirSource(t *testing.T) {
	p := newPlant(t)
	p.faultyERP.Become(connectortest.Die)
	r := p.ask(t, `{ spaces { aggregate { count equipment { count workOrders { count } installed { min } } } } }`, nil)
	if got, want := string(r.Data), `{"spaces":{"aggregate":{"count":3,"equipment":{"count":6,"workOrders":null,"installed":{"min":"2020-05-01"}}}}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(r.Errors) != 1 || r.Errors[0].Code != fault.Unavailable || r.Errors[0].Path.String() != "spaces.aggregate.equipment.workOrders" {
		t.Errorf("%v", r.Errors)
	}
}

func TestRelationshipsAreCountedAndMeasured(t *testing.T) {
	p := newPlant(t)
	for _, c := range []struct{ operation, want string }{
		{`{ pump(id: "pump-1") { relationships(first: 1) { totalCount nodes { name } aggregate { name count property(name: "diameter") { count sum unit } } groups { name direction count property(name: "diameter") { count max unit incomplete } } } } }`,
			`{"pump":{"relationships":{"totalCount":5,"nodes":[{"name":"feeds"}],"aggregate":{"name":null,"count":5,"property":{"count":1,"sum":80,"unit":null}},"groups":[{"name":"feeds","direction":"OUT","count":2,"property":{"count":1,"max":80,"unit":"mm","incomplete":false}},{"name":"isPartOf","direction":"IN","count":2,"property":{"count":0,"max":null,"unit":null,"incomplete":false}},{"name":"locatedIn","direction":"OUT","count":1,"property":{"count":0,"max":null,"unit":null,"incomplete":false}}]}}}`},
		{`query($p: String = "diameter") { pumps { nodes { id relationships(name: "feeds", direction: OUT) { aggregate { direction property(name: $p) { avg } } } } } }`,
			`{"pumps":{"nodes":[{"id":"pump-1","relationships":{"aggregate":{"direction":"OUT","property":{"avg":80}}}},{"id":"pump-2","relationships":{"aggregate":{"direction":"OUT","property":{"avg":null}}}},{"id":"pump-3","relationships":{"aggregate":{"direction":null,"property":{"avg":null}}}},{"id":"valve-less","relationships":{"aggregate":{"direction":null,"property":{"avg":null}}}}]}}`},
	} {
		if got := p.data(t, c.operation, nil); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.operation, got, c.want)
		}
	}
	r := p.ask(t, `{ pump(id: "pump-1") { relationships { aggregate { property(name: "diametr") { count } } } } }`, nil)
	if len(r.Errors) != 1 || r.Errors[0].Code != fault.Invalid {
		t.Errorf("%s %v", r.Data, r.Errors)
	}
}

func TestGroupsByWhatSeveralStepsLeadTo(t *testing.T) {
	p := newPlant(t)
	for _, c := range []struct{ operation, want string }{
		{`{ workOrderGroups(by: [{along: {path: ["asset", "location"]}}]) { key { along { id } } count priority { sum } } }`,
			`{"workOrderGroups":[{"key":{"along":{"id":"hall-1"}},"count":5,"priority":{"sum":12}},{"key":{"along":null},"count":1,"priority":{"sum":2}}]}`},
		{`{ noteGroups(by: [{along: {path: ["workOrder", "asset"], above: {hierarchy: "place"}}}]) { key { along { name ... on Space { level } } } count } }`,
			`{"noteGroups":[{"key":{"along":{"name":"Hall 1","level":0}},"count":3},{"key":{"along":{"name":"Site","level":null}},"count":3}]}`},
		{`{ pumps { groups(by: [{along: {path: ["feeds", "location"]}}, {category: VALUE}]) { key { along { id } category } count } } }`,
			`{"pumps":{"groups":[{"key":{"along":{"id":"hall-1"},"category":"water"},"count":1},{"key":{"along":{"id":"hall-2"},"category":"water"},"count":2},{"key":{"along":null,"category":null},"count":2}]}}`},
	} {
		if got := p.data(t, c.operation, nil); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.operation, got, c.want)
		}
	}
	for _, by := range []string{`{path: []}`, `{path: ["nope"]}`, `{path: ["workOrders"]}`, `{path: ["location"], above: {hierarchy: "nope"}}`} {
		r := p.ask(t, `{ pumpGroups(by: [{along: `+by+`}]) { count } }`, nil)
		if len(r.Errors) != 1 || r.Errors[0].Code != fault.Invalid {
			t.Errorf("%s: %s %v", by, r.Data, r.Errors)
		}
	}
	p.faultyERP.Become(connectortest.Die)
	r := p.ask(t, `{ pumpGroups(by: [{along: {path: ["workOrders", "asset"]}}]) { key { along { id } } count incomplete } }`, nil)
	if got, want := string(r.Data), `{"pumpGroups":[{"key":{"along":null},"count":4,"incomplete":true}]}`; got != want || len(r.Errors) != 1 {
		t.Errorf("got %s %v, want %s", got, r.Errors, want)
	}
}
