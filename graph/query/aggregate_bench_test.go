package query

import (
	"fmt"
	"testing"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/graph"
	"mereon/schema"
)

// BenchmarkGroups makes groups of 100,000 pumps and 100,000 work orders: in the store, and of the rows of a source that
// does not make them.
func BenchmarkGroups(b *testing.B) {
	p := newPlant(b)
	set := graph.ChangeSet{At: noon}
	orders := connectortest.Table{}
	for i, name := range []string{"number", "status", "priority", "due", "equipment"} {
		s := []schema.Scalar{schema.ID, schema.String, schema.Int, schema.Date, schema.String}[i]
		orders.Columns = append(orders.Columns, connectors.Column{Name: name, Type: schema.ValueType{Scalar: s}, Key: true})
	}
	for n := range 100_000 {
		id := fmt.Sprintf("n-%06d", n)
		set.Entities = append(set.Entities, graph.EntityChange{Op: graph.Create, ID: graph.EntityID(id), Type: "Pump", Values: []graph.PathValue{
			{Path: "serialNumber", Value: schema.StringOf(id)}, {Path: "category", Value: schema.StringOf([]string{"water", "oil", "air"}[n%3])}, {Path: "ratedFlow", Value: schema.FloatOf(float64(n % 50))}}})
		set.Relationships = append(set.Relationships, graph.RelationshipChange{From: graph.EntityID(id), Relation: "locatedIn", To: graph.EntityID([]string{"hall-1", "hall-2"}[n%2])})
		orders.Rows = append(orders.Rows, []schema.Value{schema.StringOf(id), schema.StringOf([]string{"OPEN", "DONE"}[n%2]), schema.IntOf(int64(n % 5)), schema.DateOf(fmt.Sprintf("2026-%02d-11", 1+n%12)), schema.StringOf(id)})
	}
	if _, err := p.store.Apply(b.Context(), set); err != nil {
		b.Fatal(err)
	}
	p.erp.Put("work_orders", orders)
	const due = `{ workOrderGroups(by: [{due: QUARTER}, {status: VALUE}]) { key { due status } count priority { avg } } }`
	for _, c := range []struct {
		name, text string
	}{
		{"store by value", `{ pumpGroups(by: [{category: VALUE}]) { key { category } count ratedFlow { avg } } }`},
		{"store by related entity", `{ pumpGroups(by: [{location: ENTITY}]) { key { location { name } } count ratedFlow { avg } } }`},
		{"store by entity above", `{ pumpGroups(by: [{above: {hierarchy: "place"}}]) { key { above { name } } count ratedFlow { avg } } }`},
		{"rows of a source", due},
	} {
		b.Run(c.name, func(b *testing.B) {
			plan := p.plan(b, c.text)
			ctx := operator(b.Context())
			b.ReportAllocs()
			for b.Loop() {
				if r := plan.Execute(ctx, Request{}); len(r.Errors) > 0 {
					b.Fatal(r.Errors[0])
				}
			}
		})
	}
}
