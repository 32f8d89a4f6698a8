package query

import (
	"context"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/graph"
	"mereon/graph/memory"
	"mereon/schema"
)

// newShop is machines in the graph, and their orders, customers and countries in one system, which joins by itself or not.
func newShop(t *testing.T, seed int64, joins, filters bool) *plant {
	t.Helper()
	random := rand.New(rand.NewSource(seed))
	p := &plant{model: parseModel(t, "testdata/shop/model.graphql"), store: memory.New(), states: newFakeStates()}
	t.Cleanup(func() { p.store.Close() })
	set := graph.ChangeSet{Layout: graph.LayoutOf(p.model), By: "test", At: noon}
	for i := range 5 {
		id := fmt.Sprint("m", i)
		set.Entities = append(set.Entities, graph.EntityChange{Op: graph.Create, ID: graph.EntityID(id), Type: "Machine", Values: []graph.PathValue{
			{Path: "name", Value: schema.StringOf(id)}, {Path: "serial", Value: schema.StringOf("S" + id)}}})
	}
	if _, err := p.store.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	p.erp = connectortest.NewMemory()
	p.erp.Joins, p.erp.Filters, p.erp.Orders, p.erp.Limits = joins, filters, filters, filters
	p.fillShop(random)
	p.faultyERP = connectortest.NewFaulty(p.erp)
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("{kind: shop, cache: 0s}"), &node); err != nil {
		t.Fatal(err)
	}
	kinds := connectors.NewRegistry(connectortest.Kind("shop", p.faultyERP))
	runtime, err := connectors.Open(t.Context(), kinds, map[string]*yaml.Node{"shop": node.Content[0]}, connectors.Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := runtime.Close(ctx); err != nil {
			t.Error("Close:", err)
		}
	})
	if p.engine, err = New(Options{Model: p.model, Store: p.store, Source: runtime, States: p.states, Now: func() time.Time { return noon }}); err != nil {
		t.Fatal(err)
	}
	if p.schema, err = gqlparser.LoadSchema(&ast.Source{Name: "data plane", Input: p.engine.SDL()}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *plant) fillShop(random *rand.Rand) {
	text := schema.StringOf
	column := func(name string, s schema.Scalar, key bool) connectors.Column {
		return connectors.Column{Name: name, Type: schema.ValueType{Scalar: s}, Key: key}
	}
	maybe := func(v schema.Value) schema.Value {
		if random.Intn(4) == 0 {
			return schema.Null
		}
		return v
	}
	some := func(prefix string, n int) schema.Value { return maybe(text(fmt.Sprint(prefix, random.Intn(n)))) }
	var orders, customers [][]schema.Value
	for i := range 20 {
		orders = append(orders, []schema.Value{text(fmt.Sprintf("o%02d", i)), some("Sm", 6), maybe(schema.IntOf(int64(random.Intn(4)))), some("c", 5), some("o0", 10)})
	}
	for i := range 4 {
		customers = append(customers, []schema.Value{text(fmt.Sprint("c", i)), maybe(text(fmt.Sprint("name ", i%3))), maybe(schema.IntOf(int64(i))), some("l", 4)})
	}
	countries := [][]schema.Value{{text("l0"), text("Here")}, {text("l1"), schema.Null}, {text("l2"), text("There")}}
	p.erp.Put("orders", connectortest.Table{Rows: orders, Columns: []connectors.Column{
		column("number", schema.ID, true), column("machine", schema.String, true), column("amount", schema.Int, false), column("buyer", schema.ID, true), column("follows", schema.ID, true)}})
	p.erp.Put("customers", connectortest.Table{Rows: customers, Columns: []connectors.Column{
		column("id", schema.ID, true), column("name", schema.String, false), column("rank", schema.Int, false), column("home", schema.ID, true)}})
	p.erp.Put("countries", connectortest.Table{Rows: countries, Columns: []connectors.Column{column("code", schema.ID, true), column("name", schema.String, false)}})
}

// randomShopFilter writes a filter over orders.
func randomShopFilter(random *rand.Rand, depth int) string {
	if depth == 0 {
		return []string{
			`amount: {gt: 1}`, `customer: {rank: {lte: 2}}`, `customer: {country: {name: {eq: "Here"}}}`, `customer: {isNull: true}`,
			`customer: {country: {isNull: false}}`, `before: {customer: {name: {eq: "name 1"}}}`, `before: {amount: {isNull: true}}`, `on: {name: {eq: "m1"}}`,
			`customer: {jobs: {some: {amount: {eq: 1}}}}`, `before: {before: {before: {amount: {gt: 0}}}}`, `customer: {or: [{rank: {eq: 1}}, {country: {code: {eq: "l2"}}}]}`,
		}[random.Intn(11)]
	}
	inner := func() string { return randomShopFilter(random, depth-1) }
	switch random.Intn(6) {
	case 0:
		return "not: {" + inner() + "}"
	case 1:
		return "or: [{" + inner() + "}, {" + inner() + "}]"
	case 2:
		return "and: [{" + inner() + "}, {" + inner() + "}]"
	case 3:
		return "before: {" + inner() + "}"
	}
	return inner()
}

// A source that joins by itself gives what the engine joins: filters, orders, pages and what is selected, also for machines
// whose orders are looked at.
func TestJoinsOfTheSourceGiveWhatTheEngineJoins(t *testing.T) {
	const seed = 11
	random := rand.New(rand.NewSource(seed))
	found, fewer := 0, 0
	for round := range 12 {
		data, filters := random.Int63(), random.Intn(2) == 0
		apart, joined := newShop(t, data, false, filters), newShop(t, data, true, filters)
		for range 12 {
			order := []string{"", "orderBy: [{customer: {name: DESC}}],", "orderBy: [{before: {customer: {country: {name: ASC}}}}, {amount: DESC}],", "orderBy: [{customer: {jobs: {count: DESC}}}, {customer: {rank: ASC}}],", "orderBy: [{on: {name: DESC}}],"}[random.Intn(5)]
			where := randomShopFilter(random, 3)
			selection := `number amount customer { name country { code name } jobs(first: 2) { nodes { number } } } before { number customer { rank country { name } } before { number on { name } } }`
			text := fmt.Sprintf(`{ jobs(where: {%s}, %s first: 6) { totalCount incomplete pageInfo { hasNextPage endCursor } nodes { %s } } machines(where: {jobs: {%s: {%s}}}) { incomplete nodes { id } } one: job(number: "o01") { %s } }`,
				where, order, selection, []string{"some", "every", "none"}[random.Intn(3)], randomShopFilter(random, 2), selection)
			a, b := apart.ask(t, text, nil), joined.ask(t, text, nil)
			// Whether a null column makes a list incomplete depends on who decides: a source leaves such rows out, as the graph does.
			complete := strings.NewReplacer(`"incomplete":true`, `"incomplete":false`)
			if diff := cmp.Diff(complete.Replace(string(a.Data)), complete.Replace(string(b.Data))); diff != "" || len(a.Errors)+len(b.Errors) > 0 {
				t.Fatalf("seed %d, round %d: %s\n%v %v\n-apart +joined\n%s\n%s\n%s", seed, round, text, a.Errors, b.Errors, diff, a.Data, Text(b.Explain.Tree))
			}
			if strings.Contains(string(a.Data), `"nodes":[{"number"`) {
				found++
			}
			if b.Explain.Questions < a.Explain.Questions {
				fewer++
			}
		}
	}
	if found < 50 || fewer < 100 {
		t.Errorf("%d operations found anything, %d asked fewer questions", found, fewer)
	}
}

func TestOneQuestionForWhatOneSystemHolds(t *testing.T) {
	p := newShop(t, 3, true, true)
	r := p.ask(t, `{ jobs(where: {customer: {country: {name: {eq: "Here"}}}}, orderBy: [{customer: {name: DESC}}], first: 2) { nodes { number customer { name country { name } } } } }`, nil)
	if r.Explain.Questions != 1 || len(r.Errors) > 0 {
		t.Errorf("%d questions, %v\n%s", r.Explain.Questions, r.Errors, Text(r.Explain.Tree))
	}
	if text := Text(r.Explain.Tree); !strings.Contains(text, "joined there: customer (customers)") || !strings.Contains(text, "comes with the rows of jobs.customer") {
		t.Error(text)
	}
	pages := p.pages(t, "jobs", `{customer: {country: {name: ASC}}}, {customer: {rank: DESC}}`, "number")
	p = newShop(t, 3, false, true)
	if apart := p.pages(t, "jobs", `{customer: {country: {name: ASC}}}, {customer: {rank: DESC}}`, "number"); apart != pages {
		t.Errorf("pages %s, apart %s", pages, apart)
	}
}
