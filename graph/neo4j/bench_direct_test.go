package neo4j_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"mereon/graph"
	"mereon/graph/neo4j"
	"mereon/schema"
)

// newYard is a hall with many things in it, each feeding the next: what a typed API asks for below one parent.
func newYard(b *testing.B, things int) *benchmark {
	b.Helper()
	w := newBenchmark(b, 0)
	w.world.Entities = 1
	set := graph.ChangeSet{Layout: &graph.Layout{Relations: []schema.Relation{{Name: "feeds"}, {Name: "locatedIn", Single: true, Hierarchy: "place", ToParent: true}}}}
	set.Entities = []graph.EntityChange{{ID: "hall", Type: "Hall", Values: []graph.PathValue{{Path: "name", Value: schema.StringOf("Hall 1")}}}}
	for i := range things {
		h := uint64(i) * 0x9E3779B97F4A7C15
		id := graph.EntityID(fmt.Sprintf("t%05d", i))
		set.Entities = append(set.Entities, graph.EntityChange{ID: id, Type: []schema.TypeName{"Pump", "Valve", "Pump", "Tank"}[i%4], Values: []graph.PathValue{
			{Path: "name", Value: schema.StringOf(fmt.Sprintf("Thing %d", h%1e6))},
			{Path: "maker", Value: schema.StringOf([]string{"Acme", "Borsig", "Cifa", "Dürr"}[h>>20%4])},
			{Path: "flow", Value: schema.FloatOf(float64(h>>40) / 16)}, {Path: "count", Value: schema.IntOf(int64(h >> 30 % 1000))}}})
		set.Relationships = append(set.Relationships, graph.RelationshipChange{From: id, Relation: "locatedIn", To: "hall"})
		if i > 0 {
			set.Relationships = append(set.Relationships, graph.RelationshipChange{From: id, Relation: "feeds", To: graph.EntityID(fmt.Sprintf("t%05d", i-1))})
		}
	}
	if _, err := w.store.Apply(context.Background(), set); err != nil {
		b.Fatal(err)
	}
	return w
}

// asking is one question of a late view, which is what an operation is.
func (w *benchmark) asking(b *testing.B, question func(ctx context.Context, v graph.View) (int, error)) func(*testing.B, int) int {
	ctx := context.Background()
	return func(b *testing.B, _ int) int {
		v, err := graph.LateView(ctx, w.store)
		if err != nil {
			b.Fatal(err)
		}
		defer v.Close()
		n, err := question(ctx, v)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
}

// below asks for the things in the hall.
func below(ctx context.Context, v graph.View, q graph.Expansion) (*graph.Batch, error) {
	hall, err := v.Lookup(ctx, []graph.EntityID{"hall"}, nil)
	if err != nil {
		return nil, err
	}
	q.From, q.Steps = hall.Rows, []graph.Step{{Relation: "locatedIn", Direction: graph.In}}
	return v.Expand(ctx, q)
}

var machines = []schema.TypeName{"Pump", "Valve"}

// BenchmarkChildren asks for pages and totals of the 10,000 things in one hall.
func BenchmarkChildren(b *testing.B) {
	w := newYard(b, 10_000)
	columns := []schema.Path{"id", "name"}
	in := fmt.Sprintf("MATCH (a:%[1]sEntity {id: 'hall'})<-[:locatedIn]-(y)-[:_state]->(s:%[1]sState)", w.name)
	types := map[string]any{"types": []string{"Pump", "Valve"}, "flow": neo4j.SortKey(schema.FloatOf(1e5))}
	above := &schema.Condition{Op: schema.Gt, Path: "flow", Value: schema.FloatOf(1e5)}
	for _, one := range []struct {
		name  string
		q     graph.Expansion
		plain string
	}{
		{"ten", graph.Expansion{Types: machines, Page: graph.Page{First: 10}, Columns: columns}, in + " WHERE s.assetType IN $types RETURN s.id, s.name ORDER BY s.id LIMIT 10"},
		{"ten by name", graph.Expansion{Types: machines, Page: graph.Page{First: 10}, Columns: columns, Order: []graph.Order{{Path: "name"}}}, in + " WHERE s.assetType IN $types RETURN s.id, s.name ORDER BY s.name, s.id LIMIT 10"},
		{"ten above", graph.Expansion{Types: machines, Where: above, Page: graph.Page{First: 10}, Columns: columns}, in + " WHERE s.assetType IN $types AND s.flow > $flow RETURN s.id, s.name ORDER BY s.id LIMIT 10"},
		{"total", graph.Expansion{Types: machines, Count: true, Columns: columns}, in + " WHERE s.assetType IN $types RETURN 'n', count(*)"},
		{"total of all", graph.Expansion{Count: true, Columns: columns}, fmt.Sprintf("MATCH (a:%sEntity {id: 'hall'})<-[:locatedIn]-(y) RETURN 'n', count(*)", w.name)},
		{"ten and total", graph.Expansion{Types: machines, Count: true, Page: graph.Page{First: 10}, Columns: columns}, in + " WHERE s.assetType IN $types WITH s ORDER BY s.id WITH collect(s) AS met UNWIND met[..10] AS s RETURN s.id, s.name, size(met)"},
	} {
		b.Run(one.name, func(b *testing.B) {
			ours := w.asking(b, func(ctx context.Context, v graph.View) (int, error) {
				found, err := below(ctx, v, one.q)
				if err != nil {
					return 0, err
				}
				return max(1, len(found.Rows)), nil
			})
			w.compare(b, ours, func(b *testing.B, _ int) int { return w.byHand(b, one.plain, types) })
		})
	}
}

// BenchmarkGroups asks for least and greatest values and for groups by what is related, of all there is and below the hall.
func BenchmarkGroups(b *testing.B) {
	w := newYard(b, 10_000)
	of := graph.Selection{Types: machines}
	measures := []graph.Measure{{Func: schema.FoldCount, Path: "flow"}, {Func: schema.FoldMin, Path: "flow"}, {Func: schema.FoldMax, Path: "flow"}}
	all := fmt.Sprintf("MATCH (s:%[1]sState) WHERE s.assetType IN $types ", w.name)
	in := fmt.Sprintf("MATCH (a:%[1]sEntity {id: 'hall'})<-[:locatedIn]-(y)-[:_state]->(s:%[1]sState) WHERE s.assetType IN $types ", w.name)
	types := map[string]any{"types": []string{"Pump", "Valve"}}
	for _, one := range []struct {
		name  string
		q     graph.Aggregation
		plain string
	}{
		{"extremes by maker", graph.Aggregation{Of: of, By: []graph.Grouping{{Path: "maker"}}, Measures: measures}, all + "RETURN s.maker, count(*), min(s.flow), max(s.flow)"},
		{"by place", graph.Aggregation{Of: of, By: []graph.Grouping{{Steps: []graph.Step{{Relation: "locatedIn"}}}}, Measures: measures[:1]}, all + "MATCH (s)<-[:_state]-()-[:locatedIn]->(p) RETURN p.id, count(s.flow)"},
		{"below by maker", graph.Aggregation{Of: of, By: []graph.Grouping{{Path: "maker"}}, Measures: measures}, in + "RETURN s.maker, count(*), min(s.flow), max(s.flow)"},
		{"below sum", graph.Aggregation{Of: of, By: []graph.Grouping{{Path: "maker"}}, Measures: []graph.Measure{{Func: schema.FoldSum, Path: "flow"}}}, in + "RETURN s.maker, count(*), min(s.flow), max(s.flow)"},
	} {
		b.Run(one.name, func(b *testing.B) {
			ours := w.asking(b, func(ctx context.Context, v graph.View) (int, error) {
				q := one.q
				if strings.HasPrefix(one.plain, in) {
					hall, err := v.Lookup(ctx, []graph.EntityID{"hall"}, nil)
					if err != nil {
						return 0, err
					}
					q.From, q.Steps = hall.Rows, []graph.Step{{Relation: "locatedIn", Direction: graph.In}}
				}
				found, err := v.Aggregate(ctx, q)
				if err != nil {
					return 0, err
				}
				return len(found.Counts), nil
			})
			w.compare(b, ours, func(b *testing.B, _ int) int { return w.byHand(b, one.plain, types) })
		})
	}
}

// BenchmarkRelated asks for the first ten by conditions on what they feed and where they are.
func BenchmarkRelated(b *testing.B) {
	w := newYard(b, 10_000)
	makes := &schema.Condition{Op: schema.Eq, Path: "maker", Value: schema.StringOf("Acme")}
	parameters := map[string]any{"types": []string{"Pump", "Valve"}, "maker": neo4j.SortKey(makes.Value)}
	text := func(condition string) string {
		return fmt.Sprintf("MATCH (s:%[1]sState) WHERE s.assetType IN $types AND %[2]s RETURN s.id, s.name ORDER BY s.name, s.id LIMIT 10", w.name, condition)
	}
	feeds := "{ (s)<-[:_state]-()-[:feeds]->()-[:_state]->(t) WHERE t.maker = $maker }"
	for _, one := range []struct {
		name, plain string
		quantifier  schema.Quantifier
	}{{"some", text("EXISTS " + feeds), schema.Some}, {"none", text("NOT EXISTS " + feeds), schema.NoneOf}, {"count", text("COUNT " + feeds + " = 1"), schema.CountOf}} {
		b.Run(one.name, func(b *testing.B) {
			where := &schema.Condition{Op: schema.RelatedTo, Related: &schema.Related{Relation: "feeds", Where: makes, Quantifier: one.quantifier, Count: &schema.Condition{Op: schema.Eq, Path: "count", Value: schema.IntOf(1)}}}
			ours := w.asking(b, func(ctx context.Context, v graph.View) (int, error) {
				found, err := v.Select(ctx, graph.Selection{Types: machines, Where: where, Order: []graph.Order{{Path: "name"}}, Page: graph.Page{First: 10}, Columns: []schema.Path{"id", "name"}})
				if err != nil {
					return 0, err
				}
				return len(found.Rows), nil
			})
			w.compare(b, ours, func(b *testing.B, _ int) int { return w.byHand(b, one.plain, parameters) })
		})
	}
}
