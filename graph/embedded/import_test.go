package embedded_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/embedded"
	"mereon/graph/graphtest"
	"mereon/schema"
)

// BenchmarkImport applies a whole world as one change set and syncs it.
func BenchmarkImport(b *testing.B) {
	world := graphtest.World{Entities: entitiesOfLarge(), Seed: 1}
	set := world.All()
	for b.Loop() {
		b.StopTimer()
		s, err := embedded.Open(context.Background(), embedded.Options{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		start := time.Now()
		if _, err := s.Apply(context.Background(), set); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(world.Entities)/time.Since(start).Seconds(), "entities/s")
		b.StopTimer()
		s.Close()
		b.StartTimer()
	}
}

// BenchmarkReadsBesideImport asks for children of entities of a world of 100,000 while another world is imported beside it.
func BenchmarkReadsBesideImport(b *testing.B) {
	ctx := context.Background()
	first := graphtest.World{Entities: 100_000, Seed: 1}
	set := graphtest.World{Entities: entitiesOfLarge(), Seed: 2}.All()
	other := func(id graph.EntityID) graph.EntityID { return "x" + id }
	for i := range set.Entities {
		set.Entities[i].ID = other(set.Entities[i].ID)
		set.Entities[i].Values[1].Value = schema.StringOf("X" + set.Entities[i].Values[1].Value.Text())
	}
	for i := range set.Relationships {
		set.Relationships[i].From, set.Relationships[i].To = other(set.Relationships[i].From), other(set.Relationships[i].To)
	}
	for b.Loop() {
		b.StopTimer()
		s, err := embedded.Open(ctx, embedded.Options{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Apply(ctx, first.All()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		done := make(chan error, 1)
		go func() {
			_, err := s.Apply(ctx, set)
			done <- err
		}()
		took := readUntil(b, s, first, done)
		b.StopTimer()
		report(b, took)
		b.ReportMetric(idle(b, s, first), "idle-p99-ms")
		b.StartTimer()
		b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "reads/s")
		b.StopTimer()
		s.Close()
		b.StartTimer()
	}
}

// idle returns the 99th percentile of the same questions when nothing is imported: what the machine itself adds.
func idle(b *testing.B, s *embedded.Store, world graphtest.World) float64 {
	done := make(chan error, 1)
	time.AfterFunc(3*time.Second, func() { done <- nil })
	took := readUntil(b, s, world, done)
	slices.Sort(took)
	return took[len(took)*99/100].Seconds() * 1000
}

// readUntil asks a question every millisecond until the import is done.
func readUntil(b *testing.B, s *embedded.Store, world graphtest.World, done <-chan error) (took []time.Duration) {
	r := rand.New(rand.NewPCG(4, 4))
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		var start time.Time // when it was to be asked, so that waiting for a processor counts
		select {
		case err := <-done:
			if err != nil {
				b.Fatal(err)
			}
			return took
		case start = <-tick.C:
		}
		v, err := s.View(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		rows := rowsOf(b, v, world.ID(r.IntN(world.Entities/10)))
		_, err = v.Expand(context.Background(), graph.Expansion{From: rows, Steps: []graph.Step{{Relation: "locatedIn", Direction: graph.In}},
			Page: graph.Page{First: 10}, Columns: []schema.Path{"id", "name", "serial", "number"}})
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
}
