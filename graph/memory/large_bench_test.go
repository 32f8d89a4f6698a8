package memory_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/graphtest"
	"mereon/graph/memory"
	"mereon/graph/record"
	"mereon/schema"
)

// largeWorld is a graph of a million entities and four million relationships, of which those by feeds have a length. It is
// loaded once for all benchmarks.
var largeWorld = sync.OnceValue(func() *memory.Snapshot {
	world := graphtest.World{Entities: 1_000_000, Seed: 1}
	l := memory.NewLoader(world.Layout())
	var relationships []record.Relationship
	for n := range world.Entities {
		e := world.Entity(n)
		if err := l.Entity(record.Entity{ID: e.ID, Type: e.Type, Values: e.Values, Revision: 1, Origin: graph.FromAPI}); err != nil {
			panic(err)
		}
		for i, r := range world.Relationships(n) {
			made := record.Relationship{From: r.From, Relation: r.Relation, To: r.To}
			if r.Relation == "feeds" {
				made.Props = []graph.PathValue{{Path: "length", Value: schema.IntOf(int64(1 + (n*7+i*13)%50))}}
			}
			relationships = append(relationships, made)
		}
	}
	s, err := l.Finish(1, relationships)
	if err != nil {
		panic(err)
	}
	return s
})

// measure reports the 95th percentile, and the processor time, in which other work on the machine does not count.
func measure(b *testing.B, ask func() error) {
	var took []time.Duration
	spent := processorTime()
	for b.Loop() {
		start := time.Now()
		if err := ask(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	b.ReportMetric(float64(processorTime()-spent)/1e6/float64(len(took)), "cpu-ms")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}

// processorTime is what the process has used.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano())
}

func BenchmarkSearch(b *testing.B) {
	s := largeWorld()
	for _, q := range []graph.Selection{
		{Search: "thing"}, {Search: "t"}, {Search: "thing 4711"}, {Search: "12"}, {Search: "dürr thing 99"}, {Search: "e0471100"}, {Search: "SN-00471100"}, {Search: "nothing"}, {Search: "acme", Types: []schema.TypeName{"Type03"}},
		{Search: "thing 1 acme", Count: true}, {Search: "t s e a", Count: true}, {Search: "thing", Order: []graph.Order{{Path: "number"}}},
		{Search: "thing", Where: &schema.Condition{Op: schema.Lt, Path: "number", Value: schema.FloatOf(1000)}},
		{Search: "borsig", Where: &schema.Condition{Op: schema.Eq, Path: "count", Value: schema.IntOf(7)}, Count: true},
	} {
		q.Page = graph.Page{First: 100}
		b.Run(fmt.Sprintf("%s %v count %t where %t order %d", q.Search, q.Types, q.Count, q.Where != nil, len(q.Order)), func(b *testing.B) {
			measure(b, func() error {
				_, err := s.Select(context.Background(), q)
				return err
			})
		})
	}
}

func BenchmarkPaths(b *testing.B) {
	s, world := largeWorld(), graphtest.World{Entities: 1_000_000, Seed: 1}
	random := rand.New(rand.NewPCG(1, 1))
	feeds, missing := []graph.Step{{Relation: "feeds", Direction: graph.Both}}, 10.0
	for name, q := range map[string]graph.PathQuery{
		"shortest": {Steps: feeds}, "all shortest": {Steps: feeds, Most: 100}, "lightest": {Steps: feeds, Weight: "length"},
		"lightest of all": {Steps: append(feeds, graph.Step{Relation: "locatedIn", Direction: graph.Both}), Weight: "length", Missing: &missing},
	} {
		b.Run(name, func(b *testing.B) {
			measure(b, func() error {
				ends, err := s.Lookup(context.Background(), []graph.EntityID{world.ID(random.IntN(world.Entities)), world.ID(random.IntN(world.Entities))}, nil)
				if err != nil {
					return err
				}
				q.From, q.To = ends.Rows[0], ends.Rows[1]
				found, err := s.ShortestPaths(context.Background(), q)
				if err == nil && len(found) == 0 {
					return fmt.Errorf("no path")
				}
				return err
			})
		})
	}
}

// BenchmarkReach reaches ten thousand entities, at once and in ten pieces.
func BenchmarkReach(b *testing.B) {
	s, world := largeWorld(), graphtest.World{Entities: 1_000_000, Seed: 1}
	random := rand.New(rand.NewPCG(1, 1))
	for _, pieces := range []int{1, 10} {
		b.Run(fmt.Sprintf("10000 in %d", pieces), func(b *testing.B) {
			measure(b, func() error {
				from, err := s.Lookup(context.Background(), []graph.EntityID{world.ID(random.IntN(world.Entities))}, nil)
				if err != nil {
					return err
				}
				q := graph.Reach{From: from.Rows, Steps: []graph.Step{{Relation: "feeds"}, {Relation: "isPartOf", Direction: graph.In}}, Page: graph.Page{All: true},
					Columns: []schema.Path{"id"}, Budget: 10_000 / pieces}
				for range pieces {
					found, err := s.Reach(context.Background(), q)
					if err != nil || !found.Truncated[0] {
						return fmt.Errorf("%d entities, %w", len(found.Rows), err)
					}
					q.Past, q.Page.After = found.Stopped[0], found.Stopped[0]
				}
				return nil
			})
		})
	}
}
