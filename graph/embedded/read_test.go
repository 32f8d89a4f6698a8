package embedded_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/embedded"
	"mereon/graph/graphtest"
	"mereon/schema"
)

func rowsOf(b *testing.B, v graph.View, ids ...graph.EntityID) []graph.Row {
	b.Helper()
	batch, err := v.Lookup(context.Background(), ids, nil)
	if err != nil {
		b.Fatal(err)
	}
	return batch.Rows
}

// BenchmarkQuestions asks single questions of a large store.
func BenchmarkQuestions(b *testing.B) {
	s, world := largeStore(b)
	ctx := context.Background()
	v, err := s.View(ctx)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	five := []schema.Path{"id", "name", "serial", "number", "count"}
	down := []graph.Step{{Relation: "locatedIn", Direction: graph.In}}
	every := []graph.Step{{Relation: "locatedIn", Direction: graph.Both}, {Relation: "isPartOf", Direction: graph.Both}, {Relation: "feeds", Direction: graph.Both}}
	rare := world.Type(3)
	subtree := rowsOf(b, v, world.ID(12))

	b.Run("view", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, _ := s.View(ctx)
			v.Close()
		}
	})
	b.Run("lookup", func(b *testing.B) {
		b.ReportAllocs()
		ids := []graph.EntityID{""}
		for b.Loop() {
			ids[0] = world.ID(r.IntN(world.Entities))
			v.Lookup(ctx, ids, five)
		}
	})
	b.Run("children", func(b *testing.B) {
		b.ReportAllocs()
		from := rowsOf(b, v, world.ID(r.IntN(world.Entities/20)))
		for b.Loop() {
			v.Expand(ctx, graph.Expansion{From: from, Steps: down, Page: graph.Page{First: 10}, Columns: five})
		}
	})
	b.Run("page of 100 of a type", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v.Select(ctx, graph.Selection{Types: []schema.TypeName{rare}, Page: graph.Page{First: 100}, Columns: five})
		}
	})
	b.Run("type and range by index", func(b *testing.B) {
		b.ReportAllocs()
		where := &schema.Condition{Op: schema.And, Args: []*schema.Condition{{Op: schema.Gte, Path: "number", Value: schema.FloatOf(1000)}, {Op: schema.Lt, Path: "number", Value: schema.FloatOf(4000)}}}
		for b.Loop() {
			v.Select(ctx, graph.Selection{Types: []schema.TypeName{rare}, Where: where, Page: graph.Page{First: 100}, Columns: five, Count: true})
		}
	})
	b.Run("page of 100 of all by an index", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v.Select(ctx, graph.Selection{Order: []graph.Order{{Path: "number", Desc: true}}, Page: graph.Page{First: 100}, Columns: five})
		}
	})
	b.Run("subtree of 11,110", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			batch, err := v.Reach(ctx, graph.Reach{From: subtree, Steps: down, Page: graph.Page{All: true}})
			if err != nil {
				b.Fatal(err)
			}
			n = len(batch.Rows)
		}
		b.ReportMetric(float64(n), "entities")
	})
	b.Run("subtree of 11,110 counted", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v.Reach(ctx, graph.Reach{From: subtree, Steps: down, Count: true, Page: graph.Page{First: 100}, Columns: five})
		}
	})
	b.Run("three hops", func(b *testing.B) {
		b.ReportAllocs()
		n, asked := 0, 0
		for b.Loop() {
			batch, _ := v.Reach(ctx, graph.Reach{From: rowsOf(b, v, world.ID(r.IntN(world.Entities))), Steps: every, MaxDepth: 3, Page: graph.Page{All: true}})
			n, asked = n+len(batch.Rows), asked+1
		}
		b.ReportMetric(float64(n)/float64(asked), "entities")
	})
	b.Run("shortest path", func(b *testing.B) { benchPaths(b, v, world, every) })
}

func benchPaths(b *testing.B, v graph.View, world graphtest.World, steps []graph.Step) {
	r := rand.New(rand.NewPCG(2, 2))
	var took []time.Duration
	length := 0
	for b.Loop() {
		ends := rowsOf(b, v, world.ID(r.IntN(world.Entities)), world.ID(r.IntN(world.Entities)))
		start := time.Now()
		p, err := v.ShortestPaths(context.Background(), graph.PathQuery{From: ends[0], To: ends[1], Steps: steps, MaxDepth: 100})
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
		for _, path := range p {
			length += len(path.Relations)
		}
	}
	report(b, took)
	b.ReportMetric(float64(length)/float64(len(took)), "steps")
}

// report adds percentiles to the figures of a benchmark.
func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	at := func(p float64) float64 { return took[int(p*float64(len(took)-1))].Seconds() * 1000 }
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.95), "p95-ms")
	b.ReportMetric(at(0.99), "p99-ms")
}

// BenchmarkSupernode adds and removes one relationship, durably, of an entity with 200,000 relationships and of one with
// few, in turns. x-small is the ratio.
func BenchmarkSupernode(b *testing.B) {
	ctx := context.Background()
	const degree = 200_000
	s, err := embedded.Open(ctx, embedded.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	set := graph.ChangeSet{Layout: &graph.Layout{Relations: []schema.Relation{{Name: "feeds"}}},
		Entities: []graph.EntityChange{{ID: "hub", Type: "Hub"}, {ID: "small", Type: "Hub"}, {ID: "other", Type: "Hub"}}}
	for n := range degree {
		id := graph.EntityID("p" + strconv.Itoa(n))
		set.Entities = append(set.Entities, graph.EntityChange{ID: id, Type: "Pump"})
		set.Relationships = append(set.Relationships, graph.RelationshipChange{From: "hub", Relation: "feeds", To: id})
	}
	if _, err := s.Apply(ctx, set); err != nil {
		b.Fatal(err)
	}
	took := map[graph.EntityID][]time.Duration{}
	for b.Loop() {
		for _, hub := range []graph.EntityID{"hub", "small"} {
			for _, op := range []graph.RelationOp{graph.Relate, graph.Unrelate} {
				start := time.Now()
				if _, err := s.Apply(ctx, graph.ChangeSet{Relationships: []graph.RelationshipChange{{Op: op, From: hub, Relation: "feeds", To: "other"}}}); err != nil {
					b.Fatal(err)
				}
				took[hub] = append(took[hub], time.Since(start))
			}
		}
	}
	median := func(hub graph.EntityID) float64 {
		slices.Sort(took[hub])
		return took[hub][len(took[hub])/2].Seconds() * 1000
	}
	b.ReportMetric(median("hub"), "hub-ms")
	b.ReportMetric(median("small"), "small-ms")
	b.ReportMetric(median("hub")/median("small"), "x-small")
}
