package scenes

import (
	"fmt"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/live"
	"mereon/schema"
)

// BenchmarkPublish measures evaluating 500 changes of a scene of 5,000 slots and encoding their frame; the late variant
// encodes the difference for a viewer that missed it.
func BenchmarkPublish(b *testing.B) {
	const slots, changes = 5000, 500
	t := &table{users: make([][]int32, slots)}
	for i := range slots {
		t.inputs = append(t.inputs, live.Input{Entity: graph.EntityID(fmt.Sprint("pump-", i)), Path: "speed"})
		t.slots = append(t.slots, Slot{Slot: i})
		t.programs = append(t.programs, program{kind: scalarSlot, inputs: []int32{int32(i)}, channel: &Channel{Input: "speed"}})
		t.users[i] = []int32{int32(i)}
	}
	hub := newFakeHub()
	s := &stage{live: &Live{options: Options{Hub: hub}}, epoch: "bench", bell: make(chan struct{}), wake: make(chan struct{}, 1)}
	s.take(t)
	updates := make([]live.Update, changes)
	n := 0.0
	b.ReportAllocs()
	for b.Loop() {
		n++
		for i := range updates {
			updates[i] = live.Update{Input: i * slots / changes, Value: schema.FloatOf(n + float64(i)/1000), Status: connectors.OK}
		}
		s.receive(t, updates)
		if !s.publish(time.Now()) {
			b.Fatal("nothing was published")
		}
	}
	b.ReportMetric(float64(len(s.last.Data)), "bytes/frame")
}

// BenchmarkResolve measures making the slot table of a hall with 1,000 pumps.
func BenchmarkResolve(b *testing.B) {
	w := newWorld(b, Options{}, hall)
	changes := graph.ChangeSet{}
	for i := range 1000 {
		one := pump(fmt.Sprint("extra-", i), fmt.Sprint("X-", i))
		changes.Entities = append(changes.Entities, one.Entities...)
		changes.Relationships = append(changes.Relationships, one.Relationships...)
	}
	apply(b, w.store, changes)
	for b.Loop() {
		if _, err := w.live.Summary(b.Context(), "hall-1", nil); err != nil {
			b.Fatal(err)
		}
	}
}
