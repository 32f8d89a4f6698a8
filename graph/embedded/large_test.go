package embedded_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/embedded"
	"mereon/graph/graphtest"
)

// large is a store with a whole world, made once for all benchmarks. MEREON_BENCH_ENTITIES sets its size, MEREON_BENCH_DIR
// a folder to keep it in.
var large struct {
	once  sync.Once
	world graphtest.World
	dir   string
	took  time.Duration
	temp  bool
}

func entitiesOfLarge() int {
	if n, err := strconv.Atoi(os.Getenv("MEREON_BENCH_ENTITIES")); err == nil && n > 0 {
		return n
	}
	return 1_000_000
}

// largeStore opens the large store, which is closed when the benchmark ends.
func largeStore(b *testing.B) (*embedded.Store, graphtest.World) {
	b.Helper()
	large.once.Do(func() { makeLarge(b) })
	s, err := embedded.Open(context.Background(), embedded.Options{Dir: large.dir})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s, large.world
}

func makeLarge(b *testing.B) {
	large.world = graphtest.World{Entities: entitiesOfLarge(), Seed: 1}
	large.dir = os.Getenv("MEREON_BENCH_DIR")
	if large.dir == "" {
		large.dir, large.temp = filepath.Join(os.TempDir(), "mereon-bench-"+strconv.Itoa(os.Getpid())), true
	}
	if _, err := os.Stat(filepath.Join(large.dir, "graph.db")); err == nil {
		return
	}
	s, err := embedded.Open(context.Background(), embedded.Options{Dir: large.dir})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	set := large.world.All()
	start := time.Now()
	if _, err := s.Apply(context.Background(), set); err != nil {
		b.Fatal(err)
	}
	large.took = time.Since(start)
	b.Logf("import of %d entities and %d relationships: %v", len(set.Entities), len(set.Relationships), large.took)
}

// anonymous returns the resident memory of the process that is not a file's, in bytes.
func anonymous() int64 {
	debug.FreeOSMemory()
	text, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "RssAnon:" {
			kb, _ := strconv.ParseInt(f[1], 10, 64)
			return kb << 10
		}
	}
	return 0
}

func BenchmarkStart(b *testing.B) {
	large.once.Do(func() { makeLarge(b) })
	for b.Loop() {
		s, err := embedded.Open(context.Background(), embedded.Options{Dir: large.dir})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		v, _ := s.View(context.Background())
		counts, _ := v.Counts(context.Background())
		n := 0
		for _, c := range counts {
			n += c
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB-heap-before-gc")
		b.ReportMetric(float64(anonymous())/1e6, "MB-anonymous")
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/float64(n), "B/entity")
		s.Close()
		b.StartTimer()
	}
}

var _ graph.Store = (*embedded.Store)(nil)
