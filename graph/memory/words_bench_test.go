package memory_test

import (
	"context"
	"fmt"
	"runtime"
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

// largeWorld is a graph of a million entities without relationships, loaded once for all benchmarks.
var largeWorld = sync.OnceValue(func() *memory.Snapshot {
	world := graphtest.World{Entities: 1_000_000, Seed: 1}
	l := memory.NewLoader(world.Layout())
	for n := range world.Entities {
		e := world.Entity(n)
		if err := l.Entity(record.Entity{ID: e.ID, Type: e.Type, Values: e.Values, Revision: 1, Origin: graph.FromAPI}); err != nil {
			panic(err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	s, err := l.Finish(1, nil)
	if err != nil {
		panic(err)
	}
	took := time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)
	fmt.Printf("finish of %d entities: %v, %d MB alive\n", s.Entities(), took, after.HeapAlloc>>20)
	return s
})

// processorTime is what the process has used: other work on the machine does not count.
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
			var took []time.Duration
			spent := processorTime()
			for b.Loop() {
				start := time.Now()
				if _, err := s.Select(context.Background(), q); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(processorTime()-spent)/1e6/float64(len(took)), "cpu-ms")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
