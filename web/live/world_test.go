package live

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"
	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/connectors/connectortest"
	"mereon/graph"
	"mereon/graph/live"
	"mereon/graph/memory"
	"mereon/rules"
	"mereon/scenes"
	"mereon/schema"
	"mereon/schema/access"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pushed is a hub whose values are set by tests.
type pushed struct {
	mu     sync.Mutex
	inputs []live.Input
	on     func([]live.Update)
}

func (p *pushed) Watch(inputs []live.Input, on func([]live.Update)) func() {
	p.mu.Lock()
	p.inputs, p.on = inputs, on
	p.mu.Unlock()
	p.push(0)
	return func() {}
}

// push sets the first n inputs, all for 0, to a new value.
func (p *pushed) push(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n == 0 {
		n = len(p.inputs)
	}
	now := time.Now()
	updates := make([]live.Update, n)
	for i := range updates {
		updates[i] = live.Update{Input: i, Value: schema.FloatOf(float64(now.UnixNano()%1e9) / 1e9), Status: connectors.OK, Time: now}
	}
	p.on(updates)
}

// world is what a scene runs on.
type world struct {
	store *memory.Store
	model *schema.Model
}

// serve starts a server of one scene, "hall", with one slot per pump. The values come from the hub returned, or from that of inputs.
func serve(t testing.TB, pumps int, options Options, running scenes.Options, inputs ...func(*world) scenes.Hub) (*pushed, *httptest.Server, *Server) {
	t.Helper()
	model, problems := schema.Parse([]schema.File{{Name: "m.graphql", Text: "type Pump @asset { speed: Float @live(connector: \"c\", ref: \"{id}\") }\n"}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	store, hub := memory.New(), &pushed{}
	scene, problems := scenes.Parse(schema.File{Name: "hall.yaml", Text: `scene: hall
documents: [{id: line, file: line.gltf}]
templates: [{every: {type: Pump}, node: {document: line, name: "{id}"}, effects: [{translate: {input: speed}}]}]
`})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	var nodes strings.Builder
	change := graph.ChangeSet{Layout: graph.LayoutOf(model)}
	for i := range pumps {
		fmt.Fprintf(&nodes, `,{"name":"p%d"}`, i)
		change.Entities = append(change.Entities, graph.EntityChange{Op: graph.Create, ID: graph.EntityID(fmt.Sprintf("p%d", i)), Type: "Pump"})
	}
	prepared, problems := scenes.Prepare(scene, fstest.MapFS{"line.gltf": {Data: []byte(`{"asset":{"version":"2.0"},"nodes":[` + nodes.String()[1:] + `]}`)}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	data, err := prepared.Artifact.Encode()
	if err != nil {
		t.Fatal(err)
	}
	change.Artifacts = []graph.ArtifactChange{{Kind: graph.ArtifactScene, Name: "hall", Data: data}}
	for _, blob := range prepared.Blobs {
		if _, _, err := store.PutBlob(t.Context(), strings.NewReader(string(blob))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Apply(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	running.Hub = hub
	for _, input := range inputs {
		running.Hub = input(&world{store, model})
	}
	running.Store, running.Library, running.Model = store, scenes.NewLibrary(store), model
	options.Scenes = scenes.NewLive(running)
	frames := New(options)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /scenes/{id}/stream", frames.Stream)
	mux.HandleFunc("GET /scenes/{id}/events", frames.Events)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("as") != "nobody" {
			r = r.WithContext(access.NewContext(r.Context(), access.Local))
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := frames.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := options.Scenes.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return hub, server, frames
}

// servePushed starts a server of the scene over the whole way: a connector that pushes, the runtime, the hub.
func servePushed(t testing.TB, pumps int) (*connectortest.Memory, *httptest.Server) {
	t.Helper()
	source := connectortest.NewMemory()
	for i := range pumps {
		source.Measure(fmt.Sprintf("p%d", i), measured(0))
	}
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("kind: memory"), &node); err != nil {
		t.Fatal(err)
	}
	kinds := connectors.NewRegistry(connectortest.Kind("memory", source))
	runtime, err := connectors.Open(t.Context(), kinds, map[string]*yaml.Node{"c": node.Content[0]}, connectors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { runtime.Close(context.Background()) })
	_, server, _ := serve(t, pumps, Options{}, scenes.Options{}, func(w *world) scenes.Hub {
		book, problems := rules.Compile(nil, w.model)
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		h, err := live.Open(t.Context(), live.Options{Store: w.store, Source: runtime, Model: w.model, Book: book})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Close() })
		return h
	})
	return source, server
}

// measured is a good value of now.
func measured(v float64) connectors.Measurement {
	return connectors.Measurement{Value: schema.FloatOf(v), Time: time.Now(), Quality: connectors.Good}
}
