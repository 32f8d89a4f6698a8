package memory

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"mereon/graph"
	"mereon/schema"
)

// hubs is a store with an entity that has n relationships in and n out, and one that has a few.
func hubs(t testing.TB, n int) *Store {
	t.Helper()
	s := New()
	set := graph.ChangeSet{Layout: &graph.Layout{Relations: []schema.Relation{{Name: "feeds"}, {Name: "main", Single: true}}}}
	add := func(id graph.EntityID) {
		set.Entities = append(set.Entities, graph.EntityChange{ID: id, Type: "Pump"})
	}
	add("large")
	add("small")
	for i := range n {
		id := graph.EntityID(fmt.Sprint("p", i))
		add(id)
		set.Relationships = append(set.Relationships,
			graph.RelationshipChange{From: id, Relation: "feeds", To: "large"}, graph.RelationshipChange{From: "large", Relation: "feeds", To: id})
		if i < 4 {
			set.Relationships = append(set.Relationships,
				graph.RelationshipChange{From: id, Relation: "feeds", To: "small"}, graph.RelationshipChange{From: "small", Relation: "feeds", To: id})
		}
	}
	if _, err := s.Apply(context.Background(), set); err != nil {
		t.Fatal(err)
	}
	return s
}

// bytesOf returns how many bytes are allocated by adding or removing one relationship of the hub.
func bytesOf(t testing.TB, s *Store, hub graph.EntityID) float64 {
	const rounds = 200
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		for _, op := range []graph.RelationOp{graph.Relate, graph.Unrelate} {
			change := graph.RelationshipChange{Op: op, From: hub, Relation: "main", To: "p7"}
			if _, err := s.Apply(context.Background(), graph.ChangeSet{Relationships: []graph.RelationshipChange{change}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / (2 * rounds)
}

func TestRelationshipOfASupernodeCostsLikeAnyOther(t *testing.T) {
	const degree = 200_000
	s := hubs(t, degree)
	many, few := bytesOf(t, s, "large"), bytesOf(t, s, "small")
	t.Logf("%.0f bytes a change with %d relationships, %.0f with 8", many, 2*degree, few)
	if many > 3*few {
		t.Errorf("a change on an entity with %d relationships allocates %.0f bytes, on one with 8 %.0f: want at most 3 times", 2*degree, many, few)
	}
	v, _ := s.View(context.Background())
	rows, _ := v.Lookup(context.Background(), []graph.EntityID{"large"}, nil)
	for _, d := range []graph.Direction{graph.In, graph.Out} {
		b, err := v.Expand(context.Background(), graph.Expansion{From: rows.Rows, Steps: []graph.Step{{Relation: "feeds", Direction: d}}, Count: true})
		if err != nil || b.Totals[0] != degree {
			t.Errorf("Expand(%d) counts %v, %v, want %d", d, b.Totals, err, degree)
		}
	}
}
