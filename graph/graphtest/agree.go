package graphtest

import (
	"math/rand/v2"
	"testing"
	"time"

	"mereon/graph"
)

// Agree runs one random sequence on the simple model and on a store: every answer, page, error code and change is compared.
// Stores that run the same seeds agree with each other. The store must be empty; it is filled with some entities first, and not closed.
func Agree(t testing.TB, store graph.Store, seed uint64, steps int) {
	t.Helper()
	s := &sequence{t: t, store: store, g: &generator{Rand: rand.New(rand.NewPCG(seed, 7)), clock: time.Unix(1_700_000_000, 0).UTC(), m: newModel(), ids: 24}}
	s.run(steps, s.g.ids)
	if t.Failed() {
		t.Logf("seed %d; %s", seed, s.trail)
	}
}
