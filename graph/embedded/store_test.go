package embedded_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/embedded"
	"mereon/schema/fault"
)

func pump(id string) graph.ChangeSet {
	return graph.ChangeSet{Entities: []graph.EntityChange{{ID: graph.EntityID(id), Type: "Pump"}}}
}

func TestChangeLogIsPruned(t *testing.T) {
	ctx := context.Background()
	now := time.Unix(1e9, 0)
	for _, c := range []struct {
		name    string
		options embedded.Options
		kept    int
	}{
		{"by number", embedded.Options{LogRevisions: 20}, 20},
		{"by age", embedded.Options{LogAge: 10 * time.Second}, 10},
	} {
		c.options.Dir = t.TempDir()
		c.options.Now = func() time.Time { return now }
		s, err := embedded.Open(ctx, c.options)
		if err != nil {
			t.Fatal(err)
		}
		const changes = 60
		for n := range changes {
			now = now.Add(time.Second)
			if _, err := s.Apply(ctx, pump(fmt.Sprint("p", n))); err != nil {
				t.Fatal(err)
			}
		}
		oldest := graph.Revision(-1)
		for from := graph.Revision(0); from < changes && oldest < 0; from++ {
			for change, err := range s.Watch(ctx, from) {
				if err == nil && change.Revision == from+1 {
					oldest = from
				} else if fault.CodeOf(err) != fault.Conflict {
					t.Errorf("%s: Watch(%d) = %v, want a change or a conflict", c.name, from, err)
				}
				break
			}
		}
		if kept := changes - int(oldest); kept < c.kept || kept > c.kept+2 {
			t.Errorf("%s: %d changes are kept, want about %d", c.name, kept, c.kept)
		}
		s.Close()
	}
}

func TestWaitingWritersShareACommitAndFailAlone(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s := open(t, dir)
	if _, err := s.Apply(ctx, pump("taken")); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for n := range 60 {
		writers.Go(func() {
			set, want := pump(fmt.Sprint("p", n)), fault.Code("")
			switch n % 3 {
			case 1:
				set, want = pump("taken"), fault.Conflict
			case 2:
				set.Entities[0].Op, want = graph.Update, fault.NotFound
			}
			if _, err := s.Apply(ctx, set); fault.CodeOf(err) != want {
				t.Errorf("Apply %d = %v, want %q", n, err, want)
			}
		})
	}
	writers.Wait()
	s.Close()
	s = open(t, dir)
	defer s.Close()
	v, err := s.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if counts, _ := v.Counts(ctx); counts["Pump"] != 21 || v.Revision() != 21 {
		t.Errorf("%v at revision %d, want 21 pumps at 21", counts, v.Revision())
	}
}

func TestIdempotencyKeyOutlivesARestart(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	set := pump("p1")
	set.IdempotencyKey = "once"
	var first graph.Commit
	for round := range 3 {
		s := open(t, dir)
		commit, err := s.Apply(ctx, set)
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			first = commit
		}
		if commit.Revision != first.Revision || len(commit.Created) != 1 {
			t.Errorf("round %d: commit = %+v, want %+v", round, commit, first)
		}
		s.Close()
	}
}

func TestFolderIsMadeAndOwnerIsNamedWhileOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	s := open(t, dir)
	owner, err := os.ReadFile(filepath.Join(dir, "owner"))
	if err != nil || string(owner) != fmt.Sprintln(os.Getpid()) {
		t.Errorf("owner = %q, %v", owner, err)
	}
	s.Close()
	if _, err := os.Stat(filepath.Join(dir, "owner")); !os.IsNotExist(err) {
		t.Errorf("owner is still named after Close: %v", err)
	}
	if _, err := embedded.Open(context.Background(), embedded.Options{}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("Open without a folder = %v, want it invalid", err)
	}
}
