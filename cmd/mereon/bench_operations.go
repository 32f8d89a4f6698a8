package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/connectors"
	"mereon/graph/query"
	"mereon/schema/access"
	"mereon/web/api"
)

const (
	benchList  = `{ parts(first: 100) { nodes { id name serialNumber number length } } }`
	benchPoint = `{ part(serialNumber: "S-77") { id name serialNumber number length } }`
)

// operations runs typed operations through the executor and over HTTP, against a bare handler that writes the same bytes.
func (b *bench) operations(ctx context.Context) error {
	defer b.store.Close()
	ctx = access.NewContext(ctx, access.Local)
	source, err := connectors.Open(ctx, connectors.NewRegistry(), nil, connectors.Options{})
	if err != nil {
		return err
	}
	defer source.Close(ctx)
	engine, err := query.New(query.Options{Model: b.model, Store: b.store, Source: source})
	if err != nil {
		return err
	}
	merged, err := gqlparser.LoadSchema(&ast.Source{Input: engine.SDL()})
	if err != nil {
		return err
	}
	doc, mistakes := gqlparser.LoadQuery(merged, benchList)
	if mistakes != nil {
		return mistakes
	}
	plan, err := engine.Plan(merged, doc.Operations[0], doc.Fragments, nil)
	if err != nil {
		return err
	}
	list, err := times(500, func() error {
		if r := plan.Execute(ctx, query.Request{}); len(r.Errors) > 0 {
			return r.Errors[0]
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.row(percentile(list, 0.5)*1000, "µs", "list of 100 entities x 5 fields in the executor, median")
	snapshot, err := api.NewSnapshot(engine, &api.Resolvers{})
	if err != nil {
		return err
	}
	handler := api.NewHandler(snapshot, api.Options{Limits: api.Limits{Body: 1 << 20, Tokens: 2000, Time: 30 * time.Second}})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(access.NewContext(r.Context(), access.Local)))
	}))
	defer server.Close()
	for _, q := range []struct{ name, text string }{{"list of 100 x 5", benchList}, {"point query by unique key", benchPoint}} {
		if err := b.http(server.URL, q.name, q.text); err != nil {
			return err
		}
	}
	return nil
}

// http loads one operation from 16 connections, then a handler that writes the same bytes from memory.
func (b *bench) http(url, name, text string) error {
	body := `{"query":` + quote(text) + `}`
	answer, err := ask(http.DefaultClient, url, body)
	if err != nil {
		return err
	}
	floor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}))
	defer floor.Close()
	ours, err := load(url, body)
	if err != nil {
		return err
	}
	bare, err := load(floor.URL, body)
	if err != nil {
		return err
	}
	b.row(ours, "/s", "%s over HTTP, 16 connections", name)
	b.row(ours/bare, "x", "%s against a bare handler with the same bytes", name)
	return nil
}

func quote(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }

func ask(client *http.Client, url, body string) ([]byte, error) {
	response, err := client.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

// load returns requests a second over two seconds.
func load(url, body string) (float64, error) {
	const connections, length = 16, 2 * time.Second
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	var done atomic.Int64
	var failed atomic.Pointer[error]
	var work sync.WaitGroup
	end := time.Now().Add(length)
	for range connections {
		work.Go(func() {
			for time.Now().Before(end) {
				if _, err := ask(client, url, body); err != nil {
					failed.Store(&err)
					return
				}
				done.Add(1)
			}
		})
	}
	work.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(done.Load()) / length.Seconds(), nil
}
