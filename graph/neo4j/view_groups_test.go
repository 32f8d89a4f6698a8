package neo4j_test

import (
	"context"
	"testing"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// TestGroupsOfNeighboursAreBounded counts the neighbours of a row given twice, one of which is the entity itself.
func TestGroupsOfNeighboursAreBounded(t *testing.T) {
	ctx, s := context.Background(), open(t, t.TempDir())
	set := graph.ChangeSet{Layout: &graph.Layout{Relations: []schema.Relation{{Name: "feeds"}}}}
	for _, id := range []graph.EntityID{"a", "b", "c"} {
		set.Entities = append(set.Entities, graph.EntityChange{ID: id, Type: "Pump", Values: []graph.PathValue{{Path: "name", Value: schema.StringOf("\x00" + string(id))}}})
		set.Relationships = append(set.Relationships, graph.RelationshipChange{From: "a", Relation: "feeds", To: id})
	}
	if _, err := s.Apply(ctx, set); err != nil {
		t.Fatal(err)
	}
	v, err := s.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	b, err := v.Lookup(ctx, []graph.EntityID{"a", "b", "a"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	feeds := []graph.Step{{Relation: "feeds"}}
	q := graph.Aggregation{From: b.Rows, Steps: feeds, Of: graph.Selection{Budget: 6}, Measures: []graph.Measure{{Func: schema.FoldMax, Path: "name"}}}
	g, err := v.Aggregate(ctx, q)
	if err != nil || len(g.Counts) != 3 || g.Counts[0] != 3 || g.Counts[1] != 0 || g.Counts[2] != 3 || g.Values[2].Text() != "\x00c" || !g.Values[1].IsNull() {
		t.Errorf("Aggregate = %+v, %v; want 3, 0 and 3 of which the last is c", g, err)
	}
	q.Of.Budget = 5
	if _, err = v.Aggregate(ctx, q); fault.CodeOf(err) != fault.Limit {
		t.Errorf("Aggregate of six with a budget of five = %v, want a limit", err)
	}
	q = graph.Aggregation{From: b.Rows, Steps: feeds, By: []graph.Grouping{{Steps: []graph.Step{{Relation: "feeds", Direction: graph.In}}}, {Path: "name"}}, Most: 2}
	if _, err = v.Aggregate(ctx, q); fault.CodeOf(err) != fault.Limit {
		t.Errorf("Aggregate into three groups of two = %v, want a limit", err)
	}
	q.Most = 3
	if g, err = v.Aggregate(ctx, q); err != nil || len(g.Counts) != 6 || g.Offsets[1] != 3 || g.Offsets[2] != 3 || g.Rows[0] != b.Rows[0] {
		t.Errorf("Aggregate by who feeds = %+v, %v; want three groups of a, twice", g, err)
	}
	e, err := v.Expand(ctx, graph.Expansion{From: b.Rows, Steps: append(feeds, graph.Step{Relation: "feeds", Direction: graph.Both}), Count: true})
	if err != nil || len(e.Rows) != 0 || e.Totals[0] != 3 || e.Totals[1] != 1 || !e.More[0] {
		t.Errorf("Expand for totals = %+v, %v; want 3, 1 and 3 without rows", e, err)
	}
}
