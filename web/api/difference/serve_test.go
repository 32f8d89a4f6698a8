package difference

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/query"
	"mereon/schema"
	"mereon/schema/access"
	"mereon/web/api"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// served is a world that answers: a store in memory, connectors in memory behind the real runtime, and the endpoint.
type served struct {
	world   *world
	model   *schema.Model
	store   *memory.Store
	runtime *connectors.Runtime
	handler *api.Handler
}

func serve(t testing.TB, w *world) *served {
	t.Helper()
	model, problems := schema.Parse([]schema.File{{Name: "model.graphql", Text: w.text.String()}})
	if err := problems.Err(); err != nil {
		t.Fatalf("seed %d: %v\n%s", w.Seed, err, w.text.String())
	}
	s := &served{world: w, model: model, store: memory.New()}
	s.fill(t)
	s.connect(t)
	engine, err := query.New(query.Options{Model: model, Store: s.store, Source: s.runtime, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := api.NewSnapshot(engine, &api.Resolvers{})
	if err != nil {
		t.Fatal(err)
	}
	w.SDL = engine.SDL()
	limits := api.Limits{Body: 1 << 20, Tokens: 100_000, Directives: 1000, Variables: 1000, Fragments: 1000, Time: time.Minute}
	s.handler = api.NewHandler(snapshot, api.Options{Limits: limits})
	return s
}

func (s *served) close(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.runtime.Close(ctx); err != nil {
		t.Error(err)
	}
	_ = s.store.Close()
}

// fill puts the entities into the store, by the way that inputs take.
func (s *served) fill(t testing.TB) {
	t.Helper()
	view, err := s.store.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	draft := graph.NewDraft(s.model, view)
	for _, e := range s.world.Entities {
		draft.Create(graph.EntityInput{Type: schema.TypeName(e.Type), ID: graph.EntityID(e.ID), Name: e.Name, Fields: s.world.input(e)})
	}
	changes, problems, err := draft.ChangeSet(t.Context())
	if err != nil || problems.Err() != nil {
		t.Fatalf("seed %d: %v %v\n%s", s.world.Seed, err, problems, s.world.text.String())
	}
	changes.Layout, changes.By, changes.At = graph.LayoutOf(s.model), "test", noon.Add(-time.Hour)
	if _, err := s.store.Apply(t.Context(), changes); err != nil {
		t.Fatalf("seed %d: %v", s.world.Seed, err)
	}
}

// input is an entity as a file would write it.
func (w *world) input(e *entity) map[string]any {
	in := map[string]any{}
	if e.ExternalIDs != nil {
		in["externalIds"] = e.ExternalIDs
	}
	if e.Bindings != nil {
		bindings := map[string]any{}
		for path, b := range e.Bindings {
			bindings[path] = map[string]any{"ref": b.Ref}
			if b.Connector != "" {
				bindings[path] = map[string]any{"ref": b.Ref, "connector": b.Connector}
			}
		}
		in["bindings"] = bindings
	}
	for path, v := range e.Values {
		at := in
		var head string
		for head, path = cut(path); path != ""; head, path = cut(path) {
			if at[head] == nil {
				at[head] = map[string]any{}
			}
			at = at[head].(map[string]any)
		}
		at[head] = v
	}
	targets := map[string][]any{}
	for _, l := range w.Links {
		if l.From == e.ID {
			to := map[string]any{"to": l.To}
			if len(l.Props) > 0 {
				to["props"] = l.Props
			}
			targets[l.Relation] = append(targets[l.Relation], to)
		}
	}
	for name, f := range w.Types[e.Type].Fields {
		if list := targets[f.Relation]; f.Kind == "relation" && !f.Inverse && len(list) > 0 {
			in[name] = any(list)
			if !f.Many {
				in[name] = list[0].(map[string]any)["to"]
			}
		}
	}
	return in
}

// revisionOf is the revision that an entity has now; 0 for none.
func (s *served) revisionOf(t testing.TB, id string) int64 {
	t.Helper()
	view, err := s.store.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	b, err := view.Lookup(t.Context(), []graph.EntityID{graph.EntityID(id)}, []schema.Path{graph.ColumnRevision})
	if err != nil {
		t.Fatal(err)
	}
	return b.Cell(0, 0).Int()
}

func cut(path string) (head, rest string) {
	for i := range path {
		if path[i] == '.' {
			return path[:i], path[i+1:]
		}
	}
	return path, ""
}

// ask runs an operation over the endpoint.
func (s *served) ask(o *operation) (json.RawMessage, error) {
	body, err := json.Marshal(map[string]any{"query": o.Query, "variables": o.Variables})
	if err != nil {
		return nil, err
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, r.WithContext(access.NewContext(r.Context(), access.Local)))
	if !json.Valid(recorder.Body.Bytes()) {
		return nil, fmt.Errorf("no JSON: %s", recorder.Body)
	}
	return recorder.Body.Bytes(), nil
}
