package neo4j_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"mereon/graph"
	"mereon/graph/neo4j"
	"mereon/schema"
)

// call names entities, one change after the other.
func call(t *testing.T, s graph.Store, op graph.Op, names ...[2]string) {
	t.Helper()
	for _, n := range names {
		c := graph.EntityChange{Op: op, ID: graph.EntityID(n[0]), Values: []graph.PathValue{{Path: "name", Value: schema.StringOf(n[1])}}}
		if op == graph.Create {
			c.Type = "Thing"
		}
		if _, err := s.Apply(context.Background(), graph.ChangeSet{Entities: []graph.EntityChange{c}}); err != nil {
			t.Fatal(err)
		}
	}
}

// wantFound searches in a view.
func wantFound(t *testing.T, v graph.View, text string, want ...graph.EntityID) {
	t.Helper()
	b, err := v.Select(context.Background(), graph.Selection{Search: text, Page: graph.Page{First: 9}, Columns: []schema.Path{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []graph.EntityID
	for i := range b.Rows {
		got = append(got, graph.EntityID(b.Cell(0, i).Text()))
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("a search for %q finds %v, want %v", text, got, want)
	}
}

func TestWordsAreWrittenWhereTheyChange(t *testing.T) {
	s, ctx := openWith(t, t.TempDir(), server(t)), context.Background()
	call(t, s, graph.Create, [2]string{"a", "Feed pump"}, [2]string{"b", "Fan"})
	before, err := s.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	wantWords := func(want int64) {
		t.Helper()
		if n, err := s.Count(ctx, "Words"); err != nil || n != want {
			t.Errorf("there are words of %d states, %v; want %d", n, err, want)
		}
	}
	wantWords(2)
	for n := range int64(5) {
		if _, err := s.Apply(ctx, setCount("a", n, nil)); err != nil {
			t.Fatal(err)
		}
	}
	wantWords(2)
	call(t, s, graph.Update, [2]string{"a", "Hall pump"})
	wantWords(3)
	if _, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Delete, ID: "b"}}}); err != nil {
		t.Fatal(err)
	}
	after, err := s.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	wantFound(t, before, "feed", "a")
	wantFound(t, before, "fan", "b")
	wantFound(t, after, "feed")
	wantFound(t, after, "hall", "a")
	wantFound(t, after, "fan")
	if err := s.CleanNow(ctx); err != nil {
		t.Fatal(err)
	}
	wantWords(1)
	wantFound(t, after, "pump", "a")
	after.Close()
}

func TestAnOlderStorageIsBroughtForward(t *testing.T) {
	o, ctx, dir := server(t), context.Background(), t.TempDir()
	s := openWith(t, dir, o)
	call(t, s, graph.Create, [2]string{"a", "Feed pump"}, [2]string{"b", "Fan"}, [2]string{"c", "Valve"})
	call(t, s, graph.Update, [2]string{"b", "Hall pump"})
	if err := s.FirstStorage(ctx); err != nil {
		t.Fatal(err)
	}
	o.Graph = s.name
	o.Trace(func(text string, _ map[string]any) {
		if strings.Contains(text, "m.storage < $storage\nCALL") { // a process that knows the older one still writes
			if err := s.WriteOld(context.Background(), "c", "gate"); err != nil {
				t.Error(err)
			}
		}
	})
	forward, err := neo4j.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer forward.Close()
	v, err := forward.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	wantFound(t, v, "pump", "a", "b")
	wantFound(t, v, "feed", "a")
	wantFound(t, v, "fan")
	wantFound(t, v, "valve", "c")
	all, err1 := forward.Count(ctx, "Words")
	now, err2 := forward.SaidNow(ctx)
	if err := errors.Join(err1, err2); err != nil || all != 5 || now != 3 {
		t.Errorf("there are words of %d states, %d of them hold, %v; want 5 and 3", all, now, err)
	}
	if b, err := v.Select(ctx, graph.Selection{Page: graph.Page{All: true}}); err != nil || len(b.Rows) != 3 {
		t.Errorf("%v, %v; want three entities", b, err)
	}
}

func TestTwoProcessesBringAStorageForwardAtOnce(t *testing.T) {
	o, ctx := server(t), context.Background()
	s := openWith(t, t.TempDir(), o)
	set := graph.ChangeSet{}
	for n := range 1000 {
		set.Entities = append(set.Entities, graph.EntityChange{ID: graph.EntityID(fmt.Sprint("e", n)), Type: "Thing", Values: []graph.PathValue{{Path: "name", Value: schema.StringOf(fmt.Sprint("pump ", n))}}})
	}
	if _, err := s.Apply(ctx, set); err != nil {
		t.Fatal(err)
	}
	if err := s.FirstStorage(ctx); err != nil {
		t.Fatal(err)
	}
	o.Graph = s.name
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			forward, err := neo4j.Open(ctx, o)
			if err != nil {
				t.Error(err)
				return
			}
			defer forward.Close()
			if n, err := forward.Count(ctx, "Words"); err != nil || n != 1000 {
				t.Errorf("there are words of %d states, %v; want 1000", n, err)
			}
		})
	}
	both.Wait()
}
