package mirror_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mereon/graph"
	"mereon/graph/graphtest"
	"mereon/graph/memory"
	"mereon/graph/mirror"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lasting is a store that outlives the mirrors in front of it.
type lasting struct{ mirror.Upstream }

func (lasting) Close() error { return nil }

// upstreams keeps one store for every folder.
type upstreams struct {
	mu    sync.Mutex
	byDir map[string]mirror.Upstream
}

func (u *upstreams) of(dir string) mirror.Upstream {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.byDir == nil {
		u.byDir = map[string]mirror.Upstream{}
	}
	if u.byDir[dir] == nil {
		u.byDir[dir] = lasting{memory.New()}
	}
	return u.byDir[dir]
}

func open(t testing.TB, o mirror.Options) *mirror.Store {
	t.Helper()
	if o.Wait == 0 {
		o.Wait = time.Minute // the machine of a test may be slow
	}
	s, err := mirror.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// reach waits until the mirror is in a state.
func reach(t testing.TB, s *mirror.Store, want mirror.State) *mirror.Store {
	t.Helper()
	for limit := time.Now().Add(3 * time.Minute); s.Status().State != want; time.Sleep(200 * time.Microsecond) {
		if time.Now().After(limit) {
			t.Fatalf("the mirror is %+v, want it %s", s.Status(), want)
		}
	}
	return s
}

func TestStoreDefinition(t *testing.T) {
	graphtest.Run(t, graphtest.Config{Sequences: 60, Open: func(t testing.TB, _ string) graph.Store {
		return reach(t, open(t, mirror.Options{Upstream: memory.New()}), mirror.Mirrored)
	}})
}

func TestStoreDefinitionWithACopyOnDisk(t *testing.T) {
	var u upstreams
	graphtest.Run(t, graphtest.Config{Sequences: 20, Durable: true, Open: func(t testing.TB, dir string) graph.Store {
		return reach(t, open(t, mirror.Options{Upstream: u.of(dir), Dir: dir}), mirror.Mirrored)
	}})
}

func TestStoreDefinitionWhereTheGraphDoesNotFit(t *testing.T) {
	graphtest.Run(t, graphtest.Config{Sequences: 10, Open: func(t testing.TB, _ string) graph.Store {
		return open(t, mirror.Options{Upstream: memory.New(), Memory: 2000})
	}})
}
