package graphtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"mereon/graph"
)

// Agree runs one random sequence on the simple model and on a store: every answer, page, error code and change is compared.
// Stores that run the same seeds agree with each other. The store must be empty; it is filled with some entities first, and not closed.
// With kinds > 0 the questions are of so many kinds, asked of every sequence's own graphs: where a new kind of question costs
// more than its answer, thousands of sequences are not to be had otherwise. Answers is for the kinds.
func Agree(t testing.TB, store graph.Store, seed uint64, steps, kinds int) {
	t.Helper()
	s := &sequence{t: t, store: store, kinds: kinds, g: &generator{Rand: rand.New(rand.NewPCG(seed, 7)), clock: time.Unix(1_700_000_000, 0).UTC(), m: newModel(), ids: 24}}
	s.run(steps, s.g.ids)
	if t.Failed() {
		t.Logf("seed %d; %s", seed, s.trail)
	}
}

// Answers fills an empty store once and asks random questions of one view after the other: far more of them than a sequence that
// changes the graph has, so that rare conditions and groups are met on few and on many.
func Answers(t testing.TB, store graph.Store, seed uint64, questions int) {
	t.Helper()
	s := &sequence{t: t, store: store, g: &generator{Rand: rand.New(rand.NewPCG(seed, 11)), clock: time.Unix(1_700_000_000, 0).UTC(), m: newModel(), ids: 60}}
	l := layouts()[0]
	s.apply(graph.ChangeSet{Layout: &l, At: s.g.clock})
	s.apply(s.g.crowd(s.g.ids))
	s.apply(s.g.more())
	for n := 0; n < questions && !t.Failed(); n++ {
		s.trail = fmt.Sprintf("question %d", n)
		v, err := graph.LateView(context.Background(), store)
		if err != nil {
			t.Fatal(err)
		}
		[]func(graph.View){s.askSelect, s.askExpand, s.askAggregate}[n%3](v)
		v.Close()
	}
	if t.Failed() {
		t.Logf("seed %d; %s", seed, s.trail)
	}
}
