package graphtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// chain is n pumps of which each feeds the next.
func chain(n int) graph.ChangeSet {
	l := layouts()[0]
	set := graph.ChangeSet{Layout: &l}
	for i := range n {
		set.Entities = append(set.Entities, entity(graph.Create, graph.EntityID(fmt.Sprintf("c%03d", i))))
		if i > 0 {
			set.Relationships = append(set.Relationships, relate(graph.Relate, graph.EntityID(fmt.Sprintf("c%03d", i-1)), "feeds", graph.EntityID(fmt.Sprintf("c%03d", i))))
		}
	}
	return set
}

// testBudgets sees that questions end where they are told to.
func testBudgets(t *testing.T, c Config) {
	ctx := context.Background()
	s := c.Open(t, t.TempDir())
	defer s.Close()
	mustApply(t, s, chain(200))
	v := mustView(t, s)
	start, _ := v.Lookup(ctx, []graph.EntityID{"c000", "c199", "c190"}, nil)
	feeds := []graph.Step{{Relation: "feeds"}}

	q := graph.Selection{Order: []graph.Order{{Path: "name"}}, Page: graph.Page{First: 10}, Budget: 100}
	if _, err := v.Select(ctx, q); fault.CodeOf(err) != fault.Limit {
		t.Errorf("Select beyond its budget = %v, want a limit", err)
	}
	q.Budget = 1000
	if _, err := v.Select(ctx, q); err != nil {
		t.Errorf("Select within its budget = %v", err)
	}
	b, err := v.Reach(ctx, graph.Reach{From: []graph.Row{start.Rows[0], start.Rows[2]}, Steps: feeds, Page: graph.Page{All: true}, Budget: 50})
	if err != nil || len(b.Rows) != 59 || !b.Truncated[0] || b.Truncated[1] {
		t.Errorf("Reach with a budget of 50 = %d rows, truncated %v, %v; want 50 of one and 9 of the other", len(b.Rows), b.Truncated, err)
	}
	if _, err := v.ShortestPaths(ctx, graph.PathQuery{From: start.Rows[0], To: start.Rows[1], Steps: feeds, MaxDepth: 500, Budget: 50}); fault.CodeOf(err) != fault.Limit {
		t.Errorf("ShortestPaths beyond its budget = %v, want a limit", err)
	}
	p, err := v.ShortestPaths(ctx, graph.PathQuery{From: start.Rows[0], To: start.Rows[1], Steps: feeds, MaxDepth: 500})
	if err != nil || len(p) != 1 || len(p[0].Rows) != 200 {
		t.Errorf("ShortestPaths = %v, %v, want one of 200 entities", p, err)
	}
	if _, err := v.Select(ctx, graph.Selection{Order: []graph.Order{{Path: "name"}}, Page: graph.Page{First: 1, After: &graph.Cursor{ID: "c000"}}}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("Select after a cursor of another order = %v, want it invalid", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := v.Select(ended, graph.Selection{}); fault.CodeOf(err) != fault.Timeout {
		t.Errorf("Select with an ended context = %v, want a timeout", err)
	}
	if _, err := s.Apply(ended, entities(entity(graph.Create, "late"))); fault.CodeOf(err) != fault.Timeout {
		t.Errorf("Apply with an ended context = %v, want a timeout", err)
	}
	if b, _ := mustView(t, s).Lookup(ctx, []graph.EntityID{"late"}, nil); b.Rows[0] != graph.NoRow {
		t.Error("a change set that was given up was applied")
	}
}

// testPages walks all pages of several groups forwards and backwards and must meet every row once.
func testPages(t *testing.T, c Config) {
	ctx := context.Background()
	s := c.Open(t, t.TempDir())
	defer s.Close()
	l := layouts()[0]
	set := graph.ChangeSet{Layout: &l}
	for n := range 100 {
		e := entity(graph.Create, graph.EntityID(fmt.Sprintf("p%02d", n)), graph.PathValue{Path: "flow", Value: schema.IntOf(int64(n % 7))})
		if n%10 == 0 {
			e.Values = nil
		}
		set.Entities = append(set.Entities, e)
	}
	mustApply(t, s, set)
	v := mustView(t, s)
	for _, order := range [][]graph.Order{nil, {{Path: "flow"}}, {{Path: "flow", Desc: true}}, {{Path: "assetType"}, {Path: "flow", Desc: true}}} {
		for _, back := range []bool{false, true} {
			var at *graph.Cursor
			seen := map[string]bool{}
			for pages := 0; pages < 100; pages++ {
				page := graph.Page{First: 7, After: at}
				if back {
					page = graph.Page{Last: 7, Before: at}
				}
				q := graph.Selection{Order: order, Page: page, Columns: []schema.Path{"id"}}
				for _, o := range order {
					q.Columns = append(q.Columns, o.Path)
				}
				b, err := v.Select(ctx, q)
				if err != nil {
					t.Fatal(err)
				}
				for i := range b.Rows {
					seen[b.Cell(0, i).Text()] = true
				}
				edge, more := len(b.Rows)-1, b.More[0]
				if back {
					edge, more = 0, b.Before[0]
				}
				if !more {
					break
				}
				at = &graph.Cursor{ID: graph.EntityID(b.Cell(0, edge).Text())}
				for c := range order {
					at.Keys = append(at.Keys, b.Cell(c+1, edge))
				}
			}
			if len(seen) != 100 {
				t.Errorf("pages of 7 by %v, backwards %t, met %d of 100 rows", order, back, len(seen))
			}
		}
	}
}

func testBlobs(t *testing.T, c Config) {
	ctx := context.Background()
	s := c.Open(t, t.TempDir())
	defer s.Close()
	for range 2 {
		for _, content := range []string{"", "glTF", strings.Repeat("large ", 100_000)} {
			sum := sha256.Sum256([]byte(content))
			digest, size, err := s.PutBlob(ctx, strings.NewReader(content))
			if err != nil || digest != hex.EncodeToString(sum[:]) || size != int64(len(content)) {
				t.Fatalf("PutBlob = %s, %d, %v", digest, size, err)
			}
			r, err := s.Blob(ctx, digest)
			if err != nil {
				t.Fatal(err)
			}
			if data, _ := io.ReadAll(r); string(data) != content {
				t.Errorf("Blob holds %d bytes, want %d", len(data), len(content))
			}
			if at, err := r.Seek(0, io.SeekEnd); at != size || err != nil {
				t.Errorf("Seek = %d, %v, want %d", at, err, size)
			}
			r.Close()
		}
	}
	for _, digest := range []string{strings.Repeat("0", 64), "", "../../etc/passwd", strings.Repeat("A", 64)} {
		if _, err := s.Blob(ctx, digest); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("Blob(%q) = %v, want not found", digest, err)
		}
	}
	if _, _, err := s.PutBlob(ctx, iotest.ErrReader(errors.New("cut off"))); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("PutBlob from a failing reader = %v, want it invalid", err)
	}
}
