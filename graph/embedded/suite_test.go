package embedded_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"mereon/graph"
	"mereon/graph/embedded"
	"mereon/graph/graphtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, dir string) graph.Store {
	t.Helper()
	s, err := embedded.Open(context.Background(), embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStoreDefinition(t *testing.T) {
	graphtest.Run(t, graphtest.Config{Open: open, Durable: true, Sequences: 40})
}
