package memory_test

import (
	"testing"

	"mereon/graph"
	"mereon/schema"
)

// BenchmarkAggregate counts and measures a million entities in groups.
func BenchmarkAggregate(b *testing.B) {
	s := largeWorld()
	by := func(paths ...schema.Path) (keys []graph.Grouping) {
		for _, p := range paths {
			keys = append(keys, graph.Grouping{Path: p})
		}
		return keys
	}
	all := func(path schema.Path) (measures []graph.Measure) {
		for _, fn := range []schema.FoldFunc{schema.FoldCount, schema.FoldMin, schema.FoldMax, schema.FoldSum} {
			measures = append(measures, graph.Measure{Func: fn, Path: path})
		}
		return measures
	}
	few := &schema.Condition{Op: schema.Lt, Path: "number", Value: schema.FloatOf(10_000)}
	for _, c := range []struct {
		name string
		q    graph.Aggregation
	}{
		{"count", graph.Aggregation{}},
		{"measures", graph.Aggregation{Measures: all("number")}},
		{"by 4 values", graph.Aggregation{By: by("maker")}},
		{"by 4 values with measures", graph.Aggregation{By: by("maker"), Measures: all("number")}},
		{"by 1000 values with measures", graph.Aggregation{By: by("count"), Measures: all("number")}},
		{"by type and value", graph.Aggregation{By: by("assetType", "maker")}},
		{"by 4 values of what an index finds", graph.Aggregation{Of: graph.Selection{Where: few}, By: by("maker"), Measures: all("number")}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			groups, rows := 0, 0
			begun := processorTime()
			for b.Loop() {
				g, err := s.Aggregate(b.Context(), c.q)
				if err != nil {
					b.Fatal(err)
				}
				groups, rows = len(g.Counts), 0
				for _, n := range g.Counts {
					rows += n
				}
			}
			b.ReportMetric(float64((processorTime()-begun).Milliseconds())/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(groups), "groups")
			b.ReportMetric(float64(rows), "entities")
		})
	}
}
