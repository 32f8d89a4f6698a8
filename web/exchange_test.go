package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// model writes the n-th model of the folder: the pump's field f and a number.
func writeModel(t testing.TB, dir string, n int) {
	t.Helper()
	text := fmt.Sprintf("type Pump @asset {\n  serialNumber: String! @unique\n  f%d: Int\n}\n", n)
	if err := os.WriteFile(filepath.Join(dir, "model", "pump.graphql"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestQueriesAreAnsweredWhileModelsAreApplied(t *testing.T) {
	dir := smallFolder(t, "")
	s := serveFolder(t, dir)
	changes := 200
	if testStore(t) != nil {
		changes = 40 // each is a transaction of a database
	}
	ctx, stop := context.WithCancel(t.Context())
	var asked atomic.Int64
	var work sync.WaitGroup
	body := []byte(`{"query":"{ server { model } model { hash } pumps { nodes { id serialNumber } } }"}`)
	for range 2 {
		work.Go(func() {
			for ctx.Err() == nil {
				r := s.post(t, "/graphql", "application/json", body)
				if len(r.Errors) > 0 || r.status != http.StatusOK {
					t.Errorf("%d %s", r.status, r.text)
					return
				}
				asked.Add(1)
				if a, b := r.Data["server"].(map[string]any)["model"], r.Data["model"].(map[string]any)["hash"]; a != b {
					t.Errorf("one answer of two models: %v and %v", a, b)
				}
			}
		})
	}
	for n := range changes {
		writeModel(t, dir, n)
		response, err := s.Client().Post(s.URL+"/project/apply", "application/zip", bytes.NewReader(zipFolder(t, dir)))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Fatalf("change %d: %d %s", n, response.StatusCode, text)
		}
		if r := s.query(t, fmt.Sprintf("{ pumps { nodes { f%d } } }", n), nil); len(r.Errors) > 0 {
			t.Fatalf("change %d is applied but not served: %s", n, r.text)
		}
	}
	stop()
	work.Wait()
	t.Logf("%d answers during %d changes of the model", asked.Load(), changes)
}
