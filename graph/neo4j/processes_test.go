package neo4j_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
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

// TestMain of a child process ends up here: MEREON_TEST_WRITER names the graph and a seed.
func TestChildWrites(t *testing.T) {
	name, seed, ok := strings.Cut(os.Getenv("MEREON_TEST_WRITER"), ",")
	if !ok {
		t.Skip("a part of TestRulesHoldUnderTwoProcesses")
	}
	o := server(t)
	o.Graph = name
	n, _ := strconv.ParseUint(seed, 10, 64)
	writeAgainst(t, o, n)
}

// writeAgainst lets four writers make conflicts: the same codes, second parents, cycles and counters that count up.
func writeAgainst(t *testing.T, o neo4j.Options, seed uint64) {
	t.Helper()
	s, err := neo4j.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var running sync.WaitGroup
	for w := range uint64(4) {
		running.Go(func() {
			r := rand.New(rand.NewPCG(seed, w))
			for n := range 15 {
				if err := conflictingChange(s, r, fmt.Sprintf("w%d-%d-%d", seed, w, n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
}

func conflictingChange(s graph.Store, r *rand.Rand, id string) error {
	ctx := context.Background()
	place := func(n int) graph.EntityID { return graph.EntityID(fmt.Sprint("place", n)) }
	var set graph.ChangeSet
	switch r.IntN(3) {
	case 0:
		set.Entities = []graph.EntityChange{{ID: graph.EntityID(id), Type: "Thing", Values: []graph.PathValue{{Path: "code", Value: schema.StringOf(fmt.Sprint("C", r.IntN(20)))}}}}
	case 1:
		set.Relationships = []graph.RelationshipChange{{Op: graph.RelationOp(r.IntN(2)), From: place(r.IntN(6)), Relation: "locatedIn", To: place(r.IntN(6))}}
	default:
		return countUp(ctx, s)
	}
	if _, err := s.Apply(ctx, set); err != nil && fault.CodeOf(err) != fault.Conflict {
		return err
	}
	return nil
}

// countUp reads the counter and writes one more, if nobody did meanwhile; every success adds a mark.
func countUp(ctx context.Context, s graph.Store) error {
	v, err := s.View(ctx)
	if err != nil {
		return err
	}
	defer v.Close()
	b, err := v.Lookup(ctx, []graph.EntityID{"counter"}, []schema.Path{"n", "revision"})
	if err != nil {
		return err
	}
	n, at := b.Cell(0, 0).Int(), graph.Revision(b.Cell(1, 0).Int())
	set := graph.ChangeSet{Entities: []graph.EntityChange{
		{Op: graph.Update, ID: "counter", IfRevision: &at, Values: []graph.PathValue{{Path: "n", Value: schema.IntOf(n + 1)}}},
		{ID: graph.EntityID(fmt.Sprint("mark", n)), Type: "Mark"},
	}}
	if _, err := s.Apply(ctx, set); err != nil && fault.CodeOf(err) != fault.Conflict {
		return err
	}
	return nil
}

func TestRulesHoldUnderTwoProcesses(t *testing.T) {
	o, ctx := server(t), context.Background()
	s := openWith(t, t.TempDir(), o)
	o.Graph = s.name
	set := graph.ChangeSet{Layout: plantLayout(), Entities: []graph.EntityChange{{ID: "counter", Type: "Counter", Values: []graph.PathValue{{Path: "n", Value: schema.IntOf(0)}}}}}
	for n := range 6 {
		set.Entities = append(set.Entities, graph.EntityChange{ID: graph.EntityID(fmt.Sprint("place", n)), Type: "Place"})
	}
	if _, err := s.Apply(ctx, set); err != nil {
		t.Fatal(err)
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	seen := make(chan graph.Revision, 1)
	go func() {
		at := graph.Revision(1)
		for c, err := range s.Watch(watching, 1) {
			if err != nil || c.Revision != at+1 {
				t.Errorf("Watch: revision %d after %d, %v", c.Revision, at, err)
				break
			}
			if at = c.Revision; c.By == "last" {
				break
			}
		}
		seen <- at
	}()
	child := exec.Command(os.Args[0], "-test.run=^TestChildWrites$", "-test.count=1")
	child.Env = append(os.Environ(), "MEREON_TEST_WRITER="+s.name+",2")
	var out strings.Builder
	child.Stdout, child.Stderr = &out, &out
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	writeAgainst(t, o, 1)
	if err := child.Wait(); err != nil {
		t.Fatalf("the other process: %v\n%s", err, out.String())
	}
	last, err := s.Apply(ctx, graph.ChangeSet{By: "last", Entities: []graph.EntityChange{{ID: "last", Type: "Mark"}}})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case at := <-seen:
		if at != last.Revision {
			t.Errorf("the watch ended at revision %d, the last is %d", at, last.Revision)
		}
	case <-time.After(30 * time.Second):
		t.Error("the watch has not seen the last change within 30 s")
	}
	checkPlant(t, s)
}

// checkPlant sees that codes are unique, every place has one parent and none is above itself, and no count was lost. A
// store in memory that the backup fits into has tested all of that.
func checkPlant(t *testing.T, s graph.Store) {
	t.Helper()
	move(t, backup(t, s), openEmbedded(t))
	ctx := context.Background()
	v, err := s.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	b, err := v.Lookup(ctx, []graph.EntityID{"counter"}, []schema.Path{"n"})
	if err != nil {
		t.Fatal(err)
	}
	marks, err := v.Select(ctx, graph.Selection{Types: []schema.TypeName{"Mark"}, Count: true})
	if err != nil {
		t.Fatal(err)
	}
	if n := int(b.Cell(0, 0).Int()); n != marks.Totals[0]-1 || n == 0 {
		t.Errorf("the counter is at %d after %d steps", n, marks.Totals[0]-1)
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
