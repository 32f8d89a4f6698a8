package memory_test

import (
	"context"
	"slices"
	"testing"

	"mereon/graph"
	"mereon/graph/graphtest"
	"mereon/graph/memory"
	"mereon/schema"
)

// TestPagesOfManyHitsAreTheWhole compares pages, which are walked, with the whole, which is sorted.
func TestPagesOfManyHitsAreTheWhole(t *testing.T) {
	ctx := context.Background()
	s := memory.New()
	defer s.Close()
	world := graphtest.World{Entities: 20_000, Seed: 3}
	if _, err := s.Apply(ctx, graph.ChangeSet{Layout: world.Layout(), Entities: world.All().Entities}); err != nil {
		t.Fatal(err)
	}
	v, err := s.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []graph.Selection{
		{Search: "thing"}, {Search: "e000 t"}, {Search: "th 1"},
		{Search: "thi", Types: []schema.TypeName{"Type00", "Type03"}, Count: true},
		{Search: "sn", Where: &schema.Condition{Op: schema.Lt, Path: "count", Value: schema.IntOf(500)}, Count: true},
	} {
		q.Columns = []schema.Path{"id"}
		q.Page = graph.Page{All: true}
		all, err := v.Select(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		var ids []schema.Value
		q.Page = graph.Page{First: 900}
		for more := true; more; {
			b, err := v.Select(ctx, q)
			if err != nil || len(b.Rows) == 0 {
				t.Fatalf("Select(%q) = %d rows, %v", q.Search, len(b.Rows), err)
			}
			if b.Before[0] != (q.Page.After != nil) || q.Count && b.Totals[0] != len(all.Rows) {
				t.Errorf("Select(%q) behind %v: before %t, total %v of %d", q.Search, q.Page.After, b.Before[0], b.Totals, len(all.Rows))
			}
			last := len(b.Rows) - 1
			ids, more = append(ids, b.Column(0)...), b.More[0]
			q.Page.After = &graph.Cursor{Keys: []schema.Value{schema.IntOf(int64(b.Ranks[last]))}, ID: graph.EntityID(b.Cell(0, last).Text())}
		}
		if len(ids) <= 1000 || !slices.EqualFunc(ids, all.Column(0), schema.Equal) {
			t.Errorf("pages of Select(%q) have %d rows, the whole %d", q.Search, len(ids), len(all.Rows))
		}
	}
}

// TestLongWordsAreFound searches for words that fill the code of the index, and for longer ones.
func TestLongWordsAreFound(t *testing.T) {
	ctx := context.Background()
	s := memory.New()
	defer s.Close()
	world := graphtest.World{Entities: 1, Seed: 3}
	change := graph.ChangeSet{Layout: world.Layout()}
	for _, name := range []string{"compressor", "compressors", "compress", "Compressor station"} {
		change.Entities = append(change.Entities, graph.EntityChange{
			Op: graph.Create, ID: graph.EntityID("e " + name), Type: "Type00", Values: []graph.PathValue{{Path: graph.ColumnName, Value: schema.StringOf(name)}},
		})
	}
	if _, err := s.Apply(ctx, change); err != nil {
		t.Fatal(err)
	}
	v, err := s.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for text, want := range map[string]int{"compresso": 3, "compressor": 3, "compressors": 1, "compressorss": 0, "compressor st": 1, "compressor compressors": 1} {
		b, err := v.Select(ctx, graph.Selection{Search: text, Page: graph.Page{All: true}})
		if err != nil || len(b.Rows) != want {
			t.Errorf("Search %q finds %d, %v, want %d", text, len(b.Rows), err, want)
		}
	}
}
