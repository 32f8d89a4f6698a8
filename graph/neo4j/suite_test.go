package neo4j_test

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mereon/graph"
	"mereon/graph/neo4j"
)

// TestMain lets three tests run at once unless told otherwise: one waits for a server of its own most of the time. The others
// run one after the other on one graph, since what a question costs here is mostly the planning of its text, once for a graph.
func TestMain(m *testing.M) {
	flag.Parse()
	told := false
	flag.Visit(func(f *flag.Flag) { told = told || f.Name == "test.parallel" })
	if !told {
		if err := flag.Set("test.parallel", "3"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

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
// is not open is emptied and given to the next folder of the same test, and of any test once that has ended.
var graphs struct {
	sync.Mutex
	all []*given
}

// given is a graph and who has it.
type given struct {
	name, dir string
	test      testing.TB // nil: nobody
	open      int
}

// graphFor returns the graph of a folder, opened once more, and whether it was not that folder's before.
func graphFor(t testing.TB, dir string) (g *given, fresh bool) {
	graphs.Lock()
	defer graphs.Unlock()
	at := slices.IndexFunc(graphs.all, func(g *given) bool { return g.dir == dir && g.test != nil })
	if fresh = at < 0; fresh {
		at = slices.IndexFunc(graphs.all, func(g *given) bool { return g.test == nil || g.test == t && g.open == 0 })
	}
	if at < 0 {
		at = len(graphs.all)
		graphs.all = append(graphs.all, &given{name: fmt.Sprint("Test", at+1)})
	}
	g = graphs.all[at]
	if g.test == nil {
		t.Cleanup(func() { g.release() })
	}
	if fresh {
		g.test, g.dir = t, dir
	}
	g.open++
	return g, fresh
}

func (g *given) release() {
	graphs.Lock()
	defer graphs.Unlock()
	g.test, g.open = nil, 0
}

func (g *given) close() {
	graphs.Lock()
	defer graphs.Unlock()
	g.open--
}

// tested is a store whose graph is free once it is closed.
type tested struct {
	*neo4j.Store
	once  sync.Once
	graph *given
	name  string
}

func (s *tested) Close() error {
	s.once.Do(func() {
		s.Store.Close()
		s.graph.close()
	})
	return s.Store.Close()
}

// openWith opens a graph with options for a folder.
func openWith(t testing.TB, dir string, o neo4j.Options) *tested {
	t.Helper()
	g, fresh := graphFor(t, dir)
	if o.Graph = g.name; fresh {
		if err := neo4j.Empty(context.Background(), o); err != nil {
			t.Fatal(err)
		}
	}
	s, err := neo4j.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	made := &tested{Store: s, graph: g, name: g.name}
	t.Cleanup(func() { made.Close() })
	return made
}

func open(t testing.TB, dir string) graph.Store { return openWith(t, dir, server(t)) }
