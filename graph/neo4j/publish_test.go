package neo4j_test

import (
	"context"
	"fmt"
	"testing"

	"mereon/graph"
	"mereon/schema"
)

func TestAViewSeesWhatAnotherProcessWasAcknowledged(t *testing.T) {
	ctx := context.Background()
	a, b := twoStores(t, nil)
	if _, err := a.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "a", Type: "Thing"}}}); err != nil {
		t.Fatal(err)
	}
	for n := range int64(50) {
		by, other := graph.Store(a), graph.Store(b)
		if n%2 == 1 {
			by, other = b, a
		}
		if _, err := by.Apply(ctx, setCount("a", n, nil)); err != nil {
			t.Fatal(err)
		}
		if got, _ := counted(t, other, "a"); got != n {
			t.Fatalf("%d was acknowledged, and another process sees %d", n, got)
		}
	}
}

func TestALateViewSeesWhatItsProcessWasAcknowledged(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir())
	if _, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "a", Type: "Thing"}}}); err != nil {
		t.Fatal(err)
	}
	for n := range int64(50) {
		commit, err := s.Apply(ctx, setCount("a", n, nil))
		if err != nil {
			t.Fatal(err)
		}
		v, err := graph.LateView(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		b, err := v.Lookup(ctx, []graph.EntityID{"a"}, []schema.Path{"n"})
		if err != nil || b.Cell(0, 0).Int() != n || v.Revision() < commit.Revision {
			t.Fatalf("%d was acknowledged as revision %d, and revision %d says %v, %v", n, commit.Revision, v.Revision(), b.Cell(0, 0), err)
		}
		v.Close()
	}
}

// TestWhatWasAcknowledgedAppearsAlthoughItsProcessDied has a revision that was written and not published by who wrote it.
func TestWhatWasAcknowledgedAppearsAlthoughItsProcessDied(t *testing.T) {
	ctx := context.Background()
	a, b := twoStores(t, nil)
	if _, err := a.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "a", Type: "Thing"}}}); err != nil {
		t.Fatal(err)
	}
	for n := range int64(3) {
		commit, err := a.Apply(ctx, setCount("a", n, nil))
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Unpublish(ctx, commit.Revision-1); err != nil {
			t.Fatal(err)
		}
		if n%2 == 0 { // who asks for all that was acknowledged publishes it
			if got, _ := counted(t, b, "a"); got != n {
				t.Fatalf("%d was acknowledged, and another process sees %d", n, got)
			}
			continue
		}
		eventually(t, "a process that only reads publishes it", func() error { // whoever reads what is published
			v, err := graph.LateView(ctx, b)
			if err != nil {
				return err
			}
			defer v.Close()
			if r, err := v.Lookup(ctx, []graph.EntityID{"a"}, []schema.Path{"n"}); err != nil || r.Cell(0, 0).Int() != n {
				return fmt.Errorf("%v, %v", r.Cell(0, 0), err)
			}
			return nil
		})
	}
}
