package graphtest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// testUniqueUnderWriters lets 8 writers race for the same values: each is given out once.
func testUniqueUnderWriters(t *testing.T, c Config) {
	s := c.Open(t, t.TempDir())
	defer s.Close()
	mustApply(t, s, smallPlant())
	const writers, values = 8, 25
	var won atomic.Int64
	var running sync.WaitGroup
	for w := range writers {
		running.Go(func() {
			for n := range values {
				id := graph.EntityID(fmt.Sprintf("w%d-%d", w, n))
				_, err := s.Apply(context.Background(), entities(entity(graph.Create, id, text("code", fmt.Sprint("X", n)))))
				switch fault.CodeOf(err) {
				case "":
					won.Add(1)
				case fault.Conflict:
				default:
					t.Errorf("Apply = %v, want success or a conflict", err)
				}
			}
		})
	}
	running.Wait()
	if won.Load() != values {
		t.Errorf("%d of %d values were given out", won.Load(), values)
	}
}

// testCounters lets writers count up one entity with ifRevision: no step is lost.
func testCounters(t *testing.T, c Config) {
	s := c.Open(t, t.TempDir())
	defer s.Close()
	mustApply(t, s, entities(entity(graph.Create, "counter", graph.PathValue{Path: "n", Value: schema.IntOf(0)})))
	const writers, steps = 6, 15
	var running sync.WaitGroup
	for range writers {
		running.Go(func() {
			for done := 0; done < steps; {
				b, err := mustView(t, s).Lookup(context.Background(), []graph.EntityID{"counter"}, []schema.Path{"n", "revision"})
				if err != nil {
					t.Error(err)
					return
				}
				at := graph.Revision(b.Cell(1, 0).Int())
				change := entity(graph.Update, "counter", graph.PathValue{Path: "n", Value: schema.IntOf(b.Cell(0, 0).Int() + 1)})
				change.IfRevision = &at
				if _, err := s.Apply(context.Background(), entities(change)); err == nil {
					done++
				} else if fault.CodeOf(err) != fault.Conflict {
					t.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
	b, _ := mustView(t, s).Lookup(context.Background(), []graph.EntityID{"counter"}, []schema.Path{"n"})
	if got := b.Cell(0, 0).Int(); got != writers*steps {
		t.Errorf("the counter is at %d, want %d", got, writers*steps)
	}
}

// testSnapshots moves a token around a ring while readers look: every view has exactly one token, and goes on having it.
func testSnapshots(t *testing.T, c Config) {
	ctx := context.Background()
	s := c.Open(t, t.TempDir())
	defer s.Close()
	const ring = 30
	var first graph.ChangeSet
	for n := range ring {
		first.Entities = append(first.Entities, entity(graph.Create, graph.EntityID(fmt.Sprint("r", n))))
	}
	first.Entities[0].Values = []graph.PathValue{{Path: "token", Value: schema.BoolOf(true)}}
	mustApply(t, s, first)
	stop, cancel := context.WithCancel(ctx)
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for stop.Err() == nil {
				v := mustView(t, s)
				for range 2 {
					b, err := v.Select(ctx, graph.Selection{Where: &schema.Condition{Op: schema.Eq, Path: "token", Value: schema.BoolOf(true)}, Count: true})
					if err != nil || b.Totals[0] != 1 {
						t.Errorf("a view at revision %d sees %v tokens, %v", v.Revision(), b.Totals, err)
						return
					}
				}
				v.Close()
			}
		})
	}
	for n := range 100 {
		from, to := graph.EntityID(fmt.Sprint("r", n%ring)), graph.EntityID(fmt.Sprint("r", (n+1)%ring))
		mustApply(t, s, entities(entity(graph.Update, from, graph.PathValue{Path: "token"}), entity(graph.Update, to, graph.PathValue{Path: "token", Value: schema.BoolOf(true)})))
		if b, _ := mustView(t, s).Lookup(ctx, []graph.EntityID{to}, []schema.Path{"token"}); !b.Cell(0, 0).Bool() {
			t.Fatal("a view does not see the commit that was acknowledged before it was opened")
		}
	}
	cancel()
	readers.Wait()
}

// testWatch lets watchers start anywhere while writers run: each sees every revision once, in order.
func testWatch(t *testing.T, c Config) {
	s := c.Open(t, t.TempDir())
	defer s.Close()
	const writers, each = 4, 40
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var running sync.WaitGroup
	for from := range graph.Revision(4) {
		running.Go(func() {
			at := from * 10
			for mustView(t, s).Revision() < at {
				time.Sleep(time.Millisecond)
			}
			for change, err := range s.Watch(ctx, at) {
				if err != nil || change.Revision != at+1 || len(change.Entities) != 1 {
					t.Errorf("Watch: revision %d with %d entities after %d, %v", change.Revision, len(change.Entities), at, err)
					return
				}
				if v := mustView(t, s); v.Revision() < change.Revision {
					t.Errorf("a change of revision %d came when views were at %d", change.Revision, v.Revision())
				}
				if at = change.Revision; at == writers*each {
					return
				}
			}
			t.Errorf("Watch ended at revision %d", at)
		})
	}
	for w := range writers {
		running.Go(func() {
			for n := range each {
				if _, err := s.Apply(ctx, entities(entity(graph.Create, graph.EntityID(fmt.Sprintf("w%d-%d", w, n))))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
}

// testWatchEnds sees that a watch ends with its context, says when it cannot go on, and ends with the store.
func testWatchEnds(t *testing.T, c Config) {
	s := c.Open(t, t.TempDir())
	defer s.Close()
	mustApply(t, s, entities(entity(graph.Create, "p1")))
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	for change, err := range s.Watch(ctx, 1) {
		t.Errorf("Watch gave %v, %v after its context ended", change, err)
	}
	for _, err := range s.Watch(context.Background(), 99) {
		if fault.CodeOf(err) != fault.Conflict {
			t.Errorf("Watch from a revision ahead = %v, want a conflict", err)
		}
	}
	var running sync.WaitGroup
	running.Go(func() {
		for _, err := range s.Watch(context.Background(), 1) {
			if fault.CodeOf(err) != fault.Unavailable {
				t.Errorf("Watch of a closed store = %v, want it unavailable", err)
			}
		}
	})
	time.Sleep(10 * time.Millisecond)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	running.Wait()
	if err := s.Close(); err != nil {
		t.Errorf("second Close = %v", err)
	}
	if _, err := s.View(context.Background()); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("View of a closed store = %v, want it unavailable", err)
	}
	if _, err := s.Apply(context.Background(), entities(entity(graph.Create, "p2"))); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("Apply to a closed store = %v, want it unavailable", err)
	}
}
