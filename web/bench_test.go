package web_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/schema"
	"mereon/web"
)

// benchPumps is how many pumps the benchmarks of stores ask for.
const benchPumps = 10_000

// fillPumps puts pumps into the store of a service that is not open.
func fillPumps(b *testing.B, store opener, dir, data string) {
	b.Helper()
	if store == nil {
		store = web.OpenStore
	}
	s, err := store(b.Context(), project.Store{}, web.StoreOptions{Dir: dir, Data: data, Direct: true})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var set graph.ChangeSet
	for n := range benchPumps {
		set.Entities = append(set.Entities, graph.EntityChange{ID: graph.EntityID(fmt.Sprintf("b%05d", n)), Type: "Pump", Values: []graph.PathValue{
			{Path: graph.ColumnName, Value: schema.StringOf(fmt.Sprint("Pump ", n))}, {Path: "serialNumber", Value: schema.StringOf(fmt.Sprintf("B-%05d", n))}}})
	}
	if _, err := s.Apply(b.Context(), set); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkStores asks the same typed queries on the embedded store and through a mirror, by HTTP handler in this process.
// With MEREON_TEST_NEO4J also on Neo4j itself and behind a mirror.
func BenchmarkStores(b *testing.B) {
	stores := map[string]opener{"embedded": nil, "mirror": shared(b, "memory")}
	kinds := []string{"embedded", "mirror"}
	if os.Getenv("MEREON_TEST_NEO4J") != "" {
		off, name := false, graphOf(b.TempDir())
		stores["neo4j"] = onNeo4j(b, project.Mirror{Enabled: &off}, func(string) string { return name })
		stores["neo4j-mirror"] = onNeo4j(b, project.Mirror{}, func(string) string { return name })
		kinds = append(kinds, "neo4j", "neo4j-mirror")
	}
	services, filled := map[string]*web.Service{}, map[string]bool{"neo4j-mirror": true}
	for _, kind := range kinds {
		dir, data := smallFolder(b, ""), b.TempDir()
		service, err := web.Open(b.Context(), web.Options{Dir: dir, Data: data, Version: "test", Store: stores[kind]})
		if err != nil {
			b.Fatal(err)
		}
		if !filled[kind] {
			if err := service.Close(); err != nil {
				b.Fatal(err)
			}
			fillPumps(b, stores[kind], dir, data)
			if service, err = web.Open(b.Context(), web.Options{Dir: dir, Data: data, Version: "test", Store: stores[kind]}); err != nil {
				b.Fatal(err)
			}
		}
		b.Cleanup(func() { service.Close() })
		services[kind] = service
	}
	for name, query := range map[string]string{
		"list of 100":     `{ pumps(first: 100) { nodes { id name serialNumber } } }`,
		"by unique value": `{ pump(serialNumber: "B-07777") { id name serialNumber } }`,
		"filtered":        `{ pumps(first: 50, where: {serialNumber: {gt: "B-05000"}}, orderBy: [{serialNumber: DESC}]) { nodes { id serialNumber } } }`,
	} {
		body, err := json.Marshal(map[string]any{"query": query})
		if err != nil {
			b.Fatal(err)
		}
		for _, kind := range kinds {
			handler := services[kind].Handler()
			b.Run(name+"/"+kind, func(b *testing.B) {
				for b.Loop() {
					r := httptest.NewRequest(http.MethodPost, "http://localhost/graphql", bytes.NewReader(body))
					r.RemoteAddr = "127.0.0.1:1"
					r.Header.Set("Content-Type", "application/json")
					w := httptest.NewRecorder()
					handler.ServeHTTP(w, r)
					if w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"errors"`) {
						b.Fatalf("%d %.300s", w.Code, w.Body)
					}
				}
			})
		}
	}
}

// BenchmarkReplicas measures the way of a change: from the mutation sent to one replica to the event at a subscriber of the
// other, on a store in memory and, with MEREON_TEST_NEO4J, on Neo4j.
func BenchmarkReplicas(b *testing.B) {
	kinds := []string{"memory"}
	if os.Getenv("MEREON_TEST_NEO4J") != "" {
		kinds = append(kinds, "neo4j")
	}
	for _, kind := range kinds {
		b.Run(kind, func(b *testing.B) {
			store, dir := shared(b, kind), smallFolder(b, "")
			one, other := replica(b, dir, store), replica(b, dir, store)
			events := subscribe(b, other, `subscription { entityChanges { id kind } }`)
			var took []time.Duration
			for n := 0; b.Loop(); n++ {
				began := time.Now()
				r := one.post(b, "/graphql", "application/json", fmt.Appendf(nil, `{"query":"mutation { createPump(input: {id: \"r%d\", serialNumber: \"R%d\"}) { id } }"}`, n, n))
				if len(r.Errors) > 0 {
					b.Fatal(r.text)
				}
				if want := fmt.Sprintf(`"id":"r%d"`, n); !strings.Contains(<-events, want) {
					b.Fatalf("the event is not of r%d", n)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}

// subscribe returns the data of events until the benchmark ends.
func subscribe(b *testing.B, s *running, subscription string) <-chan string {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.URL+"/graphql?query="+url.QueryEscape(subscription), nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	answer, err := s.Client().Do(r)
	if err != nil {
		b.Fatal(err)
	}
	events := make(chan string, 1024)
	go func() {
		defer close(events)
		defer answer.Body.Close()
		in := bufio.NewReader(answer.Body)
		for {
			line, err := in.ReadString('\n')
			if err == io.EOF || err != nil {
				return
			}
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				events <- data
			}
		}
	}()
	return events
}
