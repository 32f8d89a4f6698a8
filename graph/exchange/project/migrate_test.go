package project_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/graph/memory"
	"mereon/schema"
)

const before = `
enum Mode { AUTO HAND OFF }
type Pump @asset {
  ratedFlow: Float @unit(code: "m3/h")
  plate: String
  mode: Mode
  modes: [Mode!]
  feeds: [Pump!] @relation(name: "feeds", props: "Pipe")
  motor: Motor
}
type Motor @component { power: Float }
type Pipe @component { diameter: Float length: Float }
type Fan @asset { speed: Int }
type Tank @asset
`

// stored returns a store with the model before and entities that came through the API.
func stored(t *testing.T) graph.Store {
	t.Helper()
	ctx := context.Background()
	store := memory.New()
	t.Cleanup(func() { store.Close() })
	if err := apply(t, store, before); err != nil {
		t.Fatal(err)
	}
	value := func(path schema.Path, v schema.Value) graph.PathValue { return graph.PathValue{Path: path, Value: v} }
	off := schema.StringOf("OFF")
	_, err := store.Apply(ctx, graph.ChangeSet{
		Entities: []graph.EntityChange{
			{ID: "p1", Type: "Pump", Values: []graph.PathValue{value("ratedFlow", schema.FloatOf(3.6)), value("plate", schema.StringOf("A")),
				value("mode", schema.StringOf("HAND")), value("modes", schema.ListOf([]schema.Value{off})), value("motor.power", schema.FloatOf(5))}},
			{ID: "p2", Type: "Pump"}, {ID: "f1", Type: "Fan", Values: []graph.PathValue{value("speed", schema.IntOf(7))}},
		},
		Relationships: []graph.RelationshipChange{{From: "p1", Relation: "feeds", To: "p2", Props: []graph.PathValue{value("diameter", schema.FloatOf(80))}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func apply(t *testing.T, store graph.Store, model string) error {
	t.Helper()
	checked, problems := project.ReadAndCheck(fstest.MapFS{
		"mereon.yaml":         {Data: []byte("project: test\nstore: {kind: embedded}\n")},
		"model/model.graphql": {Data: []byte(model)},
	})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	plan, err := project.NewPlan(context.Background(), checked, store, project.Options{By: "test"})
	if err != nil {
		return err
	}
	_, err = plan.Apply(context.Background(), store)
	return err
}

func TestApplyRefusesToOrphanStoredData(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"a property that has values", "  plate: String\n", "", "would orphan stored data of 1 entities (p1 ...)"},
		{"an enum value in a list", "OFF }", "}", "Pump.modes: the value OFF of Mode is gone"},
		{"a type with entities", "type Fan @asset { speed: Int }\n", "", "asset type Fan: it is gone"},
		{"relationships", "  feeds: [Pump!] @relation(name: \"feeds\", props: \"Pipe\")\n", "", "Pump.feeds: it is gone"},
		{"a property of relationships", "diameter: Float ", "", "relation feeds: its property diameter is gone"},
		{"a value that entities lack", "speed: Int", "speed: Int weight: Float!", "Fan.weight: it is new would orphan stored data of 1 entities (f1 ...)"},
		{"a target that entities lack", "type Fan @asset { ", "type Fan @asset { in: Tank! @relation ", "Fan.in: it is new would orphan stored data of 1 entities (f1 ...)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := apply(t, stored(t), strings.Replace(before, c.old, c.new, 1))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("apply: %v, want %q", err, c.want)
			}
		})
	}
}

func TestApplyLetsGoWhatNobodyHas(t *testing.T) {
	changed := before
	for _, gone := range []string{"type Tank @asset\n", " length: Float"} {
		changed = strings.Replace(changed, gone, "", 1)
	}
	if err := apply(t, stored(t), changed); err != nil {
		t.Errorf("apply: %v, want no refusal: no tank is stored, and no relationship has a length", err)
	}
}

func TestApplyMigratesStoredEntities(t *testing.T) {
	store := stored(t)
	err := apply(t, store, `
extend schema @dropped(names: ["Tank"])
enum Mode { AUTO MANUAL @renamed(from: "HAND") OFF }
type Machine @asset @renamed(from: "Pump") @dropped(names: ["plate"]) {
  nominalFlow: Float @renamed(from: "ratedFlow") @unit(code: "L/s")
  mode: Mode
  modes: [Mode!]
  heads: Int! @default(value: 2)
  supplies: [Machine!] @renamed(from: "feeds") @relation(name: "supplies", props: "Pipe")
  engine: Motor @renamed(from: "motor")
}
type Motor @component { rating: Float @renamed(from: "power") }
type Pipe @component { width: Float @renamed(from: "diameter") length: Float }
type Fan @asset { speed: Float }`)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	view, err := store.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	columns := []schema.Path{"id", "assetType", "nominalFlow", "mode", "heads", "engine.rating", "plate", "ratedFlow", "speed"}
	found, err := view.Select(ctx, graph.Selection{Page: graph.Page{All: true}, Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`"f1" "Fan" null null null null null null 7`,
		`"p1" "Machine" 1 "MANUAL" 2 5 null null null`,
		`"p2" "Machine" null null 2 null null null null`,
	}
	for i := range found.Rows {
		var cells []string
		for c := range columns {
			cells = append(cells, string(found.Cell(c, i).AppendJSON(nil)))
		}
		if got := strings.Join(cells, " "); i >= len(want) || got != want[i] {
			t.Errorf("entity %d is %s, want %s", i, got, want[min(i, len(want)-1)])
		}
	}
	targets, err := view.Expand(ctx, graph.Expansion{
		From: found.Rows, Steps: []graph.Step{{Relation: "supplies", Direction: graph.Out}}, Page: graph.Page{All: true}, Props: []schema.Path{"width"},
	})
	if err != nil || len(targets.Rows) != 1 || targets.Props[0].Float() != 80 {
		t.Errorf("supplies leads to %+v, %v, want p2 with width 80", targets, err)
	}
}
