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

// What the store says in one transaction of a load, one after the other; the last as Bolt says it.
const (
	saysBegin  = "\xb1\x11"
	saysLock   = "coalesce(m.done, 0)"
	saysNote   = "m.done = $done"
	saysCommit = "\x00\x02\xb0\x12\x00\x00"
)

// TestALoadThatIsGivenUpBreaksNoConnection gives a load up again and again beside views and writers of the same store, each
// time while the server has not answered, at every place of a transaction. The driver races in its routing table when a
// connection breaks, which the race detector sees.
func TestALoadThatIsGivenUpBreaksNoConnection(t *testing.T) {
	o, ctx := server(t), context.Background()
	o.MaxChanges = 100
	o.Loading(100, time.Hour)
	s, b, begun := openBetween(t, o)
	set, committed := world(300), 0
	var end func()
	for round, at := range []struct {
		marks   []string
		commits int
	}{
		{[]string{saysNote, saysCommit, saysBegin}, 1}, {[]string{saysBegin}, 0}, {[]string{"coalesce(m.loadAt, 0)"}, 0}, {[]string{saysLock}, 0},
		{[]string{"SET s = x }\nCALL { UNWIND $keys"}, 0}, {[]string{saysNote}, 0}, {[]string{saysNote, saysCommit}, 1},
		{[]string{saysNote, saysCommit, saysBegin, saysLock}, 1}, {[]string{saysNote, saysCommit, saysBegin, saysNote, saysCommit}, 2}, {[]string{saysLock}, 0},
		{[]string{"UNWIND $rows AS x MATCH"}, 0}, {[]string{saysNote, saysCommit}, 1}, {[]string{saysNote}, 0}, {[]string{saysNote, saysCommit}, 1},
	} {
		load, giveUp := context.WithTimeout(ctx, time.Hour)
		b.withhold(giveUp, at.marks...)
		_, err := s.Apply(load, set)
		if wantFault(t, fmt.Sprintf("Apply that is given up in round %d", round), err, fault.Timeout); strings.Contains(fmt.Sprint(err), "did not answer") {
			t.Errorf("round %d: Apply waited for an answer that was withheld", round)
		}
		if !b.release() {
			t.Fatalf("round %d: the store never said %q", round, at.marks)
		}
		if committed += at.commits; end == nil {
			end = beside(t, s)
		}
		giveUp()
	}
	begun.forget()
	commit, err := s.Apply(ctx, set)
	if err != nil || commit.Revision != 1 || len(commit.Created) != 300 {
		t.Fatalf("the same load again = revision %d with %d entities, %v", commit.Revision, len(commit.Created), err)
	}
	if first := begun.first(); first != committed+1 {
		t.Errorf("the load went on with batch %d after %d that were committed", first, committed)
	}
	end()
	if n := count(t, s) - countOf(t, s, "Beside"); n != 300 {
		t.Errorf("%d entities are to be seen, want 300", n)
	}
	if opened, ended := b.connections(); ended > 0 {
		t.Errorf("%d connections of %d broke", ended, opened)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	b.left(t)
}

// openBetween opens a graph that is new, all of whose connections are counted.
func openBetween(t *testing.T, o neo4j.Options) (*tested, *between, *doneOf) {
	t.Helper()
	dir, begun := t.TempDir(), &doneOf{}
	openWith(t, dir, o).Close() // emptied by connections that do not count
	b := standBetween(t, &o)
	o.Trace(begun.hear)
	return openWith(t, dir, o), b, begun
}

// TestAStoreClosesWhileTheServerHangsInATransaction sees that what was given up and never ends is cut off when the store
// closes, and holds no lock after that.
func TestAStoreClosesWhileTheServerHangsInATransaction(t *testing.T) {
	t.Parallel()
	o, ctx := server(t), context.Background()
	o.MaxChanges = 100
	o.Loading(100, time.Millisecond)
	s, b, _ := openBetween(t, o)
	load, giveUp := context.WithCancel(ctx)
	defer giveUp()
	b.withhold(giveUp, saysLock)
	_, err := s.Apply(load, world(300))
	wantFault(t, "Apply that is given up", err, fault.Timeout)
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	b.left(t)
	if !b.release() {
		t.Errorf("the store never said %q", saysLock)
	}
	if _, err := openWith(t, s.graph.dir, o).Apply(ctx, pair("after")); err != nil {
		t.Errorf("Apply after that: %v", err)
	}
}

// left sees that the store has ended all its connections.
func (b *between) left(t *testing.T) {
	t.Helper()
	eventually(t, "all connections are ended", func() error {
		if opened, ended := b.connections(); ended < opened {
			return fmt.Errorf("%d of %d are", ended, opened)
		}
		return nil
	})
}

// doneOf hears which batches a load writes.
type doneOf struct {
	sync.Mutex
	batch int
}

func (d *doneOf) hear(text string, parameters map[string]any) {
	d.Lock()
	defer d.Unlock()
	if n, ok := parameters["done"].(int); ok && d.batch == 0 && strings.Contains(text, saysNote) {
		d.batch = n
	}
}

func (d *doneOf) forget() { d.Lock(); d.batch = 0; d.Unlock() }

func (d *doneOf) first() int { d.Lock(); defer d.Unlock(); return d.batch }

// beside lets others use the store, who are refused while it is loaded, until end.
func beside(t *testing.T, s graph.Store) (end func()) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for w := range 2 {
		running.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				_, err := s.Apply(context.Background(), graph.ChangeSet{Entities: []graph.EntityChange{{ID: graph.EntityID(fmt.Sprintf("beside-%d-%d", w, n)), Type: "Beside"}}})
				if err != nil && fault.CodeOf(err) != fault.Unavailable {
					t.Errorf("Apply beside a load: %v", err)
				}
			}
		})
		running.Go(func() {
			for ctx.Err() == nil {
				countOf(t, s, "Beside")
			}
		})
	}
	end = func() {
		stop()
		running.Wait()
	}
	t.Cleanup(end)
	return end
}

func countOf(t *testing.T, s graph.Store, typ schema.TypeName) int {
	v, err := s.View(context.Background())
	if err != nil {
		t.Errorf("View: %v", err)
		return 0
	}
	defer v.Close()
	b, err := v.Select(context.Background(), graph.Selection{Types: []schema.TypeName{typ}, Count: true})
	if err != nil {
		t.Errorf("Select: %v", err)
		return 0
	}
	return b.Totals[0]
}
