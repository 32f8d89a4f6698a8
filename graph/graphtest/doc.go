// Package graphtest is the definition of a graph.Store: what every store must do, as tests.
//
//	func TestStore(t *testing.T) {
//		graphtest.Run(t, graphtest.Config{Open: func(t testing.TB, dir string) graph.Store { return memory.New() }})
//	}
//
// Its heart compares random operation sequences with a deliberately simple model: maps and slices, and every answer by
// brute force. Each failure names the seed; set MEREON_SEED to run only that sequence.
// make sequences runs any number of them on the embedded store and on Neo4j.
package graphtest
