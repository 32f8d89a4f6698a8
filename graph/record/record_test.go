package record

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/graph"
	"mereon/schema"
)

func samples() []schema.Value {
	return []schema.Value{
		schema.Null, schema.BoolOf(true), schema.BoolOf(false), schema.IntOf(-1), schema.IntOf(1 << 62), schema.FloatOf(-0.5),
		schema.DecimalOf("12.50"), schema.StringOf(""), schema.StringOf("Dürr ✓"), schema.DateOf("2026-01-02"),
		schema.TimeOf(time.Unix(1e9, 7)), schema.DurationOf(-time.Second), schema.JSONOf(`{"a":1}`),
		schema.ListOf([]schema.Value{schema.IntOf(1), schema.ListOf([]schema.Value{schema.StringOf("x")})}), schema.ListOf([]schema.Value{}),
	}
}

func same(a, b schema.Value) bool { return a.Kind() == b.Kind() && schema.Equal(a, b) }

func TestValuesComeBack(t *testing.T) {
	for _, v := range samples() {
		data := string(AppendValue([]byte{}, v)) + "rest"
		got, rest, ok := Value(data)
		if !ok || rest != "rest" || !same(got, v) {
			t.Errorf("Value(AppendValue(%v)) = %v, %q, %t", v, got, rest, ok)
		}
		if rest, ok := skip(data); !ok || rest != "rest" {
			t.Errorf("skip over %v leaves %q, %t", v, rest, ok)
		}
		for n := range len(data) - len("rest") {
			if _, _, ok := Value(data[:n]); ok && v.Kind() != schema.NullValue {
				t.Errorf("Value of %d of %d bytes of %v succeeded", n, len(data)-4, v)
			}
		}
	}
}

func TestFieldsAreFoundByKey(t *testing.T) {
	fields := []Field{{1, schema.StringOf("Pump")}, {7, schema.FloatOf(2)}, {300, schema.BoolOf(true)}}
	data := string(AppendEntity(nil, "p1", fields))
	for _, f := range fields {
		if got := Find(data, f.Key); !same(got, f.Value) {
			t.Errorf("Find(%d) = %v, want %v", f.Key, got, f.Value)
		}
	}
	for _, key := range []uint32{0, 2, 299, 301} {
		if got := Find(data, key); !got.IsNull() {
			t.Errorf("Find(%d) = %v, want null", key, got)
		}
	}
	got, ok := Fields(nil, data)
	if !ok || len(got) != 3 || ID(data) != "p1" {
		t.Errorf("Fields = %v, %t, ID = %q", got, ok, ID(data))
	}
}

func TestFindCopiesNoText(t *testing.T) {
	data := string(AppendEntity(nil, "p1", []Field{{1, schema.StringOf("a text of some length")}}))
	if n := testing.AllocsPerRun(100, func() { Find(data, 1) }); n != 0 {
		t.Errorf("Find allocates %v times", n)
	}
}

func change() graph.Change {
	return graph.Change{
		Revision: 7, At: time.Unix(1e9, 5).UTC(), By: "ann",
		Entities: []graph.EntityDelta{{Op: graph.Create, ID: "a", Type: "Pump"}, {Op: graph.Update, ID: "b", Type: "Pump", Paths: []schema.Path{"flow", "name"}}},
		Relationships: []graph.RelationshipDelta{{From: "a", Relation: "feeds", To: "b"}, {From: "a", Relation: "feeds", To: "c", Removed: true},
			{From: "b", Relation: "feeds", To: "c"}},
		Artifacts: []graph.ArtifactDelta{{Kind: "scene", Name: "hall", Deleted: true}},
	}
}

func TestChangesComeBack(t *testing.T) {
	want := change()
	data := string(AppendChange(nil, &want))
	got, err := Change(data)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Change: %v %s", err, diff)
	}
	if at, ok := ChangeTime(data); !ok || !at.Equal(want.At) {
		t.Errorf("ChangeTime = %v, %t, want %v", at, ok, want.At)
	}
	for n := range len(data) {
		if _, err := Change(data[:n]); err == nil {
			t.Errorf("Change of %d of %d bytes succeeded", n, len(data))
		}
	}
}

func FuzzValue(f *testing.F) {
	for _, v := range samples() {
		f.Add(string(AppendValue(nil, v)))
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, rest, ok := Value(s)
		after, skipped := skip(s)
		if ok && (!skipped || after != rest) {
			t.Fatalf("skip leaves %q, %t where Value leaves %q", after, skipped, rest)
		}
		if !ok {
			return
		}
		again, _, ok := Value(string(AppendValue(nil, v)))
		if !ok || again.Kind() != v.Kind() || v.Kind() != schema.FloatValue && !schema.Equal(again, v) {
			t.Fatalf("%v came back as %v, %t", v, again, ok)
		}
	})
}

func FuzzChange(f *testing.F) {
	c := change()
	f.Add(string(AppendChange(nil, &c)))
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Change(s)
		if err != nil {
			return
		}
		again, err := Change(string(AppendChange(nil, &got)))
		if diff := cmp.Diff(got, again); err != nil || diff != "" {
			t.Fatalf("%v %s", err, diff)
		}
	})
}
