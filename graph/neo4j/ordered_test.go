package neo4j_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/schema"
)

// TestPagesByAnIndexAreThoseOfMemory pages through entities of two types, forwards and backwards, in the order of indexed
// properties that some of them lack, many share, and that are partly too long for an index.
func TestPagesByAnIndexAreThoseOfMemory(t *testing.T) {
	ctx := context.Background()
	set := graph.ChangeSet{Layout: &graph.Layout{Indexes: []graph.Index{{Path: "n", Types: []schema.TypeName{"A", "B", "C"}}, {Path: "text", Types: []schema.TypeName{"A", "B", "C"}}}}}
	for i := range 60 {
		e := graph.EntityChange{ID: graph.EntityID(fmt.Sprintf("e%02d", i*7%60)), Type: []schema.TypeName{"A", "B", "C"}[i%3]}
		if i%5 > 0 {
			e.Values = append(e.Values, graph.PathValue{Path: "n", Value: schema.IntOf(int64(i % 13))})
		}
		if text := fmt.Sprint(i % 11); i%4 == 0 {
			e.Values = append(e.Values, graph.PathValue{Path: "text", Value: schema.StringOf(strings.Repeat("long", 300) + text)})
		} else if i%4 < 3 {
			e.Values = append(e.Values, graph.PathValue{Path: "text", Value: schema.StringOf(text)})
		}
		set.Entities = append(set.Entities, e)
	}
	stores := []graph.Store{memory.New(), open(t, t.TempDir())}
	for _, s := range stores {
		if _, err := s.Apply(ctx, set); err != nil {
			t.Fatal(err)
		}
	}
	above := &schema.Condition{Op: schema.Gte, Path: "n", Value: schema.IntOf(4)}
	for _, q := range []graph.Selection{
		{Order: []graph.Order{{Path: "n"}}}, {Order: []graph.Order{{Path: "n", Desc: true}}},
		{Order: []graph.Order{{Path: "n"}}, Where: above}, {Order: []graph.Order{{Path: "n", Desc: true}}, Where: above, Budget: 1000},
		{Order: []graph.Order{{Path: "text"}}}, {Order: []graph.Order{{Path: "text", Desc: true}}},
	} {
		for _, back := range []bool{false, true} {
			q.Types = []schema.TypeName{"A", "C"}
			if got, want := allPages(t, stores[1], q, back), allPages(t, stores[0], q, back); !slices.Equal(got, want) {
				t.Errorf("%+v, backwards %t:\n%q\nwant\n%q", q.Order, back, got, want)
			}
		}
	}
}

// allPages goes through all pages of seven and notes their ids and whether others precede and follow.
func allPages(t *testing.T, s graph.Store, q graph.Selection, back bool) (pages []string) {
	t.Helper()
	ctx := context.Background()
	v, err := graph.LateView(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	q.Columns = []schema.Path{q.Order[0].Path, graph.ColumnID}
	q.Page = graph.Page{First: 7}
	if back {
		q.Page = graph.Page{Last: 7}
	}
	for range 20 {
		b, err := v.Select(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		page := fmt.Sprint(b.Before[0], b.More[0])
		for i := range b.Rows {
			page += " " + b.Cell(1, i).Text()
		}
		pages = append(pages, page)
		at := func(i int) *graph.Cursor {
			return &graph.Cursor{Keys: []schema.Value{b.Cell(0, i)}, ID: graph.EntityID(b.Cell(1, i).Text())}
		}
		switch {
		case len(b.Rows) == 0 || !back && !b.More[0] || back && !b.Before[0]:
			return pages
		case back:
			q.Page.Before = at(0)
		default:
			q.Page.After = at(len(b.Rows) - 1)
		}
	}
	return pages
}

func TestNothingIsCountedByTheFirstQuestionOfAView(t *testing.T) {
	ctx, s := context.Background(), open(t, t.TempDir())
	types, some := []schema.TypeName{"A"}, &schema.Condition{Op: schema.Eq, Path: "n", Value: schema.IntOf(1)}
	for _, where := range []*schema.Condition{nil, some} {
		v, err := graph.LateView(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		b, err := v.Select(ctx, graph.Selection{Types: types, Where: where, Order: []graph.Order{{Path: "n"}}, Page: graph.Page{First: 5}, Count: true, Budget: 10})
		if err != nil || len(b.Rows) != 0 || b.Totals[0] != 0 {
			t.Errorf("Select = %+v, %v", b, err)
		}
		if v, err = graph.LateView(ctx, s); err != nil {
			t.Fatal(err)
		}
		g, err := v.Aggregate(ctx, graph.Aggregation{Of: graph.Selection{Types: types, Where: where, Budget: 10}, Measures: []graph.Measure{{Func: schema.FoldCount, Path: "n"}}})
		if err != nil || len(g.Counts) != 1 || g.Counts[0] != 0 || g.Values[0].Int() != 0 {
			t.Errorf("Aggregate = %+v, %v", g, err)
		}
	}
}
