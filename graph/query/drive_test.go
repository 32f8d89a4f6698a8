package query

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// randomOrders replaces the tables of the ERP by random ones, with nulls, with orders for equipment that nobody knows, and
// notes on some of them.
func (p *plant) randomOrders(random *rand.Rand, serials []string) {
	one := func(values ...schema.Value) schema.Value { return values[random.Intn(len(values))] }
	text := schema.StringOf
	scalar := func(s schema.Scalar) schema.ValueType { return schema.ValueType{Scalar: s} }
	var orders, notes [][]schema.Value
	for i := range 60 {
		number := fmt.Sprintf("W-%02d", i)
		equipment := text(serials[random.Intn(len(serials))])
		orders = append(orders, []schema.Value{
			text(number), one(text("OPEN"), text("DONE"), schema.Null), one(schema.IntOf(1), schema.IntOf(2), schema.IntOf(3), schema.Null),
			one(schema.DateOf("2026-03-02"), schema.Null), one(equipment, equipment, equipment, text("nobody"), schema.Null),
		})
		for k := range random.Intn(3) {
			notes = append(notes, []schema.Value{text(fmt.Sprint("N-", i, "-", k)), text(number), one(text("leak"), text("seal"), schema.Null), one(text("water"), schema.Null)})
		}
	}
	p.erp.Put("work_orders", connectortest.Table{Rows: orders, Columns: []connectors.Column{
		{Name: "number", Type: scalar(schema.ID), Key: true}, {Name: "status", Type: scalar(schema.String)},
		{Name: "priority", Type: scalar(schema.Int)}, {Name: "due", Type: scalar(schema.Date)}, {Name: "equipment", Type: scalar(schema.String), Key: true},
	}})
	p.erp.Put("notes", connectortest.Table{Rows: notes, Columns: []connectors.Column{
		{Name: "id", Type: scalar(schema.ID), Key: true}, {Name: "order", Type: scalar(schema.ID), Key: true}, {Name: "text", Type: scalar(schema.String)}, {Name: "topic", Type: scalar(schema.String)},
	}})
}

// randomFederated writes a filter over pumps: stored values, live values, relationships, orders and the notes of orders.
func randomFederated(random *rand.Rand, depth int) string {
	if depth == 0 {
		return []string{
			`ratedFlow: {gt: 3}`, `flow: {lt: 5}`, `name: {eq: "twin 1"}`, `ratedFlow: {isNull: true}`,
			`workOrders: {some: {status: {eq: OPEN}}}`, `workOrders: {none: {}}`, `workOrders: {some: {}}`,
		}[random.Intn(7)]
	}
	inner := func() string { return randomFederated(random, depth-1) }
	switch random.Intn(8) {
	case 0:
		return "not: {" + inner() + "}"
	case 1:
		return "or: [{" + inner() + "}, {" + inner() + "}]"
	case 2:
		return "and: [{" + inner() + "}, {" + inner() + "}]"
	case 3:
		return []string{"feeds", "fedBy"}[random.Intn(2)] + ": {" + []string{"some", "every", "none"}[random.Intn(3)] + ": {" + inner() + "}}"
	case 4:
		return fmt.Sprintf("workOrders: {count: {where: {%s}, %s: %d}}", randomOrder(random, depth-1), []string{"gte", "eq", "lt", "gt"}[random.Intn(4)], random.Intn(3))
	}
	return "workOrders: {" + []string{"some", "every", "none"}[random.Intn(3)] + ": {" + randomOrder(random, depth-1) + "}}"
}

// randomOrder writes a filter over work orders.
func randomOrder(random *rand.Rand, depth int) string {
	if depth > 0 && random.Intn(2) == 0 {
		inner := func() string { return randomOrder(random, depth-1) }
		switch random.Intn(4) {
		case 0:
			return "not: {" + inner() + "}"
		case 1:
			return "or: [{" + inner() + "}, {" + inner() + "}]"
		case 2:
			return "and: [{" + inner() + "}, {" + inner() + "}]"
		}
		return "notes: {" + []string{"some", "every", "none"}[random.Intn(3)] + `: {text: {eq: "seal"}}}`
	}
	return []string{
		`status: {eq: OPEN}`, `status: {ne: DONE}`, `status: {in: [OPEN, DONE]}`, `priority: {lte: 2}`, `priority: {eq: 1}`,
		`due: {isNull: true}`, `status: {eq: OPEN}, priority: {gt: 1}`, `asset: {name: {eq: "twin 1"}}`,
	}[random.Intn(8)]
}

// Whichever side goes first, the answer is the same: on random data, with random filters, in pages, below parents, with a
// source that filters itself and with one that does not, and with one that is down.
func TestEachSideOfAFilterGivesTheSameAnswer(t *testing.T) {
	const seed = 7
	random := rand.New(rand.NewSource(seed))
	var p *plant
	var serials []string
	for i := range 30 {
		serials = append(serials, fmt.Sprintf("T-t%02d", i))
	}
	found, sourced := 0, 0
	for round := range 400 {
		if round%20 == 0 {
			p = newPlant(t)
			p.twins(t, random)
			p.randomOrders(random, serials)
			p.erp.Filters, p.erp.Orders, p.erp.Limits = random.Intn(2) == 0, random.Intn(2) == 0, random.Intn(2) == 0
			p.faultyERP.Become([]connectortest.Fault{connectortest.Healthy, connectortest.Healthy, connectortest.Healthy, connectortest.Forbid}[random.Intn(4)])
		}
		order := []string{"", "orderBy: [{flow: ASC}],", "orderBy: [{name: DESC}, {ratedFlow: ASC}],"}[random.Intn(3)]
		page := []string{"first: 1000", "first: 3", "last: 4"}[random.Intn(3)]
		shape := fmt.Sprintf(`(where: {%s}, %s %s) { totalCount incomplete pageInfo { hasNextPage hasPreviousPage } nodes { id } }`, randomFederated(random, 3), order, page)
		orders := fmt.Sprintf(`workOrders(where: {%s}, orderBy: [{due: DESC}], first: 5) { totalCount incomplete status nodes { number } }`, randomOrder(random, 3))
		text := `{ pumps` + shape + ` below: pump(id: "t29") { feeds` + shape + ` } ` + orders + ` }`
		p.engine.side = graphSide
		graphFirst := p.ask(t, text, nil)
		p.engine.side = sourceSide
		sourceFirst := p.ask(t, text, nil)
		if diff := cmp.Diff(string(graphFirst.Data), string(sourceFirst.Data)); diff != "" {
			t.Fatalf("seed %d, round %d: %s\n-graph first +source first:\n%s", seed, round, text, diff)
		}
		if strings.Contains(string(graphFirst.Data), `"id":"t`) {
			found++
		}
		for _, s := range sourceFirst.Explain.Steps {
			if strings.HasPrefix(s.Why, "source first") {
				sourced++
				break
			}
		}
	}
	if found < 100 || sourced < 60 {
		t.Errorf("only %d filters found anything, %d were driven from the source", found, sourced)
	}
}

func TestWeakConditionsHoldWhereverTheFilterIsNotFalse(t *testing.T) {
	model := parseModel(t, "testdata/plant/model.graphql")
	c := &catalog{model: model}
	scope := filterScope{catalog: c, record: model.Records["WorkOrder"]}
	for _, filter := range []map[string]any{
		{"status": map[string]any{"eq": "OPEN"}},
		{"status": map[string]any{"ne": "OPEN"}, "priority": map[string]any{"in": []any{int64(1), int64(2)}}},
		{"not": map[string]any{"status": map[string]any{"eq": "DONE"}}},
		{"or": []any{map[string]any{"priority": map[string]any{"lt": int64(2)}}, map[string]any{"status": map[string]any{"isNull": true}}}},
		{"status": map[string]any{"eq": nil}},
	} {
		p, err := scope.parse(filter)
		if err != nil {
			t.Fatal(err)
		}
		exact, _ := p.condition()
		for _, status := range []schema.Value{schema.Null, schema.StringOf("OPEN"), schema.StringOf("DONE")} {
			for _, priority := range []schema.Value{schema.Null, schema.IntOf(1), schema.IntOf(2), schema.IntOf(5)} {
				get := func(p schema.Path) schema.Value {
					if p == "status" {
						return status
					}
					return priority
				}
				truth := exact.Eval(get, nil)
				if truth != schema.False && weak(p, false).Eval(get, nil) != schema.True {
					t.Errorf("%v with %v, %v is %d, but its weak form is not true", filter, status, priority, truth)
				}
				if truth != schema.True && weak(p, true).Eval(get, nil) != schema.True {
					t.Errorf("not %v with %v, %v is %d, but its weak form is not true", filter, status, priority, -truth)
				}
			}
		}
	}
}

// many adds pumps with a serial number and no readings.
func (p *plant) many(t *testing.T, n int) {
	t.Helper()
	set := graph.ChangeSet{}
	for i := range n {
		set.Entities = append(set.Entities, graph.EntityChange{Op: graph.Create, ID: graph.EntityID(fmt.Sprintf("m%05d", i)), Type: "Pump", Values: []graph.PathValue{
			{Path: "name", Value: schema.StringOf("many")}, {Path: "serialNumber", Value: schema.StringOf(fmt.Sprintf("M-%05d", i))}}})
	}
	if _, err := p.store.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
}

// why returns what the plan says about the side of the first root field.
func why(r Result) string {
	for _, s := range r.Explain.Steps {
		if s.Why != "" {
			return s.Why
		}
	}
	return ""
}

func TestTheSmallerSideGoesFirst(t *testing.T) {
	p := newPlant(t)
	const filter = `{ pumps(where: {workOrders: {some: {status: {eq: OPEN}}}}) { incomplete nodes { id } } }`
	const open = `{"pumps":{"incomplete":false,"nodes":[{"id":"pump-1"},{"id":"pump-2"}]}}`
	r := p.ask(t, filter, nil)
	if why(r) != "" || string(r.Data) != open {
		t.Errorf("few candidates: %q, %s", why(r), r.Data)
	}
	p.many(t, 5_000)
	_, before := p.erp.Calls()
	r = p.ask(t, filter, nil)
	if want := "source first: about 6 rows of erp work_orders, 5004 candidates in the graph"; why(r) != want || string(r.Data) != open {
		t.Errorf("%q, want %q; %s", why(r), want, r.Data)
	}
	if _, after := p.erp.Calls(); after-before != 1 {
		t.Errorf("%d keys were asked for, want the one question without keys", after-before)
	}
	r = p.ask(t, `{ pumps(where: {ratedFlow: {gt: 1}, workOrders: {some: {status: {eq: OPEN}}}}) { nodes { id } } }`, nil)
	if want := "graph first: only 3 candidates"; why(r) != want {
		t.Errorf("%q, want %q", why(r), want)
	}
	if r = p.ask(t, `{ pumps(where: {workOrders: {none: {status: {eq: OPEN}}}}) { totalCount } }`, nil); why(r) != "" {
		t.Errorf("none cannot be driven from the source: %q", why(r))
	}
}

func TestTheRowBudgetChoosesTheSideOrRefuses(t *testing.T) {
	p := newPlant(t)
	p.many(t, 2_000)
	engine, err := New(Options{Model: p.model, Store: p.store, Source: p.runtime, Limits: Limits{Rows: 1_000}})
	if err != nil {
		t.Fatal(err)
	}
	p.engine = engine
	r := p.ask(t, `{ pumps(where: {workOrders: {some: {status: {eq: OPEN}}}}) { nodes { id } } }`, nil)
	if !strings.HasPrefix(why(r), "source first: the graph has 2004 candidates, more than the row budget of 1000") || len(r.Errors) > 0 {
		t.Errorf("%q %v", why(r), r.Errors)
	}
	rows := make([][]schema.Value, 0, 1_500)
	for i := range 1_500 {
		rows = append(rows, []schema.Value{schema.StringOf(fmt.Sprint("X-", i)), schema.StringOf("OPEN"), schema.Null, schema.Null, schema.StringOf(fmt.Sprintf("M-%05d", i))})
	}
	p.randomOrders(rand.New(rand.NewSource(1)), []string{"M-00001"})
	table := connectortest.Table{Rows: rows, Columns: []connectors.Column{
		{Name: "number", Type: schema.ValueType{Scalar: schema.ID}, Key: true}, {Name: "status", Type: schema.ValueType{Scalar: schema.String}},
		{Name: "priority", Type: schema.ValueType{Scalar: schema.Int}}, {Name: "due", Type: schema.ValueType{Scalar: schema.Date}}, {Name: "equipment", Type: schema.ValueType{Scalar: schema.String}, Key: true}}}
	p.erp.Put("work_orders", table)
	r = p.ask(t, `{ pumps(where: {workOrders: {some: {status: {eq: OPEN}}}}) { nodes { id } } }`, nil)
	if len(r.Errors) != 1 || r.Errors[0].Code != fault.Limit || !strings.Contains(r.Errors[0].Message, "2004 candidates, and more rows of erp work_orders match") {
		t.Errorf("%s %v", r.Data, r.Errors)
	}
}

// A list of records that leads to few entities asks for the rows of those alone.
func TestEntitiesOfTheGraphNarrowAListOfRecords(t *testing.T) {
	p := newPlant(t)
	rows := make([][]schema.Value, 0, 3_000)
	for i := range 3_000 {
		rows = append(rows, []schema.Value{schema.StringOf(fmt.Sprintf("X-%04d", i)), schema.StringOf("OPEN"), schema.Null, schema.Null, schema.StringOf(fmt.Sprintf("P-%d", i))})
	}
	p.erp.Filters = true
	p.erp.Put("work_orders", connectortest.Table{Rows: rows, Columns: []connectors.Column{
		{Name: "number", Type: schema.ValueType{Scalar: schema.ID}, Key: true}, {Name: "status", Type: schema.ValueType{Scalar: schema.String}},
		{Name: "priority", Type: schema.ValueType{Scalar: schema.Int}}, {Name: "due", Type: schema.ValueType{Scalar: schema.Date}}, {Name: "equipment", Type: schema.ValueType{Scalar: schema.String}, Key: true}}})
	const operation = `{ workOrders(where: {asset: {location: {name: {eq: "Hall 1"}}}}) { totalCount nodes { number } } }`
	r := p.ask(t, operation, nil)
	if want := "graph first: 3 entities for asset, about 3000 rows in work_orders"; why(r) != want || r.Explain.Looked > 20 ||
		string(r.Data) != `{"workOrders":{"totalCount":2,"nodes":[{"number":"X-0001"},{"number":"X-0002"}]}}` {
		t.Errorf("%q, want %q: %s, %d rows looked at", why(r), want, r.Data, r.Explain.Looked)
	}
	p.engine.side = sourceSide
	if whole := p.ask(t, operation, nil); string(whole.Data) != string(r.Data) || whole.Explain.Looked < 3_000 {
		t.Errorf("%s, %d rows looked at", whole.Data, whole.Explain.Looked)
	}
}

func TestWhatASourceFiltersIsKnownOfJoinedColumnsToo(t *testing.T) {
	p := newShop(t, 1, true, true)
	customers := connectors.Collection{Name: "customers", RowCount: 10, Columns: []connectors.Column{{Name: "rank", Filter: []schema.ConditionOp{schema.Eq}}}}
	orders := connectors.Collection{Name: "orders", RowCount: 1_000, Columns: []connectors.Column{{Name: "amount", Filter: []schema.ConditionOp{schema.Eq}}}}
	g := guess{catalog: p.engine.catalog, record: p.model.Records["Job"], collection: &orders, all: []connectors.Collection{orders, customers},
		joins: []connectors.Join{{Name: "customer", Collection: "customers"}}}
	for path, want := range map[schema.Path]bool{"amount": true, "customer.rank": true, "customer.name": false, "before.amount": false, "machine": false} {
		if got := g.filters(&schema.Condition{Op: schema.Eq, Path: path, Value: schema.IntOf(1)}); got != want {
			t.Errorf("%s is filtered: %t, want %t", path, got, want)
		}
	}
}
