package neo4j_test

import (
	"testing"

	"mereon/graph/graphtest"
)

func TestStoreDefinition(t *testing.T) {
	t.Parallel()
	server(t)
	graphtest.Run(t, graphtest.Config{Open: open, Durable: true, Sequences: 5, Steps: 20})
}
