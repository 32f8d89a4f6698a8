package memory

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/graph"
	"mereon/schema"
)

func plant() graph.ChangeSet {
	layout := &graph.Layout{
		Relations: []schema.Relation{
			{Name: "feeds"},
			{Name: "locatedIn", Single: true, Hierarchy: "place", ToParent: true},
		},
		Unique:  []graph.UniqueKey{{Scope: "Equipment", Path: "serial", Types: []schema.TypeName{"Pump"}}},
		Indexes: []graph.Index{{Path: "flow", Types: []schema.TypeName{"Pump"}}},
	}
	set := graph.ChangeSet{By: "me", Layout: layout}
	set.Entities = append(set.Entities, graph.EntityChange{ID: "hall", Type: "Hall"})
	for i, id := range []graph.EntityID{"p3", "p1", "p2"} {
		set.Entities = append(set.Entities, graph.EntityChange{ID: id, Type: "Pump", Values: []graph.PathValue{
			{Path: "flow", Value: schema.FloatOf(float64(i))}, {Path: "serial", Value: schema.StringOf("S-" + string(id))}}})
		set.Relationships = append(set.Relationships, graph.RelationshipChange{From: id, Relation: "locatedIn", To: "hall"})
	}
	set.Relationships = append(set.Relationships,
		graph.RelationshipChange{From: "p1", Relation: "feeds", To: "p2", Props: []graph.PathValue{{Path: "diameter", Value: schema.IntOf(80)}}},
		graph.RelationshipChange{From: "p2", Relation: "feeds", To: "p3"})
	return set
}

func texts(b *graph.Batch, column int) (out []string) {
	for i := range b.Rows {
		out = append(out, b.Cell(column, i).Text())
	}
	return out
}

func TestStoreAnswersAfterApply(t *testing.T) {
	ctx := context.Background()
	s := New()
	commit, err := s.Apply(ctx, plant())
	if err != nil {
		t.Fatal(err)
	}
	if commit.Revision != 1 || len(commit.Created) != 4 || commit.Relationships != 5 {
		t.Errorf("commit = %+v", commit)
	}
	v, _ := s.View(ctx)
	id := []schema.Path{"id"}
	all := graph.Page{First: 10}
	b, err := v.Select(ctx, graph.Selection{Types: []schema.TypeName{"Pump"}, Order: []graph.Order{{Path: "flow", Desc: true}}, Page: all, Columns: id})
	if diff := cmp.Diff([]string{"p2", "p1", "p3"}, texts(b, 0)); err != nil || diff != "" {
		t.Errorf("Select by flow: %v %s", err, diff)
	}
	hall, _ := v.Lookup(ctx, []graph.EntityID{"hall", "nowhere"}, id)
	b, _ = v.Expand(ctx, graph.Expansion{From: hall.Rows, Steps: []graph.Step{{Relation: "locatedIn", Direction: graph.In}}, Page: graph.Page{First: 2}, Columns: id, Count: true})
	if diff := cmp.Diff([]string{"p1", "p2"}, texts(b, 0)); diff != "" || !b.More[0] || b.Totals[0] != 3 || len(b.Offsets) != 3 {
		t.Errorf("Expand: %s %+v", diff, b)
	}
	p1, _ := v.Lookup(ctx, []graph.EntityID{"p1"}, nil)
	b, _ = v.Reach(ctx, graph.Reach{From: p1.Rows, Steps: []graph.Step{{Relation: "feeds"}}, Page: graph.Page{All: true}, Columns: id, Paths: true})
	if diff := cmp.Diff([]string{"p2", "p3"}, texts(b, 0)); diff != "" || b.Via[1] != 0 || b.Depth[1] != 2 {
		t.Errorf("Reach: %s %+v", diff, b)
	}
}

func TestOpeningAViewAllocatesNothing(t *testing.T) {
	ctx := context.Background()
	s := New()
	if n := testing.AllocsPerRun(100, func() { v, _ := s.View(ctx); v.Close() }); n != 0 {
		t.Errorf("View allocates %v times, want 0", n)
	}
}

func TestSelectOfAPageAllocatesLittle(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget")
	}
	ctx := context.Background()
	s := New()
	set := plant()
	for i := range 500 {
		id := graph.EntityID("x" + string(rune('a'+i%26)) + string(rune('a'+i/26)))
		set.Entities = append(set.Entities, graph.EntityChange{ID: id, Type: "Pump", Values: []graph.PathValue{{Path: "flow", Value: schema.FloatOf(float64(i))}}})
	}
	if _, err := s.Apply(ctx, set); err != nil {
		t.Fatal(err)
	}
	v, _ := s.View(ctx)
	q := graph.Selection{Types: []schema.TypeName{"Pump"}, Page: graph.Page{First: 100}, Columns: []schema.Path{"id", "name", "flow", "serial", "revision"}}
	where := q
	where.Where = &schema.Condition{Op: schema.And, Args: []*schema.Condition{{Op: schema.Gt, Path: "flow", Value: schema.FloatOf(100)}}}
	where.Order = []graph.Order{{Path: "flow"}}
	for name, q := range map[string]graph.Selection{"plain": q, "filtered and ordered": where} {
		if n := testing.AllocsPerRun(50, func() { v.Select(ctx, q) }); n > 8 {
			t.Errorf("%s: %v allocations, want at most 8", name, n)
		} else {
			t.Logf("%s: %v allocations", name, n)
		}
	}
}
