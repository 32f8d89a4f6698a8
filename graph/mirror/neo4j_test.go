package mirror_test

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/graphtest"
	"mereon/graph/memory"
	"mereon/graph/mirror"
	"mereon/graph/neo4j"
)

// database returns how to reach the Neo4j of the tests. Without one the test is skipped, and fails when CI is set.
func database(t testing.TB) neo4j.Options {
	t.Helper()
	at := os.Getenv("MEREON_TEST_NEO4J")
	if at == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("MEREON_TEST_NEO4J names no Neo4j")
		}
		t.Skip("MEREON_TEST_NEO4J names no Neo4j: run it by .ci/with-servers")
	}
	u, err := url.Parse(at)
	if err != nil || u.User == nil {
		t.Fatal("MEREON_TEST_NEO4J must be like neo4j://user:password@host:port")
	}
	o := neo4j.Options{User: u.User.Username(), Poll: 20 * time.Millisecond}
	o.Password, _ = u.User.Password()
	u.User = nil
	o.URL = u.String()
	return o
}

// graphs are the names of graphs in the database, by folder.
type graphs struct {
	mu    sync.Mutex
	byDir map[string]string
}

func (g *graphs) of(dir string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byDir == nil {
		g.byDir = map[string]string{}
	}
	if g.byDir[dir] == "" {
		g.byDir[dir] = fmt.Sprintf("M%dx%d", time.Now().UnixNano(), len(g.byDir))
	}
	return g.byDir[dir]
}

func onNeo4j(t testing.TB, o neo4j.Options) mirror.Upstream {
	t.Helper()
	up, err := neo4j.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return up
}

// TestStoreDefinitionOnNeo4j takes minutes, since every store in it is a graph of its own; make test-stores runs it.
func TestStoreDefinitionOnNeo4j(t *testing.T) {
	if os.Getenv("MEREON_TEST_LONG") == "" {
		t.Skip("MEREON_TEST_LONG is not set: run it by make test-stores")
	}
	o := database(t)
	var names graphs
	graphtest.Run(t, graphtest.Config{Sequences: 4, Steps: 20, Durable: true, Open: func(t testing.TB, dir string) graph.Store {
		o.Graph = names.of(dir)
		return reach(t, open(t, mirror.Options{Upstream: onNeo4j(t, o), Dir: dir}), mirror.Mirrored)
	}})
}

// BenchmarkFillFromNeo4j restores the large plant into Neo4j, then fills mirrors from it.
func BenchmarkFillFromNeo4j(b *testing.B) {
	w, o := benchWorld(b), database(b)
	var names graphs
	o.Graph = names.of(b.TempDir())
	up := onNeo4j(b, o)
	source := memory.New()
	if _, err := source.Apply(ctx, w.All()); err != nil {
		b.Fatal(err)
	}
	var stream bytes.Buffer
	if _, err := source.Backup(ctx, &stream); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if _, err := up.Restore(ctx, &stream); err != nil {
		b.Fatal(err)
	}
	pumps(b, up, 0, 1) // the change that a copy on disk knows the upstream by
	b.Logf("%d entities were loaded into Neo4j in %s", w.Entities, time.Since(began).Round(time.Second))
	up.Close()
	dir := b.TempDir()
	for _, kind := range []string{"first fill", "restart"} {
		b.Run(kind, func(b *testing.B) {
			var took time.Duration
			rows := 0
			for b.Loop() {
				b.StopTimer()
				up := onNeo4j(b, o)
				place := dir
				if kind == "first fill" {
					place = b.TempDir()
				}
				b.StartTimer()
				began := time.Now()
				s := reach(b, open(b, mirror.Options{Upstream: up, Dir: place}), mirror.Mirrored)
				took += time.Since(began)
				status := s.Status()
				rows += status.Entities + status.Relationships
				b.StopTimer()
				s.Close()
				b.StartTimer()
			}
			b.ReportMetric(float64(rows)/took.Seconds(), "rows/s")
		})
		up := onNeo4j(b, o) // so that the restart has something to begin with
		reach(b, open(b, mirror.Options{Upstream: up, Dir: dir}), mirror.Mirrored).Close()
	}
}
