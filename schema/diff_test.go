package schema_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"mereon/schema"
)

// TestDiffSaysWhatHappens reads archives of two models, old and new, and compares what Diff and Migrate say with want.
func TestDiffSaysWhatHappens(t *testing.T) {
	files, err := filepath.Glob("testdata/diff/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("found no archives, %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			old, new := parseText(t, string(archive.Files[0].Data)), parseText(t, string(archive.Files[1].Data))
			golden(t, strings.TrimSuffix(file, ".txtar")+".want", described(t, old, new))
			if again := schema.Diff(new, new); len(again) > 0 {
				t.Errorf("a model differs from itself: %v", again)
			}
		})
	}
}

func parseText(t *testing.T, text string) *schema.Model {
	t.Helper()
	model, problems := schema.Parse([]schema.File{{Name: "m.graphql", Text: text}})
	if model == nil {
		t.Fatal(problems.Error())
	}
	return model
}

func described(t *testing.T, old, new *schema.Model) string {
	var b strings.Builder
	for _, d := range schema.Diff(old, new) {
		fmt.Fprintln(&b, d)
		for _, s := range d.Stored {
			fmt.Fprintf(&b, "    stored: %s\n", asJSON(t, s))
		}
	}
	m := schema.Migrate(old, new)
	for _, name := range old.TypeNames {
		if step := m.Types[name]; step != nil {
			fmt.Fprintf(&b, "migrate %s: %s\n", name, asJSON(t, step))
		}
	}
	return b.String()
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestMigrationMovesStoredValues(t *testing.T) {
	old := parseText(t, `enum Mode { AUTO HAND }
type Pump @asset { a: Int b: Int speed: Int @unit(code: "1/min") mode: Mode gone: String kept: String temperature: Float @unit(code: "[degF]") motor: Drive }
type Drive @component { power: Float }`)
	new := parseText(t, `enum Mode { AUTO MANUAL @renamed(from: "HAND") }
type Pump @asset @dropped(names: ["gone"]) {
  a2: Int @renamed(from: "a")
  b2: Float @renamed(from: "b")
  speed: Float @unit(code: "1/s")
  mode: Mode
  kept: [String!]
  temperature: Float @unit(code: "Cel")
  added: Int @default(value: 7)
  engine: Drive @renamed(from: "motor")
}
type Drive @component { rating: Float @renamed(from: "power") }`)
	got := schema.Migrate(old, new).Types["Pump"].Properties(map[schema.Path]schema.Value{
		"a": schema.IntOf(1), "b": schema.IntOf(2), "speed": schema.IntOf(90), "mode": schema.StringOf("HAND"), "gone": schema.StringOf("x"),
		"kept": schema.StringOf("y"), "temperature": schema.FloatOf(50), "motor.power": schema.FloatOf(5),
	})
	texts := map[schema.Path]string{}
	for path, v := range got {
		texts[path] = string(v.AppendJSON(nil))
	}
	want := map[schema.Path]string{
		"a2": "1", "b2": "2", "speed": "1.5", "mode": `"MANUAL"`, "kept": `["y"]`, "temperature": "10", "added": "7", "engine.rating": "5",
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("Properties (-want +got):\n%s", diff)
	}
}

func TestMigrationExchangesNames(t *testing.T) {
	m := schema.TypeMigration{Moves: []schema.Move{{From: "a", To: "b"}, {From: "b", To: "a"}}}
	got := m.Properties(map[schema.Path]schema.Value{"a": schema.IntOf(1), "b": schema.IntOf(2)})
	if got["a"].Int() != 2 || got["b"].Int() != 1 {
		t.Errorf("a = %d, b = %d, want them exchanged", got["a"].Int(), got["b"].Int())
	}
}

func TestStoredConditionFindsWhatCounts(t *testing.T) {
	off := schema.StringOf("OFF")
	for _, c := range []struct {
		stored schema.Stored
		value  schema.Value
		want   schema.Truth
	}{
		{schema.Stored{Path: "a"}, schema.IntOf(1), schema.True},
		{schema.Stored{Path: "a"}, schema.Null, schema.False},
		{schema.Stored{Path: "a", Missing: true}, schema.Null, schema.True},
		{schema.Stored{Path: "a", Value: &off}, off, schema.True},
		{schema.Stored{Path: "a", Value: &off}, schema.StringOf("ON"), schema.False},
		{schema.Stored{Path: "a", Value: &off}, schema.ListOf([]schema.Value{schema.StringOf("ON"), off}), schema.True},
		{schema.Stored{Relation: "feeds", Path: "diameter"}, schema.Null, schema.True},
	} {
		if got := c.stored.Condition().Eval(func(schema.Path) schema.Value { return c.value }, nil); got != c.want {
			t.Errorf("%+v of %s = %v, want %v", c.stored, c.value.AppendJSON(nil), got, c.want)
		}
	}
}
