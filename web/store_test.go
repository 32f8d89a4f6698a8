package web_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/graph/memory"
	"mereon/graph/mirror"
	"mereon/web"
)

// lasting is a store that outlives the services on it, as a database does.
type lasting struct{ mirror.Upstream }

func (lasting) Close() error { return nil }

// databases are the stores of the running tests, by the folder of the data.
var databases = struct {
	sync.Mutex
	byData map[string]lasting
}{byData: map[string]lasting{}}

func databaseOf(data string) lasting {
	databases.Lock()
	defer databases.Unlock()
	if _, made := databases.byData[data]; !made {
		databases.byData[data] = lasting{memory.New()}
	}
	return databases.byData[data]
}

// openMirrored opens a mirror in front of a store that lasts.
func openMirrored(_ context.Context, _ project.Store, o web.StoreOptions) (graph.Store, error) {
	return mirrorOf(databaseOf(o.Data), o)
}

func mirrorOf(upstream mirror.Upstream, o web.StoreOptions) (graph.Store, error) {
	m, err := mirror.Open(context.Background(), mirror.Options{Upstream: upstream, Wait: slow, Logger: o.Log})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// slow is how long a mirror waits on a machine that does many things at once.
const slow = time.Minute

// opener opens the store of a service.
type opener = func(context.Context, project.Store, web.StoreOptions) (graph.Store, error)

// onNeo4j returns how a folder of a test reaches its graph in the Neo4j of the tests. Without one the test is
// skipped, and fails when CI is set.
func onNeo4j(t testing.TB, mirror project.Mirror, graphOf func(data string) string) opener {
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
	config := project.Store{Kind: project.StoreNeo4j, User: u.User.Username(), Password: "env:MEREON_DB_PASSWORD", Mirror: mirror}
	password, _ := u.User.Password()
	u.User = nil
	config.URL = u.String()
	return func(ctx context.Context, _ project.Store, o web.StoreOptions) (graph.Store, error) {
		config.Graph = graphOf(o.Data)
		o.Getenv = func(string) string { return password }
		return web.OpenStore(ctx, config, o)
	}
}

// graphs are the names of graphs in Neo4j, by the folder of the data.
var graphs = struct {
	sync.Mutex
	byData map[string]string
}{byData: map[string]string{}}

func graphOf(data string) string {
	graphs.Lock()
	defer graphs.Unlock()
	if graphs.byData[data] == "" {
		graphs.byData[data] = fmt.Sprintf("W%dx%d", time.Now().UnixNano(), len(graphs.byData))
	}
	return graphs.byData[data]
}

// testStore is what the services of the tests keep their graph in: the environment variable MEREON_TEST_STORE is empty or
// embedded for the store on disk, mirror for a mirror in front of a store in memory, neo4j for Neo4j itself and
// neo4j+mirror for Neo4j behind a mirror.
func testStore(t testing.TB) opener {
	t.Helper()
	off := false
	switch kind := os.Getenv("MEREON_TEST_STORE"); kind {
	case "", "embedded":
		return nil
	case "mirror":
		return openMirrored
	case "neo4j":
		return onNeo4j(t, project.Mirror{Enabled: &off}, graphOf)
	case "neo4j+mirror":
		return onNeo4j(t, project.Mirror{Wait: slow}, graphOf)
	default:
		t.Fatalf("MEREON_TEST_STORE is %q; write embedded, mirror, neo4j or neo4j+mirror", kind)
		return nil
	}
}

// once is for tests that choose their stores themselves, or need the one on disk: they run where no store is asked for.
func once(t testing.TB) {
	t.Helper()
	if kind := os.Getenv("MEREON_TEST_STORE"); kind != "" && kind != "embedded" {
		t.Skip("it does not depend on MEREON_TEST_STORE")
	}
}

// shared returns how several services open one store, each behind a mirror of its own; one that opens it directly gets the
// store itself.
func shared(t testing.TB, kind string) opener {
	t.Helper()
	if kind == "neo4j" {
		name := graphOf(t.Name())
		return onNeo4j(t, project.Mirror{Wait: slow}, func(string) string { return name })
	}
	upstream := lasting{memory.New()}
	return func(_ context.Context, _ project.Store, o web.StoreOptions) (graph.Store, error) {
		if o.Direct {
			return upstream, nil
		}
		return mirrorOf(upstream, o)
	}
}
