package api

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/graph/query"
	"mereon/schema"
)

// largeModel has n asset types with 20 fields each: properties, components, relationships and live values.
func largeModel(n, variant int) string {
	var b strings.Builder
	b.WriteString(plantModel)
	fmt.Fprintf(&b, "type Plate @component { maker: String year: Int rating%d: Float @unit(code: \"kW\") }\n", variant)
	for k := range n {
		fmt.Fprintf(&b, "\"Kind %[1]d of equipment.\"\ntype Kind%[1]d implements Equipment @asset {\n", k)
		for f := range 10 {
			fmt.Fprintf(&b, "  number%d: Float @unit(code: \"m3/h\")\n  text%d: String\n", f, f)
		}
		fmt.Fprintf(&b, "  plate: Plate\n  next: [Kind%d!] @relation(name: \"next%d\", inverse: \"previous\")\n}\n", (k+1)%n, k)
	}
	return b.String()
}

// BenchmarkSwap builds what answers for a model of 1,000 types, step by step, and exchanges it: alone, and beside a client that
// asks all the while and must not see a failure.
func BenchmarkSwap(b *testing.B) {
	b.Run("alone", func(b *testing.B) { benchmarkSwap(b, newPlant(b, roomy)) })
	b.Run("beside", func(b *testing.B) {
		p := newPlant(b, roomy)
		ctx, stop := context.WithCancel(b.Context())
		var asked, failed int
		var client sync.WaitGroup
		client.Go(func() {
			for c := p.caller(b, list100); ctx.Err() == nil; asked++ {
				if n, err := c.ask(); err != nil || n < 9_000 {
					failed++
				}
			}
		})
		benchmarkSwap(b, p)
		stop()
		client.Wait()
		b.ReportMetric(float64(asked)/float64(b.N), "answers/swap")
		b.ReportMetric(float64(failed), "failed")
		if failed > 0 {
			b.Errorf("%d of %d operations failed", failed, asked)
		}
	})
}

func benchmarkSwap(b *testing.B, p *plant) {
	text := largeModel(1000, 0)
	used := cpu()
	var parsing, planning, merging, exchanging time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		model, problems := schema.Parse([]schema.File{{Name: "plant.graphql", Text: text}})
		if err := problems.Err(); err != nil {
			b.Fatal(err)
		}
		parsed := time.Now()
		engine, err := query.New(query.Options{Model: model, Store: p.store, Source: p.source})
		if err != nil {
			b.Fatal(err)
		}
		planned := time.Now()
		snapshot, err := NewSnapshot(engine, &Resolvers{Project: &plantProject{p, model}})
		if err != nil {
			b.Fatal(err)
		}
		merged := time.Now()
		p.handler.Swap(snapshot)
		parsing += parsed.Sub(start)
		planning += planned.Sub(parsed)
		merging += merged.Sub(planned)
		exchanging += time.Since(merged)
	}
	each := func(d time.Duration) float64 { return float64(d.Milliseconds()) / float64(b.N) }
	b.ReportMetric(each(cpu()-used), "ms-cpu")
	b.ReportMetric(each(parsing), "ms-model")
	b.ReportMetric(each(planning), "ms-engine")
	b.ReportMetric(each(merging), "ms-schema")
	b.ReportMetric(float64(exchanging.Microseconds())/float64(b.N), "us-exchange")
}
