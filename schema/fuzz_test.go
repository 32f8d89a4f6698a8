package schema_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"mereon/schema"
)

// FuzzParse checks that no text makes Parse panic, and that what it accepts holds together.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/models/*.graphql", "testdata/mistakes/*.graphql"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		model, problems := schema.Parse([]schema.File{{Name: "a.graphql", Text: text}})
		if (model == nil) != (problems.Err() != nil) {
			t.Fatalf("model %v with %v", model, problems)
		}
		_ = problems.Error()
		if model == nil {
			return
		}
		checkSound(t, model)
		if diff := schema.Diff(model, model); len(diff) > 0 {
			t.Fatalf("a model differs from itself: %v", diff)
		}
	})
}

// FuzzDiff checks that no two models make Diff panic, and that the migration leads to the new model only.
func FuzzDiff(f *testing.F) {
	files, err := filepath.Glob("testdata/diff/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(archive.Files[0].Data), string(archive.Files[1].Data))
		f.Add(string(archive.Files[1].Data), string(archive.Files[0].Data))
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		old, _ := schema.Parse([]schema.File{{Name: "a.graphql", Text: before}})
		new, _ := schema.Parse([]schema.File{{Name: "a.graphql", Text: after}})
		if old == nil || new == nil {
			return
		}
		for _, d := range schema.Diff(old, new) {
			for _, s := range d.Stored {
				if at := old.Types[s.Type]; at == nil || !at.Instantiable {
					t.Fatalf("%s: %s is stored in no entity of the old model", d, s.Type)
				}
			}
		}
		for name, step := range schema.Migrate(old, new).Types {
			checkStep(t, old.Types[name], new, step)
		}
	})
}

func checkStep(t *testing.T, old *schema.AssetType, new *schema.Model, step *schema.TypeMigration) {
	t.Helper()
	name := old.Name
	if step.To != "" {
		name = step.To
	}
	if step.Delete {
		return
	}
	values := map[schema.Path]schema.Value{}
	for _, leaf := range old.Leaves() {
		values[leaf.Path] = schema.IntOf(1)
	}
	step.Properties(values)
	for _, move := range step.Moves {
		_, from := old.Property(move.From)
		_, to := new.Property(name, move.To)
		if !from || !to {
			t.Fatalf("%s: %s to %s leads nowhere", name, move.From, move.To)
		}
	}
	for _, fill := range step.Fills {
		if p, ok := new.Property(name, fill.Path); !ok || len(schema.CheckValue(p, fill.Value)) > 0 {
			t.Fatalf("%s.%s is filled with %s", name, fill.Path, fill.Value.AppendJSON(nil))
		}
	}
}

// checkSound checks what others rely on: every name leads somewhere, every field is in exactly one place.
func checkSound(t *testing.T, m *schema.Model) {
	t.Helper()
	for _, name := range m.TypeNames {
		at := m.Types[name]
		seen := map[string]int{}
		for _, p := range at.Properties {
			seen[p.Name]++
		}
		for _, r := range at.Relationships {
			seen[r.Field]++
			if m.Types[r.Target] == nil && r.Target != schema.EntityType {
				t.Fatalf("%s.%s points to %s, which is no type", name, r.Field, r.Target)
			}
			if m.Relations[r.Relation.Name] != r.Relation {
				t.Fatalf("%s.%s has a relation of its own", name, r.Field)
			}
		}
		for _, j := range at.Joins {
			seen[j.Field]++
		}
		for _, field := range at.Fields {
			if seen[field] != 1 {
				t.Fatalf("%s.%s is in %d places", name, field, seen[field])
			}
		}
		for _, leaf := range at.Leaves() {
			if p, ok := m.Property(name, leaf.Path); !ok || p != leaf.Property {
				t.Fatalf("%s has no property at %s", name, leaf.Path)
			}
		}
	}
}

// FuzzParseText checks that what is read from a cell can be written as JSON and read again as the same value.
func FuzzParseText(f *testing.F) {
	for scalar := range uint8(11) {
		for _, text := range []string{"", "1", "-1.50", "1e3", "true", "P-7", "2026-03-31", "2026-03-31T14:05:00.5+02:00", "1h30m", "PT5S", `{"a":[1]}`, "a;b"} {
			f.Add(text, scalar, false)
		}
	}
	f.Fuzz(func(t *testing.T, text string, scalar uint8, list bool) {
		typ := schema.ValueType{Scalar: schema.Scalar(scalar % 11), List: list}
		v, err := schema.ParseText(text, typ, nil)
		if err != nil {
			return
		}
		out := v.AppendJSON(nil)
		if !json.Valid(out) {
			t.Fatalf("%q as %s is written %s", text, typ.Scalar, out)
		}
		again, err := schema.ParseValue(decoded(t, out, typ), typ, nil)
		if err != nil || !schema.Equal(v, again) {
			t.Fatalf("%q as %s: %s is read back as %s, %v", text, typ.Scalar, out, again.AppendJSON(nil), err)
		}
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, text := range []string{"5s", "1h30m", "P1DT2H", "-PT0.5S", "1.5d", "PT", "P", "99999999d", "1ns"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := schema.ParseDuration(text)
		if err != nil {
			return
		}
		again, err := schema.ParseDuration(schema.FormatDuration(d))
		if difference := again - d; err != nil || difference.Abs() > d.Abs()/1e15+time.Nanosecond {
			t.Fatalf("%q is %v, written %s, read back as %v, %v", text, d, schema.FormatDuration(d), again, err)
		}
	})
}
