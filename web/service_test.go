package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mereon/fixtures"
	"mereon/web"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// demoFolder writes the demo project into a fresh folder.
func demoFolder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, mustSub(fixtures.Demo)); err != nil {
		t.Fatal(err)
	}
	return dir
}

type running struct {
	*web.Service
	*httptest.Server
	dir string
}

func (r *running) stop() {
	r.Server.Close()
	if err := r.Service.Close(); err != nil {
		panic(err)
	}
}

// serveFolder opens a project folder and serves it on a free port.
func serveFolder(t testing.TB, dir string) *running {
	t.Helper()
	r := open(t, dir)
	t.Cleanup(r.stop)
	return r
}

// open is serveFolder for who stops it.
func open(t testing.TB, dir string) *running { return openAt(t, dir, time.Now()) }

// openAt is open with a clock that begins at a time.
func openAt(t testing.TB, dir string, at time.Time) *running {
	t.Helper()
	began := time.Now()
	now := func() time.Time { return at.Add(time.Since(began)) }
	service, err := web.Open(context.Background(), web.Options{Dir: dir, Version: "test", Store: testStore(t), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return &running{Service: service, Server: httptest.NewServer(service.Handler()), dir: dir}
}

type response struct {
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
	Extensions struct {
		Revision float64 `json:"revision"`
		Plan     struct {
			Batches    int            `json:"batches"`
			Calls      int            `json:"calls"`
			Connectors map[string]int `json:"connectors"`
		} `json:"plan"`
	} `json:"extensions"`
	status int
	text   string
}

func (r *running) query(t testing.TB, query string, variables map[string]any) response {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables, "extensions": map[string]any{"plan": true}})
	if err != nil {
		t.Fatal(err)
	}
	return r.post(t, "/graphql", "application/json", body)
}

func (r *running) post(t testing.TB, path, contentType string, body []byte) response {
	t.Helper()
	answer, err := r.Client().Post(r.URL+path, contentType, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	result := response{status: answer.StatusCode, text: string(text)}
	if err := json.Unmarshal(text, &result); err != nil {
		t.Fatalf("%d: not JSON: %s", answer.StatusCode, text)
	}
	return result
}

func TestTheFirstQueryOfTheReadmeAsksEachConnectorOncePerLevel(t *testing.T) {
	s := openAt(t, demoFolder(t), time.Unix(70*25_000_000+50, 0)) // the flow of a pump swings in 70 s and is low now
	t.Cleanup(s.stop)
	r := s.query(t, readmeQuery(t), nil)
	if len(r.Errors) > 0 {
		t.Fatalf("errors: %s", r.text)
	}
	if len(r.Extensions.Plan.Connectors) != 2 {
		t.Errorf("connectors asked: %v, want plant and erp", r.Extensions.Plan.Connectors)
	}
	for name, asked := range r.Extensions.Plan.Connectors {
		if asked > 2 {
			t.Errorf("connector %s was asked %d times, want at most once for the filter and once for the values", name, asked)
		}
	}
}

// readmeQuery is the first GraphQL block of the README.
func readmeQuery(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "```graphql\n")
	query, _, closed := strings.Cut(after, "```")
	if !found || !closed {
		t.Fatal("the README has no GraphQL block")
	}
	return query
}

func TestEveryExampleOperationOfTheDemoIsAnsweredWithoutError(t *testing.T) {
	s := serveFolder(t, demoFolder(t))
	files, err := filepath.Glob(filepath.Join(s.dir, "queries", "*.graphql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "subscription") {
			continue
		}
		if r := s.query(t, string(text), nil); len(r.Errors) > 0 || r.Data == nil {
			t.Errorf("%s: %s", filepath.Base(file), r.text)
		}
	}
}

func TestAnAppliedModelIsServedAtOnce(t *testing.T) {
	dir := demoFolder(t)
	s := serveFolder(t, dir)
	if r := s.query(t, `{ pumps(first: 1) { nodes { colour } } }`, nil); len(r.Errors) == 0 {
		t.Fatal("the field colour exists before it was written")
	}
	file := filepath.Join(dir, "model", "process.graphql")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "type Pump implements ProcessEquipment @asset {", "type Pump implements ProcessEquipment @asset {\n  colour: String @default(value: \"grey\")", 1)
	if changed == string(text) {
		t.Fatal("the model of the demo has changed; mend this test")
	}
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	before := s.query(t, `{ server { revision model } }`, nil)
	if r := s.post(t, "/project/apply", "application/zip", zipFolder(t, dir)); r.status != http.StatusOK {
		t.Fatalf("apply: %s", r.text)
	}
	r := s.query(t, `{ server { model } pumps(first: 1) { nodes { colour } } }`, nil)
	if len(r.Errors) > 0 {
		t.Fatalf("errors: %s", r.text)
	}
	if got := fmt.Sprint(r.Data["pumps"]); !strings.Contains(got, "grey") {
		t.Errorf("pumps = %s, want the default grey", got)
	}
	if fmt.Sprint(before.Data["server"]) == fmt.Sprint(r.Data["server"]) {
		t.Error("server.model did not change")
	}
}

func TestAFolderIsAppliedWhileOthersWrite(t *testing.T) {
	dir := demoFolder(t)
	s := serveFolder(t, dir)
	done := make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
				s.query(t, `mutation($id: ID!) { createArea(input: {id: $id, name: "written beside"}) { id } }`, map[string]any{"id": fmt.Sprint("beside-", i)})
			}
		}
	})
	for i := range 3 {
		file := filepath.Join(dir, "entities", "extra.yaml")
		if err := os.WriteFile(file, fmt.Appendf(nil, "- {assetType: Area, id: extra, name: Extra %d}\n", i), 0o644); err != nil {
			t.Fatal(err)
		}
		if r := s.post(t, "/project/apply", "application/zip", zipFolder(t, dir)); r.status != http.StatusOK {
			t.Errorf("apply %d: %s", i, r.text)
		}
	}
	close(done)
	work.Wait()
	if r := s.query(t, `{ entity(id: "extra") { name } }`, nil); fmt.Sprint(r.Data["entity"]) != "map[name:Extra 2]" {
		t.Errorf("entity = %v, want Extra 2", r.Data["entity"])
	}
}
