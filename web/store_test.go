package web_test

import (
	"context"
	"os"
	"sync"
	"testing"

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
	m, err := mirror.Open(context.Background(), mirror.Options{Upstream: upstream, Logger: o.Log})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// testStore is what the services of the tests keep their graph in: the environment variable MEREON_TEST_STORE is empty or
// embedded for the store on disk, mirror for a mirror in front of another store.
func testStore(t testing.TB) func(context.Context, project.Store, web.StoreOptions) (graph.Store, error) {
	switch kind := os.Getenv("MEREON_TEST_STORE"); kind {
	case "", "embedded":
		return nil
	case "mirror":
		return openMirrored
	default:
		t.Fatalf("MEREON_TEST_STORE is %q; write embedded or mirror", kind)
		return nil
	}
}
