package query

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/schema"
	"mereon/schema/fault"
)

func TestUnknownNamesAreRefusedWithASuggestion(t *testing.T) {
	p := newPlant(t)
	for operation, want := range map[string]string{
		`{ pumps { nodes { flw { value } } } }`:                               `Did you mean "flow"?`,
		`{ pumpz { nodes { id } } }`:                                          `Did you mean "pump" or "pumps"?`,
		`{ pumps(frist: 3) { nodes { id } } }`:                                `Did you mean "first"`,
		`{ pumps(where: {ratdFlow: {gt: 1}}) { nodes { id } } }`:              `Did you mean "ratedFlow"`,
		`{ pumps(where: {ratedFlow: {gtt: 1}}) { nodes { id } } }`:            `Did you mean "gt"`,
		`{ pumps(where: {workOrders: {soem: {}}}) { nodes { id } } }`:         `Did you mean "some"?`,
		`{ pumps(orderBy: [{location: {nmae: ASC}}]) { nodes { id } } }`:      `Did you mean "name"`,
		`{ pumps(where: {mode: {eq: AUTOO}}) { nodes { id } } }`:              `Did you mean the enum value "AUTO"?`,
		`{ pumps(where: {ratedFlow: {gt: "x"}}) { nodes { id } } }`:           `Float cannot represent non numeric value: "x"`,
		`{ pumps(first: 1.5) { nodes { id } } }`:                              `Int cannot represent non-integer value: 1.5`,
		`{ workOrders(where: {asset: {serialNumbr: {eq: "1"}}}) { status } }`: `Did you mean "serialNumber"?`,
		`{ pump(id: "pump-1") { feeds { edges { prop } } } }`:                 `Did you mean "props"?`,
	} {
		if _, list := gqlparser.LoadQuery(p.schema, operation); len(list) != 1 || !strings.Contains(list[0].Message, want) || list[0].Locations == nil {
			t.Errorf("%s: %v, want %s", operation, list, want)
		}
	}
}

// What only the engine can see is an error of the field, with its code; a filter says the path of what is wrong in it.
func TestWrongArgumentsAreCodedErrorsOfTheirField(t *testing.T) {
	p := newPlant(t)
	for _, c := range []struct{ operation, errors, message string }{
		{`{ a: pumps(first: -1) { nodes { id } } }`, "INVALID a", "first must be a whole number from 0 to 10000"},
		{`{ pumps(last: -3) { nodes { id } } }`, "INVALID pumps", "last must be a whole number"},
		{`{ pumps(first: 10001) { nodes { id } } }`, "LIMIT pumps", "first is 10001, the limit is 10000 (limits.first)"},
		{`{ pumps(first: 1, last: 1) { nodes { id } } }`, "INVALID pumps", "first and last cannot be combined"},
		{`{ pump { name } }`, "INVALID pump", "exactly one of its arguments: id, serialNumber"},
		{`{ pump(id: "pump-1") { workOrders(first: -1) { status } } }`, "INVALID pump.workOrders", "whole number"},
		{`{ pumps(after: "zzz") { nodes { id } } }`, "INVALID pumps", "not a cursor of this service"},
		{`{ pumps(where: {installed: {lt: "yesterday"}}) { nodes { id } } }`, "INVALID pumps", `filter of installed: expected Date, got the text "yesterday"`},
		{`{ pumps(where: {workOrders: {some: {due: {lt: "soon"}}}}) { nodes { id } } }`, "INVALID pumps", "filter of workOrders.some.due: expected Date"},
		{`{ pumps(where: {or: [{id: {eq: "1"}}, {feeds: {count: {where: {workOrders: {none: {not: {due: {eq: "x"}}}}}, eq: 1}}}]}) { nodes { id } } }`,
			"INVALID pumps", "filter of or[1].feeds.count.workOrders.none.not.due: expected Date"},
		{`{ pumps(where: {flow: {lt: 3, unit: "kg"}}) { nodes { id } } }`, "INVALID pumps", "filter of flow: kg cannot be converted to m3/h"},
		{`{ pumps(within: {of: "site", hierarchy: "plaec"}) { nodes { id } } }`, "INVALID pumps", `did you mean "place"?`},
		{`{ entities(type: "Pmup") { nodes { id } } }`, "INVALID entities", `did you mean "Pump"?`},
	} {
		r := p.ask(t, c.operation, nil)
		if errorsOf(r) != c.errors || !strings.Contains(r.Errors[0].Message, c.message) {
			t.Errorf("%s: %s %v, want %s %s", c.operation, errorsOf(r), r.Errors, c.errors, c.message)
		}
	}
	op, _ := p.load(t, `query($w: PumpFilter) { pumps(where: $w) { totalCount } }`)
	_, err := validator.VariableValues(p.schema, op, map[string]any{"w": map[string]any{"and": []any{map[string]any{"ratedFlow": map[string]any{"gt": "x"}}}}})
	if err == nil || !strings.Contains(err.Error(), "variable.w.and[0].ratedFlow.gt cannot use string as Float") {
		t.Errorf("%v", err)
	}
}

func TestCursorsOfAnotherListOrModelAreRefused(t *testing.T) {
	p := newPlant(t)
	cursor := *p.page(t, `{ pumps(orderBy: [{name: ASC}], first: 1) { pageInfo { endCursor } } }`, nil).PageInfo.EndCursor
	asked := func(p *plant, root string) Result {
		return p.ask(t, fmt.Sprintf(`{ %s(orderBy: [{name: ASC}], after: %q) { totalCount } }`, root, cursor), nil)
	}
	if r := asked(p, "pumps"); len(r.Errors) > 0 {
		t.Fatal(r.Errors)
	}
	if r := asked(p, "valves"); errorsOf(r) != "INVALID valves" || !strings.Contains(r.Errors[0].Message, "belongs to another list or order") {
		t.Errorf("%v", r.Errors)
	}
	model, problems := schema.Parse([]schema.File{{Name: "model.graphql", Text: p.model.Files[0].Text + "\ntype Fan implements Equipment @asset { blades: Int }\n"}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	next := *p
	var err error
	if next.engine, err = New(Options{Model: model, Store: p.store, Source: p.runtime, States: p.states}); err != nil {
		t.Fatal(err)
	}
	if next.schema, err = gqlparser.LoadSchema(&ast.Source{Name: "data plane", Input: next.engine.SDL()}); err != nil {
		t.Fatal(err)
	}
	if r := asked(&next, "pumps"); errorsOf(r) != "CONFLICT pumps" || !strings.Contains(r.Errors[0].Message, "another revision of the model") {
		t.Errorf("%v", r.Errors)
	}
}

// refuser is a connector that can do nothing with a filter, and says so.
type refuser struct{ *connectortest.Memory }

func (r refuser) Plan(ctx context.Context, w connectors.Want) (connectors.Accept, error) {
	if w.Where != nil {
		return connectors.Accept{}, fault.New(fault.Invalid, "work orders cannot be searched by status")
	}
	return r.Memory.Plan(ctx, w)
}

// A filter that the source leaves is done by the engine; one that it refuses is refused with its reason. None is ignored.
func TestAFilterIsDoneOrRefusedNeverIgnored(t *testing.T) {
	p := newPlant(t)
	const filtered = `{ workOrders(where: {status: {eq: OPEN}}) { status nodes { number } } }`
	if r := p.ask(t, filtered, nil); string(r.Data) != `{"workOrders":{"status":"OK","nodes":[{"number":"WO-1"},{"number":"WO-3"},{"number":"WO-4"}]}}` {
		t.Errorf("%s %v", r.Data, r.Errors)
	}
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("{kind: erp, cache: 0s}"), &node); err != nil {
		t.Fatal(err)
	}
	kinds := connectors.NewRegistry(connectortest.Kind("erp", refuser{p.erp}))
	runtime, err := connectors.Open(t.Context(), kinds, map[string]*yaml.Node{"erp": node.Content[0]}, connectors.Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.Close(t.Context())
	if p.engine, err = New(Options{Model: p.model, Store: p.store, Source: runtime, States: p.states}); err != nil {
		t.Fatal(err)
	}
	r := p.ask(t, filtered, nil)
	if string(r.Data) != `{"workOrders":{"status":"UNSUPPORTED","nodes":null}}` || errorsOf(r) != "INVALID workOrders" ||
		!strings.Contains(r.Errors[0].Message, "work orders cannot be searched by status") {
		t.Errorf("%s %v", r.Data, r.Errors)
	}
	r = p.ask(t, `{ pumps(where: {workOrders: {some: {status: {eq: OPEN}}}}) { incomplete nodes { id } } }`, nil)
	if string(r.Data) != `{"pumps":{"incomplete":true,"nodes":[]}}` || errorsOf(r) != "INVALID pumps" {
		t.Errorf("%s %v", r.Data, r.Errors)
	}
}

// A source that accepts a filter and sends other rows is caught: no rows, BAD_DATA, one error; a filter over them is unknown.
func TestRowsThatDoNotFitTheFilterAreBadData(t *testing.T) {
	for _, lie := range []connectortest.Fault{connectortest.Unfiltered, connectortest.WrongTypes} {
		for _, side := range []side{graphSide, sourceSide} {
			p := newPlant(t)
			p.engine.side = side
			p.faultyERP.Become(lie)
			r := p.ask(t, `{ pump(id: "pump-1") { workOrders(where: {status: {eq: OPEN}}) { status nodes { number } } } }`, nil)
			if string(r.Data) != `{"pump":{"workOrders":{"status":"BAD_DATA","nodes":null}}}` || errorsOf(r) != "UNAVAILABLE pump.workOrders" ||
				r.Errors[0].Status != connectors.BadData || r.Errors[0].Connector != "erp" || r.Errors[0].KeyCount != 1 {
				t.Errorf("%s: %s %v", lie, r.Data, r.Errors)
			}
			r = p.ask(t, `{ pumps(where: {workOrders: {some: {status: {eq: OPEN}}}}) { incomplete nodes { id } } }`, nil)
			if !strings.Contains(string(r.Data), `"incomplete":true,"nodes":[`) || errorsOf(r) != "UNAVAILABLE pumps" {
				t.Errorf("%s, side %d: %s %v", lie, side, r.Data, r.Errors)
			}
		}
	}
}
