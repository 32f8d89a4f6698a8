package neo4j_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
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
// how many, MEREON_SEED names the first, MEREON_KINDS bounds the kinds of questions: unless it is set each is new. make
// sequences runs many in several processes, each with a MEREON_GRAPH, and reads from MEREON_AGREED which agreed.
func TestEmbeddedAndNeo4jAgree(t *testing.T) {
	t.Parallel()
	o := server(t)
	sequences, first := number(t, "MEREON_SEQUENCES", 200), uint64(number(t, "MEREON_SEED", 1000))
	kinds := number(t, "MEREON_KINDS", 0)
	o.Graph = cmp.Or(os.Getenv("MEREON_GRAPH"), "Agree")
	if s, err := neo4j.Open(context.Background(), o); err != nil {
		t.Fatal(err)
	} else {
		s.Close()
	}
	dir, agreed := t.TempDir(), io.Discard
	if name := os.Getenv("MEREON_AGREED"); name != "" {
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		agreed = f
	}
	for seed := first; seed < first+uint64(sequences); seed++ {
		if agree(t, o, filepath.Join(dir, fmt.Sprint(seed)), seed, kinds); t.Failed() {
			t.Fatalf("repeat it by: make sequences N=1 SEED=%d KINDS=%d", seed, kinds)
		}
		fmt.Fprintln(agreed, seed)
	}
}

// agree runs one sequence on both stores, each new.
func agree(t *testing.T, o neo4j.Options, dir string, seed uint64, kinds int) {
	if err := neo4j.Empty(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, open := range []func() (graph.Store, error){
		func() (graph.Store, error) {
			return embedded.Open(context.Background(), embedded.Options{Dir: dir})
		},
		func() (graph.Store, error) { return neo4j.Open(context.Background(), o) },
	} {
		s, err := open()
		if err != nil {
			t.Fatal(err)
		}
		graphtest.Agree(t, s, seed, 5, kinds)
		s.Close()
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
	for seed := range uint64(2) {
		graphtest.Answers(t, open(t, t.TempDir()), seed, number(t, "MEREON_QUESTIONS", 60))
	}
}
