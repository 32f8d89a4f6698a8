package mirror_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/mirror"
	"mereon/schema/fault"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(30 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

func TestReadsGoOnWhileTheUpstreamIsLost(t *testing.T) {
	up, c := newRemote(memory.Options{}), &clock{at: time.Unix(1e9, 0)}
	pumps(t, up, 0, 10)
	s := reach(t, open(t, mirror.Options{Upstream: up, Now: c.now, Pulse: time.Millisecond, MaxLag: time.Minute}), mirror.Mirrored)
	defer s.Close()
	before := contents(t, s)
	up.setDown(true)
	if _, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "x", Type: "Pump"}}}); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("Apply = %v, want it unavailable", err)
	}
	eventually(t, "the loss is noticed", func() bool { return s.Status().Reason != "" })
	if after := contents(t, s); after != before {
		t.Errorf("reads changed:\n%s\n%s", before, after)
	}
	if err := s.Ready(); err != nil {
		t.Errorf("Ready at once = %v", err)
	}
	c.move(2 * time.Minute)
	if err := s.Ready(); fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "lags by 2m") {
		t.Errorf("Ready = %v, want it to name the lag", err)
	}
	pumps(t, up.Store, 10, 20)
	up.setDown(false)
	eventually(t, "the mirror is ready again", func() bool { return s.Ready() == nil && s.Status().Reason == "" })
	equal(t, s, up)
	if n := up.backups.Load(); n != 1 {
		t.Errorf("the graph was read %d times, want once", n)
	}
}

func TestAnOwnWriteThatDoesNotArriveIsToldAsCommitted(t *testing.T) {
	up := newRemote(memory.Options{})
	s := reach(t, open(t, mirror.Options{Upstream: up, Wait: 30 * time.Millisecond}), mirror.Mirrored)
	defer s.Close()
	release := up.hold()
	commit, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "x", Type: "Pump"}}})
	if fault.CodeOf(err) != fault.Timeout || commit.Revision != 1 || !strings.Contains(err.Error(), "was committed as revision 1") {
		t.Errorf("Apply = %+v, %v, want a timeout that says that it is committed", commit, err)
	}
	if err := s.Await(ctx, 1); fault.CodeOf(err) != fault.Timeout {
		t.Errorf("Await = %v, want a timeout", err)
	}
	release()
	eventually(t, "the write arrives", func() bool { return s.Status().Revision == 1 })
	equal(t, s, up)
}

func TestAWatchGoesOnFromARevisionOfAnotherReplica(t *testing.T) {
	up := newRemote(memory.Options{})
	one, other := open(t, mirror.Options{Upstream: up.Store, LogRevisions: 3}), open(t, mirror.Options{Upstream: up})
	defer one.Close()
	defer other.Close()
	reach(t, one, mirror.Mirrored)
	reach(t, other, mirror.Mirrored)
	release := up.hold()
	pumps(t, one, 0, 10)
	time.AfterFunc(10*time.Millisecond, func() {
		release()
		pumps(t, one, 10, 30)
	})
	at := graph.Revision(10)
	for change, err := range other.Watch(ctx, at) {
		if err != nil || change.Revision != at+1 {
			t.Fatalf("Watch: revision %d after %d, %v", change.Revision, at, err)
		}
		if at = change.Revision; at == 30 {
			break
		}
	}
	at = 0
	for change, err := range one.Watch(ctx, 0) { // which its own log no longer reaches
		if err != nil || change.Revision != at+1 {
			t.Fatalf("Watch: revision %d after %d, %v", change.Revision, at, err)
		}
		if at = change.Revision; at == 30 {
			break
		}
	}
}

func TestWhoeverIsRefusedReadsWhy(t *testing.T) {
	up := newRemote(memory.Options{})
	one, other := reach(t, open(t, mirror.Options{Upstream: up.Store}), mirror.Mirrored), reach(t, open(t, mirror.Options{Upstream: up}), mirror.Mirrored)
	defer one.Close()
	defer other.Close()
	time.AfterFunc(10*time.Millisecond, up.hold())
	pumps(t, one, 0, 1)
	at := graph.Revision(0)
	if _, err := other.Apply(ctx, graph.ChangeSet{IfStore: &at, Entities: []graph.EntityChange{{ID: "x", Type: "Pump"}}}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("Apply = %v, want a conflict", err)
	}
	if got := other.Status().Revision; got != 1 {
		t.Errorf("after the refusal the copy is at revision %d, want 1", got)
	}
}

func TestARestoreMakesTheCopyAnew(t *testing.T) {
	from := memory.New()
	pumps(t, from, 0, 20)
	var stream bytes.Buffer
	if _, err := from.Backup(ctx, &stream); err != nil {
		t.Fatal(err)
	}
	up := newRemote(memory.Options{})
	s := reach(t, open(t, mirror.Options{Upstream: up, Dir: t.TempDir()}), mirror.Mirrored)
	defer s.Close()
	if at, err := s.Restore(ctx, &stream); err != nil || at != 20 {
		t.Fatalf("Restore = %d, %v", at, err)
	}
	equal(t, s, up)
	pumps(t, s, 20, 25)
	equal(t, s, up)
}
