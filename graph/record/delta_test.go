package record

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mereon/graph"
	"mereon/schema"
)

func delta() Delta {
	at := change().At
	return Delta{
		Change: change(), Key: "k1", Repeats: 2,
		Entities: []Entity{
			{ID: "a", Type: "Pump", Revision: 7, Created: at, Updated: at, Origin: graph.FromAPI},
			{ID: "b", Type: "Pump", Revision: 7, Created: at.Add(-time.Hour), Updated: at, Origin: graph.FromProject, Edited: true,
				Values: []graph.PathValue{{Path: "flow", Value: schema.FloatOf(1.5)}, {Path: "tags", Value: schema.ListOf([]schema.Value{schema.StringOf("x")})}}},
		},
		Relationships: []Relationship{{From: "a", Relation: "feeds", To: "b", Props: []graph.PathValue{{Path: "diameter", Value: schema.IntOf(80)}}}, {From: "a", Relation: "feeds", To: "c"}},
		Artifacts:     []Artifact{{Kind: "scene", Name: "hall", Revision: 7, Data: []byte("{}")}, {Kind: "model", Name: "m", Revision: 7, Data: []byte{}}},
		Layout:        &graph.Layout{Relations: []schema.Relation{{Name: "feeds"}}},
	}
}

var values = cmp.Comparer(same)

func TestDeltasComeBack(t *testing.T) {
	want := delta()
	data := string(AppendDelta(nil, &want))
	got, err := DecodeDelta(data)
	if diff := cmp.Diff(want, got, values); err != nil || diff != "" {
		t.Errorf("DecodeDelta: %v %s", err, diff)
	}
	encoded, err := DeltaChange(data)
	if c, err2 := Change(encoded); err != nil || err2 != nil || !cmp.Equal(c, want.Change) {
		t.Errorf("DeltaChange = %+v, %v, %v", c, err, err2)
	}
	for n := range len(data) {
		if _, err := DecodeDelta(data[:n]); err == nil {
			t.Errorf("DecodeDelta of %d of %d bytes succeeded", n, len(data))
		}
	}
	if c := want.Commit(); c.Revision != 7 || len(c.Created) != 1 || len(c.Updated) != 1 || c.Relationships != 3 || c.Repeats != 2 {
		t.Errorf("Commit = %+v", c)
	}
}

func FuzzDelta(f *testing.F) {
	d := delta()
	f.Add(string(AppendDelta(nil, &d)))
	f.Fuzz(func(t *testing.T, s string) {
		got, err := DecodeDelta(s)
		if err != nil {
			return
		}
		again, err := DecodeDelta(string(AppendDelta(nil, &got)))
		equal := cmp.Comparer(func(a, b schema.Value) bool { return string(AppendValue(nil, a)) == string(AppendValue(nil, b)) })
		if diff := cmp.Diff(got, again, equal, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Fatalf("%v %s", err, diff)
		}
	})
}
