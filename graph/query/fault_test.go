package query

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/connectors/connectortest"
	"mereon/graph"
	"mereon/schema/fault"
)

const everything = `{ equipments { nodes { id ... on Pump { flow { value status } temperature { value status } load { value status } } workOrders { status totalCount nodes { number } } } } }`

func TestASourceThatFailsCostsItsOwnFieldsAndOneError(t *testing.T) {
	for _, kind := range []connectortest.Fault{connectortest.Die, connectortest.Throttle, connectortest.Forbid, connectortest.Panic, connectortest.Hang} {
		t.Run(string(kind), func(t *testing.T) {
			p := newPlant(t)
			healthy := p.ask(t, everything, nil)
			p.faultyPlant.Become(kind)
			r := p.ask(t, everything, nil)
			if len(r.Errors) != 1 {
				t.Fatalf("%d errors: %v", len(r.Errors), r.Errors)
			}
			e := r.Errors[0]
			if e.Connector != "plant" || e.KeyCount != 8 || e.Path.String() != "equipments.nodes[0].flow" {
				t.Errorf("error = %+v at %s", e, e.Path)
			}
			if strings.Contains(string(r.Data), `"value":2`) || !strings.Contains(string(r.Data), `"flow":{"value":null`) {
				t.Errorf("values of a dead source: %s", r.Data)
			}
			if diff := cmp.Diff(orders(t, healthy.Data), orders(t, r.Data)); diff != "" {
				t.Errorf("what the other source gives changed: %s", diff)
			}
		})
	}
}

// orders keeps what the work orders of an answer are.
func orders(t *testing.T, data []byte) []any {
	t.Helper()
	var answer struct {
		Equipments struct{ Nodes []map[string]any }
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		t.Fatal(err)
	}
	var out []any
	for _, n := range answer.Equipments.Nodes {
		out = append(out, n["workOrders"])
	}
	return out
}

func TestAFailingRecordSourceNullsItsConnectionsAndSaysTheStatus(t *testing.T) {
	p := newPlant(t)
	p.faultyERP.Become(connectortest.Die)
	r := p.ask(t, `{ pumps(first: 2) { nodes { id flow { value } workOrders { status totalCount incomplete nodes { number } edges { cursor } pageInfo { hasNextPage } } } } workOrders { status nodes { number } } workOrder(number: "WO-1") { number } }`, nil)
	down := `{"status":"UNAVAILABLE","totalCount":null,"incomplete":false,"nodes":null,"edges":null,"pageInfo":null}`
	want := `{"pumps":{"nodes":[{"id":"pump-1","flow":{"value":2},"workOrders":` + down + `},{"id":"pump-2","flow":{"value":12},"workOrders":` + down +
		`}]},"workOrders":{"status":"UNAVAILABLE","nodes":null},"workOrder":null}`
	if diff := cmp.Diff(want, string(r.Data)); diff != "" {
		t.Error(diff)
	}
	if len(r.Errors) != 1 || r.Errors[0].Connector != "erp" || r.Errors[0].Code != fault.Unavailable || r.Errors[0].Path.String() != "pumps.nodes[0].workOrders" {
		t.Errorf("%+v", r.Errors)
	}
}

func TestAFilterOverADeadSourceIsIncompleteNotWrong(t *testing.T) {
	p := newPlant(t)
	p.faultyPlant.Become(connectortest.Die)
	p.faultyERP.Become(connectortest.Die)
	for operation, want := range map[string]string{
		`{ pumps(where: {flow: {lt: 10}}) { incomplete totalCount nodes { id } } }`:                      `{"pumps":{"incomplete":true,"totalCount":0,"nodes":[]}}`,
		`{ pumps(where: {not: {flow: {lt: 10}}}) { incomplete totalCount nodes { id } } }`:               `{"pumps":{"incomplete":true,"totalCount":0,"nodes":[]}}`,
		`{ pumps(where: {or: [{flow: {lt: 10}}, {id: {eq: "pump-2"}}]}) { incomplete nodes { id } } }`:   `{"pumps":{"incomplete":true,"nodes":[{"id":"pump-2"}]}}`,
		`{ pumps(where: {and: [{flow: {lt: 10}}, {id: {eq: "nothing"}}]}) { incomplete nodes { id } } }`: `{"pumps":{"incomplete":false,"nodes":[]}}`,
		`{ pumps(where: {workOrders: {some: {status: {eq: OPEN}}}}) { incomplete nodes { id } } }`:       `{"pumps":{"incomplete":true,"nodes":[]}}`,
		`{ pumps(where: {workOrders: {none: {}}}) { incomplete nodes { id } } }`:                         `{"pumps":{"incomplete":true,"nodes":[]}}`,
		`{ pumps(orderBy: [{flow: ASC}]) { incomplete nodes { id } } }`:                                  `{"pumps":{"incomplete":true,"nodes":[{"id":"pump-1"},{"id":"pump-2"},{"id":"pump-3"},{"id":"valve-less"}]}}`,
		`{ pumps(where: {flow: {status: {eq: UNAVAILABLE}}}) { incomplete totalCount } }`:                `{"pumps":{"incomplete":false,"totalCount":4}}`,
	} {
		r := p.ask(t, operation, nil)
		if diff := cmp.Diff(want, string(r.Data)); diff != "" {
			t.Errorf("%s\n%s", operation, diff)
		}
		if len(r.Errors) > 1 {
			t.Errorf("%s: %v", operation, r.Errors)
		}
	}
}

func TestNullPropagatesToTheNearestPlaceThatMayBeNull(t *testing.T) {
	p := newPlant(t)
	// A serial number that is missing, as after a model that was tightened by force.
	change := graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Update, ID: "pump-2", Values: []graph.PathValue{{Path: "serialNumber"}}}}}
	if _, err := p.store.Apply(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	for operation, want := range map[string]string{
		`{ pump(id: "pump-2") { id serialNumber } a: pump(id: "pump-1") { serialNumber } }`:                                                        `{"pump":null,"a":{"serialNumber":"P-1"}}`,
		`{ pump(id: "pump-3") { id fedBy { nodes { id serialNumber } } } space(id: "site") { name } }`:                                             `{"pump":null,"space":{"name":"Site"}}`,
		`{ nodes(ids: ["pump-1", "pump-2"]) { id ... on Pump { serialNumber } } }`:                                                                 `{"nodes":[{"id":"pump-1","serialNumber":"P-1"},null]}`,
		`{ pumps { nodes { id serialNumber } } }`:                                                                                                  `null`,
		`{ valve(id: "valve-1") { assembly { id feeds: relationships(name: "feeds") { nodes { other { id ... on Pump { serialNumber } } } } } } }`: `{"valve":{"assembly":null}}`,
		`{ workOrder(number: "WO-4") { number asset { serialNumber } } }`:                                                                          `{"workOrder":{"number":"WO-4","asset":null}}`,
	} {
		r := p.ask(t, operation, nil)
		if diff := cmp.Diff(want, string(r.Data)); diff != "" {
			t.Errorf("%s\n%s", operation, diff)
		}
		if want != `{"workOrder":{"number":"WO-4","asset":null}}` && len(r.Errors) != 1 {
			t.Errorf("%s: %v", operation, r.Errors)
		}
	}
	if r := p.ask(t, `{ pumps { nodes { id serialNumber } } }`, nil); r.Errors[0].Path.String() != "pumps.nodes[1].serialNumber" {
		t.Errorf("at %s", r.Errors[0].Path)
	}
}

func TestLimitsAreRefusedBeforeAnythingRuns(t *testing.T) {
	p := newPlant(t)
	deep := strings.Repeat("parent(hierarchy: \"place\") { ", 16) + "id" + strings.Repeat(" }", 16)
	aliases := ""
	for i := range 101 {
		aliases += " a" + strings.Repeat("x", i) + ": name"
	}
	roots := ""
	for i := range 21 {
		roots += " r" + strings.Repeat("x", i) + `: pump(id: "pump-1") { id }`
	}
	for name, operation := range map[string]string{
		"depth": `{ entity(id: "site") { ` + deep + ` } }`, "aliases": `{ entity(id: "site") { ` + aliases + ` } }`, "roots": "{" + roots + "}",
	} {
		op, fragments := p.load(t, operation)
		_, err := p.engine.Plan(p.schema, op, fragments, nil)
		if fault.CodeOf(err) != fault.Limit || !strings.Contains(err.Error(), "limits."+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheRowBudgetIsStated(t *testing.T) {
	p := newPlant(t)
	p.hundred(t)
	engine, err := New(Options{Model: p.model, Store: p.store, Source: p.runtime, Limits: Limits{Rows: 50}})
	if err != nil {
		t.Fatal(err)
	}
	p.engine = engine
	for _, operation := range []string{`{ pumps { nodes { id } } }`, `{ pumps(where: {flow: {lt: 10}}) { nodes { id } } }`} {
		r := p.ask(t, operation, nil)
		if len(r.Errors) != 1 || r.Errors[0].Code != fault.Limit {
			t.Errorf("%s: %s %v", operation, r.Data, r.Errors)
		}
	}
}

func TestASourceThatLiesGivesBadDataNotWrongAnswers(t *testing.T) {
	for _, lie := range append(connectortest.Lies[:], connectortest.UnknownKeys, connectortest.Flood) {
		t.Run(string(lie), func(t *testing.T) {
			p := newPlant(t)
			p.faultyPlant.Become(lie)
			p.faultyERP.Become(lie)
			for _, operation := range []string{everything, `{ pumps(where: {flow: {lt: 10}, workOrders: {some: {status: {eq: OPEN}}}}) { incomplete nodes { id } } }`} {
				r := p.ask(t, operation, nil)
				if !json.Valid(r.Data) || string(r.Data) == "null" {
					t.Errorf("%s: %s %v", operation, r.Data, r.Errors)
				}
				if strings.Contains(string(r.Data), `"value":"`) {
					t.Errorf("a text where a number must be: %s", r.Data)
				}
			}
		})
	}
}

func TestPagesBelowManyParentsAreCountedBeforeTheyAreRead(t *testing.T) {
	p := newPlant(t)
	p.hundred(t)
	set := graph.ChangeSet{}
	for i := range 40 {
		for k := range 40 {
			set.Relationships = append(set.Relationships, graph.RelationshipChange{
				From: graph.EntityID(fmt.Sprintf("p%03d", i)), Relation: "feeds", To: graph.EntityID(fmt.Sprintf("p%03d", k+40)),
			})
		}
	}
	if _, err := p.store.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	engine, err := New(Options{Model: p.model, Store: p.store, Source: p.runtime, Limits: Limits{Rows: 1_000}})
	if err != nil {
		t.Fatal(err)
	}
	p.engine = engine
	for operation, want := range map[string]fault.Code{
		`{ pumps(first: 60) { nodes { id feeds(first: 30) { nodes { id } } } } }`:                      fault.Limit,
		`{ pumps(first: 60, where: {feeds: {some: {flow: {gt: 1}}}}) { nodes { id } } }`:               fault.Limit,
		`{ pumps(first: 60) { nodes { id feeds(first: 20) { nodes { id } } fedBy { totalCount } } } }`: "",
	} {
		r := p.ask(t, operation, nil)
		if want == "" && len(r.Errors) > 0 || want != "" && (len(r.Errors) == 0 || r.Errors[0].Code != want) {
			t.Errorf("%s: %v", operation, r.Errors)
		}
	}
	ids := strings.Repeat(`"x", `, 10_001)
	if r := p.ask(t, `{ nodes(ids: [`+ids+`]) { id } }`, nil); len(r.Errors) != 1 || r.Errors[0].Code != fault.Limit {
		t.Errorf("ids without limit: %v", r.Errors)
	}
}
