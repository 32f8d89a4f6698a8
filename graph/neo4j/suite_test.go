package neo4j_test

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mereon/graph"
	"mereon/graph/graphtest"
	"mereon/graph/neo4j"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server returns how to reach the Neo4j of the tests; without one the test is skipped, and fails when CI is set.
func server(t testing.TB) neo4j.Options {
	t.Helper()
	at := os.Getenv("MEREON_TEST_NEO4J")
	if at == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("MEREON_TEST_NEO4J names no Neo4j")
		}
		t.Skip("MEREON_TEST_NEO4J names no Neo4j: run it by make test-neo4j")
	}
	return reach(t, at)
}

func reach(t testing.TB, at string) neo4j.Options {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil || u.User == nil {
		t.Fatalf("MEREON_TEST_NEO4J must be like neo4j://user:password@host:port, not %q", at)
	}
	o := neo4j.Options{User: u.User.Username(), Poll: 20 * time.Millisecond}
	o.Password, _ = u.User.Password()
	u.User = nil
	o.URL = u.String()
	return o
}

// graphs gives every folder of a test a graph of its own in the one database there is: community has no more. A graph that
// nobody has open is emptied and given to the next folder.
var graphs struct {
	sync.Mutex
	given map[string]string // by folder
	open  map[string]int
	names []string
}

func graphFor(dir string) (name string, fresh bool) {
	graphs.Lock()
	defer graphs.Unlock()
	if graphs.given == nil {
		graphs.given, graphs.open = map[string]string{}, map[string]int{}
	}
	if name = graphs.given[dir]; name == "" {
		for _, n := range graphs.names {
			if graphs.open[n] == 0 {
				name = n
				maps.DeleteFunc(graphs.given, func(_, given string) bool { return given == n })
				break
			}
		}
		if fresh = true; name == "" {
			name = fmt.Sprint("Test", len(graphs.names)+1)
			graphs.names = append(graphs.names, name)
		}
		graphs.given[dir] = name
	}
	graphs.open[name]++
	return name, fresh
}

// tested is a store whose graph is free once it is closed.
type tested struct {
	*neo4j.Store
	once sync.Once
	name string
}

func (s *tested) Close() error {
	s.once.Do(func() {
		s.Store.Close()
		graphs.Lock()
		defer graphs.Unlock()
		graphs.open[s.name]--
	})
	return s.Store.Close()
}

// openWith opens a graph with options for a folder.
func openWith(t testing.TB, dir string, o neo4j.Options) *tested {
	t.Helper()
	var fresh bool
	if o.Graph, fresh = graphFor(dir); fresh {
		if err := neo4j.Empty(context.Background(), o); err != nil {
			t.Fatal(err)
		}
	}
	s, err := neo4j.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	made := &tested{Store: s, name: o.Graph}
	t.Cleanup(func() { made.Close() })
	return made
}

func open(t testing.TB, dir string) graph.Store { return openWith(t, dir, server(t)) }

func TestStoreDefinition(t *testing.T) {
	t.Parallel()
	server(t)
	graphtest.Run(t, graphtest.Config{Open: open, Durable: true, Sequences: 5, Steps: 20})
}
