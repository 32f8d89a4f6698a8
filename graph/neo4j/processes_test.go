package neo4j_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/neo4j"
	"mereon/schema"
	"mereon/schema/fault"
)

// plantLayout has a unique value, a single relation and a hierarchy.
func plantLayout() *graph.Layout {
	return &graph.Layout{
		Relations: []schema.Relation{{Name: "feeds"}, {Name: "locatedIn", Single: true, Hierarchy: "place", ToParent: true}},
		Unique:    []graph.UniqueKey{{Scope: "Thing", Path: "code", Types: []schema.TypeName{"Thing"}}},
	}
}

func TestOthersWaitForWhoHoldsThemBack(t *testing.T) {
	o, ctx := server(t), context.Background()
	a := openWith(t, t.TempDir(), o)
	o.Graph = a.name
	b, err := neo4j.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	create := func(s graph.Store, id string) graph.Revision {
		commit, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: graph.EntityID(id), Type: "Thing"}}})
		if err != nil {
			t.Error(err)
		}
		return commit.Revision
	}
	for _, end := range []string{"release", "outlive"} {
		release, err := a.Hold(ctx)
		if err != nil {
			t.Fatal(err)
		}
		asked, later := b.Statements(), make(chan graph.Revision)
		go func() { later <- create(b, "b"+end) }()
		eventually(t, "the other tries", func() error {
			if n := b.Statements() - asked; n < 3 {
				return fmt.Errorf("%d statements", n)
			}
			return nil
		})
		create(a, "a1"+end)
		last := create(a, "a2"+end)
		if end == "release" {
			release()
		} else if err := a.Outlive(ctx); err != nil {
			t.Fatal(err)
		}
		if at := <-later; at <= last {
			t.Errorf("%s: the other wrote revision %d, before %d", end, at, last)
		}
	}
}

func TestViewsSeeWhatWasWhenItIsCleanedAway(t *testing.T) {
	o, ctx := server(t), context.Background()
	s := openWith(t, t.TempDir(), o)
	set := graph.ChangeSet{Layout: plantLayout(), Entities: []graph.EntityChange{{ID: "a", Type: "Thing"}, {ID: "b", Type: "Thing"}},
		Relationships: []graph.RelationshipChange{{From: "a", Relation: "feeds", To: "b"}}}
	if _, err := s.Apply(ctx, set); err != nil {
		t.Fatal(err)
	}
	for n := range 10 {
		change := graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Update, ID: "a", Values: []graph.PathValue{{Path: "code", Value: schema.IntOf(int64(n))}}}}}
		if _, err := s.Apply(ctx, change); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Apply(ctx, graph.ChangeSet{Relationships: []graph.RelationshipChange{{Op: graph.Unrelate, From: "a", Relation: "feeds", To: "b"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Delete, ID: "b"}}}); err != nil {
		t.Fatal(err)
	}
	if n, _ := s.Count(ctx, "State"); n < 12 {
		t.Fatalf("%d states are kept for views, want at least 12", n)
	}
	if err := s.CleanNow(ctx); err != nil {
		t.Fatal(err)
	}
	for label, want := range map[string]int64{"State": 1, "Entity": 1, "Key": 1, "Unique": 1, "Layout": 1} {
		if n, err := s.Count(ctx, label); n != want || err != nil {
			t.Errorf("%d nodes %s are left, %v; want %d", n, label, err, want)
		}
	}
	if n := count(t, s); n != 1 {
		t.Errorf("%d entities are to be seen, want 1", n)
	}
}

func TestChangesThatAreTooOldArePruned(t *testing.T) {
	o, ctx := server(t), context.Background()
	var late atomic.Int64 // nanoseconds
	o.LogAge, o.Now = time.Hour, func() time.Time { return time.Unix(1e9, late.Load()) }
	s := openWith(t, t.TempDir(), o)
	write := func(n int, at time.Time) {
		t.Helper()
		if _, err := s.Apply(ctx, graph.ChangeSet{At: at, Entities: []graph.EntityChange{{ID: graph.EntityID(fmt.Sprint("e", n)), Type: "Thing"}}}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 5 {
		write(n, time.Time{})
	}
	late.Store(int64(50 * time.Minute))
	write(5, time.Time{})
	write(6, time.Unix(1, 0)) // said to be older than what is before it
	late.Store(int64(90 * time.Minute))
	if err := s.CleanNow(ctx); err != nil {
		t.Fatal(err)
	}
	for _, err := range s.Watch(ctx, 4) {
		if fault.CodeOf(err) != fault.Conflict {
			t.Errorf("Watch(4) = %v, want a conflict", err)
		}
	}
	at := graph.Revision(5)
	for c, err := range s.Watch(ctx, at) {
		if err != nil || c.Revision != at+1 {
			t.Fatalf("Watch = revision %d after %d, %v", c.Revision, at, err)
		}
		if at = c.Revision; at == 7 {
			break
		}
	}
	if n, _ := s.Count(ctx, "Log"); n != 2 {
		t.Errorf("%d changes are kept, want the two that are younger than an hour or follow one that is", n)
	}
}

func TestTheLogIsPrunedAndWatchersAreToldSo(t *testing.T) {
	o, ctx := server(t), context.Background()
	o.LogRevisions = 8
	s := openWith(t, t.TempDir(), o)
	for n := range 30 {
		if _, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: graph.EntityID(fmt.Sprint("e", n)), Type: "Thing"}}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range s.Watch(ctx, 3) {
		if fault.CodeOf(err) != fault.Conflict {
			t.Errorf("Watch(3) = %v, want a conflict", err)
		}
	}
	at := graph.Revision(22)
	for c, err := range s.Watch(ctx, at) {
		if err != nil || c.Revision != at+1 {
			t.Fatalf("Watch = revision %d after %d, %v", c.Revision, at, err)
		}
		if at = c.Revision; at == 30 {
			break
		}
	}
	if n, _ := s.Count(ctx, "Log"); n > 10 {
		t.Errorf("%d changes are kept, want 8 to 10", n)
	}
}
