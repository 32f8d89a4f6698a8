package mirror_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/graphtest"
	"mereon/graph/memory"
	"mereon/graph/mirror"
	"mereon/schema"
)

// benchWorld is the large plant of the benchmarks: 100,000 entities, or MEREON_BENCH_ENTITIES, four relationships each.
func benchWorld(b *testing.B) graphtest.World {
	n := 100_000
	if text := os.Getenv("MEREON_BENCH_ENTITIES"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	return graphtest.World{Entities: n, Seed: 1}
}

// BenchmarkFill reads the whole graph from a store in this process: what is left is the mirror's own share.
func BenchmarkFill(b *testing.B) {
	w := benchWorld(b)
	up := newRemote(memory.Options{})
	if _, err := up.Apply(ctx, w.All()); err != nil {
		b.Fatal(err)
	}
	var took time.Duration
	rows := 0
	for b.Loop() {
		began := time.Now()
		s := reach(b, open(b, mirror.Options{Upstream: up}), mirror.Mirrored)
		took += time.Since(began)
		status := s.Status()
		rows += status.Entities + status.Relationships
		b.ReportMetric(float64(status.Bytes)/float64(status.Entities), "B/entity")
		s.Close()
	}
	b.ReportMetric(float64(rows)/took.Seconds(), "rows/s")
}

// BenchmarkRestart opens a mirror with its copy on disk, 1,000 changes behind.
func BenchmarkRestart(b *testing.B) {
	w, dir := benchWorld(b), b.TempDir()
	up := newRemote(memory.Options{})
	if _, err := up.Apply(ctx, w.All()); err != nil {
		b.Fatal(err)
	}
	reach(b, open(b, mirror.Options{Upstream: up, Dir: dir}), mirror.Mirrored).Close()
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		pumps(b, up, n*1000, n*1000+1000)
		b.StartTimer()
		s := reach(b, open(b, mirror.Options{Upstream: up, Dir: dir}), mirror.Mirrored)
		b.StopTimer()
		s.Close()
		b.StartTimer()
	}
	if n := up.backups.Load(); n != 1 {
		b.Fatalf("the graph was read %d times", n)
	}
}

// BenchmarkApply changes one entity and waits until the copy shows it.
func BenchmarkApply(b *testing.B) {
	w := benchWorld(b)
	up := newRemote(memory.Options{})
	if _, err := up.Apply(ctx, w.All()); err != nil {
		b.Fatal(err)
	}
	for name, s := range map[string]graph.Store{"upstream": up, "mirror": reach(b, open(b, mirror.Options{Upstream: up, Dir: b.TempDir()}), mirror.Mirrored)} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for n := 0; b.Loop(); n++ {
				began := time.Now()
				_, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Update, ID: w.ID(n % w.Entities),
					Values: []graph.PathValue{{Path: "maker", Value: schema.StringOf(fmt.Sprint(n))}}}}})
				if err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds()), "p95-µs")
		})
		s.Close()
	}
}
