package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"mereon/web"
)

// direct sends an operation to the service without a network between.
func direct(t testing.TB, h http.Handler, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("POST", "http://localhost/graphql", bytes.NewReader([]byte(body)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestReadersInAClosedLoopDoNotStarveTheWriter(t *testing.T) {
	service, err := web.Open(t.Context(), web.Options{Dir: demoFolder(t), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	h := service.Handler()
	const readers, writes = 64, 40
	var reads atomic.Int64
	var stop atomic.Bool
	var loops sync.WaitGroup
	for range readers {
		loops.Go(func() {
			for !stop.Load() {
				direct(t, h, `{"query":"{ entities(first: 100) { nodes { id name assetType revision parent(hierarchy: \"place\") { name } } } }"}`)
				reads.Add(1)
			}
		})
	}
	var beside []int64 // reads during each write
	for i := range writes {
		before := reads.Load()
		w := direct(t, h, fmt.Sprintf(`{"query":"mutation { updatePump(id: \"pump-10\", set: {name: \"Pump %d\"}) { name } }"}`, i))
		if want := fmt.Sprintf(`{"data":{"updatePump":{"name":"Pump %d"}}}`, i); w.Body.String() != want {
			t.Fatalf("%s, want %s", w.Body, want)
		}
		beside = append(beside, reads.Load()-before)
	}
	stop.Store(true)
	loops.Wait()
	slices.Sort(beside)
	usual := beside[writes/2]
	t.Logf("%d readers: %d reads beside %d writes, %d during a usual one", readers, reads.Load(), writes, usual)
	if reads.Load() == 0 {
		t.Error("nothing was read meanwhile")
	}
	// A write takes a few turns and the disk's time; while it was at the end of every queue, it took 10,000 reads and more.
	if usual > 100*readers {
		t.Errorf("%d reads were answered before a usual write: it waits too long for its turn", usual)
	}
}
