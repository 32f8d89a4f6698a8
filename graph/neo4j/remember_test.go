package neo4j_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/neo4j"
	"mereon/schema"
	"mereon/schema/fault"
)

// twoStores opens one graph twice, as two processes would. Trace hears of the statements of the first.
func twoStores(t *testing.T, trace func(text string, parameters map[string]any)) (a *tested, b *neo4j.Store) {
	t.Helper()
	o := server(t)
	one := o
	if trace != nil {
		one.Trace(trace)
	}
	a = openWith(t, t.TempDir(), one)
	o.Graph = a.name
	b, err := neo4j.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return a, b
}

func setCount(id string, n int64, at *graph.Revision) graph.ChangeSet {
	return graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Update, ID: graph.EntityID(id), IfRevision: at, Values: []graph.PathValue{{Path: "n", Value: schema.IntOf(n)}}}}}
}

// counted returns the value of an entity and its revision.
func counted(t *testing.T, s graph.Store, id string) (int64, graph.Revision) {
	t.Helper()
	v, err := s.View(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	b, err := v.Lookup(context.Background(), []graph.EntityID{graph.EntityID(id)}, []schema.Path{"n", "revision"})
	if err != nil || b.Rows[0] == graph.NoRow {
		t.Fatalf("%s: %v", id, err)
	}
	return b.Cell(0, 0).Int(), graph.Revision(b.Cell(1, 0).Int())
}

func TestAnUpdateOfWhatTheWriterKnowsIsOneStatement(t *testing.T) {
	var mu sync.Mutex
	var heard []string
	ctx := context.Background()
	a, b := twoStores(t, func(text string, _ map[string]any) {
		mu.Lock()
		defer mu.Unlock()
		if !strings.Contains(text, "published") {
			heard = append(heard, text)
		}
	})
	write := func(s graph.Store, set graph.ChangeSet, want int) {
		t.Helper()
		mu.Lock()
		heard = nil
		mu.Unlock()
		if _, err := s.Apply(ctx, set); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if len(heard) != want {
			t.Errorf("%d statements, want %d:\n%s", len(heard), want, strings.Join(heard, "\n\n"))
		}
	}
	if _, err := a.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "a", Type: "Thing"}, {ID: "b", Type: "Thing"}}}); err != nil {
		t.Fatal(err)
	}
	write(a, setCount("a", 1, nil), 1)
	write(a, setCount("b", 2, nil), 1)
	write(b, setCount("a", 3, nil), 0) // heard of by the other only
	write(a, setCount("a", 4, nil), 3) // tried, then asked, then written
	write(a, setCount("a", 5, nil), 1)
	for id, want := range map[string]int64{"a": 5, "b": 2} {
		if n, _ := counted(t, b, id); n != want {
			t.Errorf("%s is %d, want %d", id, n, want)
		}
	}
}

// TestNoUpdateIsLostBetweenTwoWriters lets writers of two stores count entities up, each time from what they read.
func TestNoUpdateIsLostBetweenTwoWriters(t *testing.T) {
	ctx := context.Background()
	a, b := twoStores(t, nil)
	const shared, each = 3, 40
	set := graph.ChangeSet{}
	for n := range shared {
		set.Entities = append(set.Entities, graph.EntityChange{ID: graph.EntityID(fmt.Sprint("c", n)), Type: "Counter", Values: []graph.PathValue{{Path: "n", Value: schema.IntOf(0)}}})
	}
	if _, err := a.Apply(ctx, set); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	won := map[string]int64{}
	var running sync.WaitGroup
	for writer := range 8 {
		s := []graph.Store{a, b}[writer%2]
		running.Go(func() {
			for n := range each {
				id := fmt.Sprint("c", (writer+n)%shared)
				now, at := counted(t, s, id)
				_, err := s.Apply(ctx, setCount(id, now+1, &at))
				if err == nil {
					mu.Lock()
					won[id]++
					mu.Unlock()
				} else if fault.CodeOf(err) != fault.Conflict {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	for id, want := range won {
		for _, s := range []graph.Store{a, b} {
			if n, _ := counted(t, s, id); n != want {
				t.Errorf("%s is %d, and was counted up %d times", id, n, want)
			}
		}
	}
}

func TestWhatIsRememberedIsNotThatOfAGraphWithAnotherPast(t *testing.T) {
	o, ctx := server(t), context.Background()
	s := openWith(t, t.TempDir(), o)
	o.Graph = s.name
	create := func(by graph.Store, n int64) {
		t.Helper()
		set := graph.ChangeSet{Entities: []graph.EntityChange{{ID: "a", Type: "Thing", Values: []graph.PathValue{{Path: "n", Value: schema.IntOf(n)}, {Path: "of", Value: schema.IntOf(n)}}}}}
		if _, err := by.Apply(ctx, set); err != nil {
			t.Fatal(err)
		}
	}
	create(s, 1)
	if err := neo4j.Empty(ctx, o); err != nil {
		t.Fatal(err)
	}
	other, err := neo4j.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	create(other, 2) // the same revision of the same entity, with other values
	if _, err := s.Apply(ctx, setCount("a", 3, nil)); err != nil {
		t.Fatal(err)
	}
	v, err := other.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	b, err := v.Lookup(ctx, []graph.EntityID{"a"}, []schema.Path{"n", "of"})
	if err != nil || b.Cell(0, 0).Int() != 3 || b.Cell(1, 0).Int() != 2 {
		t.Errorf("the entity is %v of %v, %v; want 3 of 2", b.Cell(0, 0), b.Cell(1, 0), err)
	}
}

func TestNobodyIsRefusedByWhatIsRemembered(t *testing.T) {
	o, ctx := server(t), context.Background()
	way := standBetween(t, &o)
	o.URL, o.Retry = strings.Replace(o.URL, "neo4j://", "bolt://", 1), 100*time.Millisecond // the driver has a race where connections break
	s := openWith(t, t.TempDir(), o)
	if _, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "a", Type: "Thing"}}}); err != nil {
		t.Fatal(err)
	}
	way.cut()
	_, err := s.Apply(ctx, setCount("a", 1, new(graph.Revision))) // what is remembered has another revision
	wantFault(t, "Apply to a server that is away", err, fault.Unavailable)
}
