package query

import (
	"fmt"
	"testing"

	"mereon/graph"
	"mereon/schema"
)

const list100 = `{ pumps(first: 100) { nodes { id name serialNumber ratedFlow installed } } }`

// hundred adds pumps until there are a hundred and more.
func (p *plant) hundred(t testing.TB) {
	t.Helper()
	set := graph.ChangeSet{}
	for i := range 120 {
		set.Entities = append(set.Entities, graph.EntityChange{Op: graph.Create, ID: graph.EntityID(fmt.Sprintf("p%03d", i)), Type: "Pump", Values: []graph.PathValue{
			{Path: "name", Value: schema.StringOf(fmt.Sprint("Pump ", i))}, {Path: "serialNumber", Value: schema.StringOf(fmt.Sprint("S-", i))},
			{Path: "ratedFlow", Value: schema.FloatOf(float64(i) + 0.5)}, {Path: "installed", Value: schema.DateOf("2024-02-29")},
		}})
	}
	if _, err := p.store.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
}

func TestAWarmListOf100EntitiesTakesAtMost60Allocations(t *testing.T) {
	p := newPlant(t)
	p.hundred(t)
	plan := p.plan(t, list100)
	ctx := operator(t.Context())
	var r Result
	got := testing.AllocsPerRun(50, func() { r = plan.Execute(ctx, Request{}) })
	if len(r.Errors) > 0 || len(r.Data) < 5_000 {
		t.Fatalf("%v %s", r.Errors, r.Data)
	}
	if got > 60 {
		t.Errorf("%v allocations", got)
	}
	t.Logf("%v allocations, %d bytes", got, len(r.Data))
}

// BenchmarkWarm runs operations whose plans are there already.
func BenchmarkWarm(b *testing.B) {
	for name, operation := range map[string]string{
		"list of 100 x 5":        list100,
		"point by unique key":    `{ pump(serialNumber: "S-7") { id name ratedFlow } }`,
		"100 with live values":   `{ pumps(first: 100) { nodes { id flow { value unit status age } load { value } } } }`,
		"100 with work orders":   `{ pumps(first: 100) { nodes { id workOrders(where: {status: {eq: OPEN}}) { nodes { number priority } } } } }`,
		"filter by a live value": `{ pumps(where: {flow: {lt: 10}}) { nodes { id flow { value } } } }`,
		"three levels":           `{ pumps(first: 5) { nodes { id feeds { nodes { id name feeds { nodes { id name location { name } } } } } } } }`,
	} {
		b.Run(name, func(b *testing.B) {
			p := newPlant(b)
			p.hundred(b)
			plan := p.plan(b, operation)
			ctx := operator(b.Context())
			b.ReportAllocs()
			for b.Loop() {
				plan.Execute(ctx, Request{})
			}
		})
	}
}
