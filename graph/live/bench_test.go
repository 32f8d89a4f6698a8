package live

import (
	"context"
	"fmt"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/memory"
	"mereon/schema"
)

// BenchmarkTick measures one evaluation of 5,000 changed inputs: each a live value with a rule set and a watcher.
func BenchmarkTick(b *testing.B) {
	const pumps = 5000
	store, source, m := memory.New(), newFakeSource(), parse(b, plantModel)
	set := graph.ChangeSet{Layout: graph.LayoutOf(m)}
	for i := range pumps {
		set.Entities = append(set.Entities, pump(graph.EntityID(fmt.Sprint("pump-", i)), fmt.Sprint("P-", i), 10))
	}
	if _, err := store.Apply(context.Background(), set); err != nil {
		b.Fatal(err)
	}
	hub, err := Open(context.Background(), Options{Store: store, Source: source, Model: m, Book: book(b, m, bearingRules), Tick: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	defer hub.Close()
	var inputs []Input
	for i := range pumps {
		id := graph.EntityID(fmt.Sprint("pump-", i))
		inputs = append(inputs, Input{Entity: id, Path: "bearing"}, Input{Entity: id, RuleSet: "bearing"})
	}
	told := 0
	defer hub.Watch(inputs, func(changed []Update) { told += len(changed) })()
	for range 2 {
		hub.tick(time.Now())
	}
	keys := make([]seriesKey, pumps)
	for i := range keys {
		keys[i] = seriesKey{"plant", fmt.Sprintf("pumps/P-%d/bearing", i)}
	}
	n := 0.0
	b.ReportAllocs()
	told = 0
	for b.Loop() {
		n++
		now := time.Now()
		for _, k := range keys {
			hub.inbox.put(k, connectors.Reading{Measurement: connectors.Measurement{Value: schema.FloatOf(80 + n/1e6), Time: now, Quality: connectors.Good}, Status: connectors.OK})
		}
		hub.tick(now)
	}
	b.ReportMetric(float64(told)/float64(b.N), "updates/op")
}

// BenchmarkOpen measures finding 5,000 entities with an alarm set and everything they need.
func BenchmarkOpen(b *testing.B) {
	store, m := memory.New(), parse(b, plantModel)
	defer store.Close()
	set := graph.ChangeSet{Layout: graph.LayoutOf(m)}
	for i := range 5000 {
		set.Entities = append(set.Entities, pump(graph.EntityID(fmt.Sprint("pump-", i)), fmt.Sprint("P-", i), 10))
	}
	if _, err := store.Apply(context.Background(), set); err != nil {
		b.Fatal(err)
	}
	rules := book(b, m, bearingRules)
	for b.Loop() {
		hub, err := Open(context.Background(), Options{Store: store, Source: newFakeSource(), Model: m, Book: rules})
		if err != nil {
			b.Fatal(err)
		}
		hub.Close()
	}
}
