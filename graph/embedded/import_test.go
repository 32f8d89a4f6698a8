package embedded_test

import (
	"context"
	"testing"
	"time"

	"mereon/graph/embedded"
	"mereon/graph/graphtest"
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
