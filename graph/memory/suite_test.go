package memory_test

import (
	"testing"

	"go.uber.org/goleak"

	"mereon/graph"
	"mereon/graph/graphtest"
	"mereon/graph/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStoreDefinition(t *testing.T) {
	graphtest.Run(t, graphtest.Config{
		Open:      func(testing.TB, string) graph.Store { return memory.New() },
		Sequences: 300,
	})
}
