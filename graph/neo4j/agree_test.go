package neo4j_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"mereon/graph"
	"mereon/graph/embedded"
	"mereon/graph/graphtest"
	"mereon/graph/neo4j"
)

// TestEmbeddedAndNeo4jAgree runs random sequences on the simple model, the embedded store and Neo4j. MEREON_SEQUENCES says
// how many, MEREON_SEED names the first.
func TestEmbeddedAndNeo4jAgree(t *testing.T) {
	t.Parallel()
	o := server(t)
	sequences, first := number(t, "MEREON_SEQUENCES", 200), uint64(number(t, "MEREON_SEED", 1000))
	o.Graph = "Agree"
	if s, err := neo4j.Open(context.Background(), o); err != nil {
		t.Fatal(err)
	} else {
		s.Close()
	}
	dir := t.TempDir()
	for seed := first; seed < first+uint64(sequences) && !t.Failed(); seed++ {
		if err := neo4j.Empty(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(dir, fmt.Sprint(seed))
		for _, open := range []func() (graph.Store, error){
			func() (graph.Store, error) { return embedded.Open(context.Background(), embedded.Options{Dir: at}) },
			func() (graph.Store, error) { return neo4j.Open(context.Background(), o) },
		} {
			s, err := open()
			if err != nil {
				t.Fatal(err)
			}
			graphtest.Agree(t, s, seed, 5)
			s.Close()
		}
		os.RemoveAll(at)
	}
}

func number(t *testing.T, name string, def int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return def
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestAnswersOfNeo4jAreThoseOfTheModel asks many questions of few graphs. MEREON_QUESTIONS says how many each.
func TestAnswersOfNeo4jAreThoseOfTheModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		graphtest.Answers(t, open(t, t.TempDir()), seed, number(t, "MEREON_QUESTIONS", 60))
	}
}
