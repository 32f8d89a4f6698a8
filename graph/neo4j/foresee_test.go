package neo4j_test

import (
	"context"
	"testing"

	"mereon/graph"
	"mereon/graph/graphtest"
	"mereon/schema"
)

// TestWhatIsForeseenComesWithTheRows counts the statements of a look-up and of the reach that follows.
func TestWhatIsForeseenComesWithTheRows(t *testing.T) {
	s, ctx := openWith(t, t.TempDir(), server(t)), context.Background()
	world := graphtest.World{Entities: 200, Seed: 1}
	if _, err := s.Apply(ctx, world.All()); err != nil {
		t.Fatal(err)
	}
	steps := []graph.Step{{Relation: "feeds"}, {Relation: "isPartOf", Direction: graph.In}}
	reach := graph.Reach{Steps: steps, MaxDepth: 3, Page: graph.Page{All: true}, Columns: []schema.Path{"id", "name"}}
	other, paths := reach, reach
	other.MaxDepth, paths.Paths = 2, true
	one, two := []graph.EntityID{world.ID(60)}, []graph.EntityID{world.ID(60), world.ID(7), "nobody"}
	for _, c := range []struct {
		what            string
		ids             []graph.EntityID
		foreseen, asked graph.Reach
		statements      int64
	}{
		{"as foreseen", one, reach, reach, 1},
		{"of several", two, reach, reach, 1},
		{"with paths", one, paths, paths, 1},
		{"nothing is there", two[2:], reach, reach, 1},
		{"another depth", one, other, reach, 2},
		{"not what was foreseen", one, reach, paths, 2},
	} {
		fewest := int64(1 << 30)
		for range 3 { // the store looks after itself now and then
			fewest = min(fewest, statementsOf(t, s, c.ids, c.foreseen, c.asked))
		}
		if fewest != c.statements {
			t.Errorf("%s: %d statements, want %d", c.what, fewest, c.statements)
		}
	}
}

func statementsOf(t *testing.T, s *tested, ids []graph.EntityID, foreseen, asked graph.Reach) int64 {
	t.Helper()
	ctx, before := context.Background(), s.Statements()
	v, err := graph.LateView(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	found, err := graph.Foresee(v, []graph.Next{{Reach: &foreseen}}).Lookup(ctx, ids, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range found.Rows {
		if row != graph.NoRow {
			asked.From = append(asked.From, row)
		}
	}
	b, err := v.Reach(ctx, asked)
	if err != nil {
		t.Fatal(err)
	}
	if len(asked.From) > 0 && len(b.Rows) == 0 {
		t.Errorf("nothing was reached from %v", ids)
	}
	return s.Statements() - before
}
