package graphtest

import (
	"testing"

	"mereon/graph"
)

// Config says how to test a store.
type Config struct {
	// Open opens the store in an empty folder, or, when Durable, again in the same one. It fails the test on an error.
	Open func(t testing.TB, dir string) graph.Store
	// Durable says that a store opened again in the same folder holds what was there.
	Durable bool
	// Sequences is how many random sequences are run, each of Steps change sets; default 100 of 40.
	Sequences, Steps int
}

// Run tests everything that a store must do.
func Run(t *testing.T, c Config) {
	if c.Sequences == 0 {
		c.Sequences = 100
	}
	if c.Steps == 0 {
		c.Steps = 40
	}
	for _, part := range []struct {
		name string
		test func(*testing.T, Config)
	}{
		{"rules", testRules},
		{"random sequences agree with the model", random},
		{"unique values hold under concurrent writers", testUniqueUnderWriters},
		{"no step is lost under ifRevision", testCounters},
		{"a view is one consistent snapshot while writers run", testSnapshots},
		{"a watch sees every change once", testWatch},
		{"a watch ends", testWatchEnds},
		{"a copy that follows is equal at every revision", testFollow},
		{"a follower sees every commit once while writers run", testFollowWriters},
		{"questions end at their budget", testBudgets},
		{"traversal agrees with the model", testTraversal},
		{"weights", testWeights},
		{"pages meet every row once", testPages},
		{"groups count and measure", testAggregates},
		{"backup", testBackup},
		{"blobs", testBlobs},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, c) })
	}
}
