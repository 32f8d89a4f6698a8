package scenes

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/live"
	"mereon/graph/memory"
	"mereon/schema"
	"mereon/schema/access"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const plantModel = `
type Pump @asset {
  serialNumber: String! @unique
  flow: Float @live(connector: "plant", ref: "{serialNumber}/flow") @unit(code: "m3/h")
  speed: Float @live(connector: "plant", ref: "{serialNumber}/speed")
  location: Hall @relation(name: "locatedIn", inverse: "pumps", hierarchy: "place")
}
type Hall @asset { area: Float }
`

func plant(t testing.TB) *schema.Model {
	t.Helper()
	model, problems := schema.Parse([]schema.File{{Name: "plant.graphql", Text: plantModel}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return model
}

func pump(id, serial string) graph.ChangeSet {
	return graph.ChangeSet{
		Entities: []graph.EntityChange{{Op: graph.Create, ID: graph.EntityID(id), Type: "Pump", Values: []graph.PathValue{
			{Path: "name", Value: schema.StringOf("Feed " + id)}, {Path: "serialNumber", Value: schema.StringOf(serial)}}}},
		Relationships: []graph.RelationshipChange{{Op: graph.Relate, From: graph.EntityID(id), Relation: "locatedIn", To: "hall-1"}},
	}
}

func apply(t testing.TB, store graph.Store, changes graph.ChangeSet) {
	t.Helper()
	if _, err := store.Apply(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
}

// world is a store with one hall, one pump and a scene, and a Live over a fake hub.
type world struct {
	store *memory.Store
	hub   *fakeHub
	live  *Live
}

func newWorld(t testing.TB, options Options, text string) world {
	t.Helper()
	w := world{store: memory.New(), hub: newFakeHub()}
	model := plant(t)
	apply(t, w.store, graph.ChangeSet{Layout: graph.LayoutOf(model), Entities: []graph.EntityChange{
		{Op: graph.Create, ID: "hall-1", Type: "Hall", Values: []graph.PathValue{{Path: "name", Value: schema.StringOf("Hall 1")}}}}})
	apply(t, w.store, pump("pump-7", "P-7"))
	w.putScene(t, text)
	options.Store, options.Hub, options.Library, options.Model = w.store, w.hub, NewLibrary(w.store), model
	w.live = NewLive(options)
	t.Cleanup(func() { w.live.Close() })
	return w
}

func (w world) putScene(t testing.TB, text string) {
	t.Helper()
	prepared, problems := Prepare(mustParse(t, text), fstest.MapFS{"assets/line.gltf": {Data: []byte(hallLine)}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	for _, data := range prepared.Blobs {
		if _, _, err := w.store.PutBlob(t.Context(), bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
	}
	data, err := prepared.Artifact.Encode()
	if err != nil {
		t.Fatal(err)
	}
	apply(t, w.store, graph.ChangeSet{Artifacts: []graph.ArtifactChange{{Kind: graph.ArtifactScene, Name: prepared.Artifact.Name, Data: data}}})
}

func viewer(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(access.NewContext(t.Context(), access.Local), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func (w world) subscribe(t testing.TB, from string) *Cursor {
	t.Helper()
	c, err := w.live.Subscribe(viewer(t), "hall-1", nil, from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// message is a frame as a viewer decodes it.
type message struct {
	Epoch   string
	Seq     uint64
	Prev    *uint64
	T       int64
	Tick    int
	Scene   *header
	Slots   []Slot
	State   column
	Scalar  column
	Text    column
	Quality column
}

type column struct {
	Slots []int
	V     []any
	T     []any
}

func (c column) at(slot int) any {
	for i, s := range c.Slots {
		if s == slot {
			return c.V[i]
		}
	}
	return "absent"
}

func next(t testing.TB, c *Cursor) (message, Frame) {
	t.Helper()
	f, err := c.Next(viewer(t))
	if err != nil {
		t.Fatal(err)
	}
	var m message
	if err := json.Unmarshal(f.Data, &m); err != nil {
		t.Fatalf("%v in %s", err, f.Data)
	}
	return m, f
}

func known(u live.Update) live.Update {
	u.Status, u.Time = connectors.OK, time.UnixMilli(1763788790000)
	return u
}
