package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mereon/graph/exchange/project"
	"mereon/web"
)

// BenchmarkMirrorBesideEmbedded asks the typed queries of `mereon bench` of the embedded store and through a mirror in
// turns, by HTTP handler in this process, and reports the mirror's speed as a part of the embedded store's: the median of
// the ratios of pairs. With MEREON_TEST_NEO4J the mirror stands in front of Neo4j.
func BenchmarkMirrorBesideEmbedded(b *testing.B) {
	mirrored, kind := shared(b, "memory"), "mirror"
	if os.Getenv("MEREON_TEST_NEO4J") != "" {
		name := graphOf(b.TempDir())
		mirrored, kind = onNeo4j(b, project.Mirror{Wait: slow}, func(string) string { return name }), "mirror of Neo4j"
	}
	handlers := [2]http.Handler{filledService(b, nil).Handler(), filledService(b, mirrored).Handler()}
	for _, q := range []struct{ name, text string }{
		{"list of 100", `{ pumps(first: 100) { nodes { id name serialNumber } } }`},
		{"by unique value", `{ pump(serialNumber: "B-07777") { id name serialNumber } }`},
		{"filtered", `{ pumps(first: 50, where: {serialNumber: {gt: "B-05000"}}, orderBy: [{serialNumber: DESC}]) { nodes { id serialNumber } } }`},
	} {
		body, err := json.Marshal(map[string]any{"query": q.text})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(q.name+"/"+kind, func(b *testing.B) {
			var ratios []float64
			for n := 0; b.Loop(); n++ {
				var took [2]time.Duration
				for turn := range 2 {
					which := (n + turn) % 2
					began := time.Now()
					for range 5 {
						askHandler(b, handlers[which], body)
					}
					took[which] = time.Since(began)
				}
				ratios = append(ratios, took[0].Seconds()/took[1].Seconds())
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "x-embedded")
		})
	}
}

// filledService serves benchPumps pumps from a store, and waits until its reads run on a copy, where it has one.
func filledService(b *testing.B, store opener) *web.Service {
	b.Helper()
	dir, data := smallFolder(b, ""), b.TempDir()
	open := func() *web.Service {
		service, err := web.Open(b.Context(), web.Options{Dir: dir, Data: data, Version: "test", Store: store})
		if err != nil {
			b.Fatal(err)
		}
		return service
	}
	if err := open().Close(); err != nil { // it has a model now
		b.Fatal(err)
	}
	fillPumps(b, store, dir, data)
	service := open()
	b.Cleanup(func() { service.Close() })
	eventually(b, "reads run on a copy", func() bool {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "http://localhost/metrics", nil)
		r.RemoteAddr = "127.0.0.1:1"
		service.Handler().ServeHTTP(w, r)
		return store == nil || strings.Contains(w.Body.String(), `mereon_mirror_state{state="mirrored"} 1`)
	})
	return service
}

func askHandler(b *testing.B, handler http.Handler, body []byte) {
	r := httptest.NewRequest(http.MethodPost, "http://localhost/graphql", strings.NewReader(string(body)))
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"errors"`) {
		b.Fatalf("%d %.300s", w.Code, w.Body)
	}
}
