package mirror_test

import (
	"strings"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/mirror"
	"mereon/schema/fault"
)

// left leaves a copy of ten pumps on disk, synced at the clock's time.
func left(t *testing.T, c *clock) (up *remote, dir string) {
	t.Helper()
	up, dir = newRemote(memory.Options{}), t.TempDir()
	s := reach(t, open(t, mirror.Options{Upstream: up, Dir: dir, Source: "plant", Now: c.now, Pulse: time.Millisecond}), mirror.Mirrored)
	pumps(t, s, 0, 10)
	s.Close()
	return up, dir
}

func TestAStartWithoutTheUpstreamShowsTheCopyAsItWas(t *testing.T) {
	c := &clock{at: time.Unix(1e9, 0)}
	up, dir := left(t, c)
	before := contents(t, up.Store)
	pumps(t, up.Store, 10, 20)
	up.setDown(true)
	c.move(10 * time.Minute)
	s := open(t, mirror.Options{Upstream: up, Dir: dir, Source: "plant", Offline: true, Now: c.now, Pulse: time.Millisecond})
	defer s.Close()
	if got := contents(t, s); got != before {
		t.Errorf("it shows\n%s\nwant\n%s", got, before)
	}
	if lag := s.Status().Lag; lag < 10*time.Minute || lag > 11*time.Minute {
		t.Errorf("the lag is %s, want ten minutes", lag)
	}
	if err := s.Ready(); fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "lags by 10m") {
		t.Errorf("Ready = %v, want it to name the lag", err)
	}
	if _, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "x", Type: "Pump"}}}); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("Apply = %v, want it unavailable", err)
	}
	up.setDown(false)
	eventually(t, "the mirror is ready", func() bool { return s.Ready() == nil && s.Status().Reason == "" })
	equal(t, s, up)
	pumps(t, s, 20, 25)
	equal(t, s, up)
	if n := up.backups.Load(); n != 1 {
		t.Errorf("the graph was read %d times, want once", n)
	}
}

func TestACopyThatTurnsOutToBeOfAnotherPastIsMadeAnew(t *testing.T) {
	c := &clock{at: time.Unix(1e9, 0)}
	_, dir := left(t, c)
	other := newRemote(memory.Options{})
	pumps(t, other, 100, 130)
	other.setDown(true)
	c.move(time.Hour)
	s := open(t, mirror.Options{Upstream: other, Dir: dir, Source: "plant", Offline: true, Now: c.now, Pulse: time.Millisecond})
	defer s.Close()
	if s.Ready() == nil {
		t.Error("it is ready before anything is proven")
	}
	other.setDown(false)
	eventually(t, "the copy is made anew", func() bool {
		return other.backups.Load() == 1 && s.Ready() == nil && s.Status().State == mirror.Mirrored
	})
	equal(t, s, other)
}

func TestOfflineWithoutACopyOfThisGraphIsRefused(t *testing.T) {
	c := &clock{at: time.Unix(1e9, 0)}
	up, dir := left(t, c)
	up.setDown(true)
	for what, o := range map[string]mirror.Options{
		"another graph": {Upstream: up, Dir: dir, Source: "office", Offline: true},
		"no copy":       {Upstream: up, Dir: t.TempDir(), Source: "plant", Offline: true},
		"no folder":     {Upstream: up, Source: "plant", Offline: true},
		"no memory":     {Upstream: up, Dir: dir, Source: "plant", Memory: 10, Offline: true},
	} {
		if _, err := mirror.Open(ctx, o); fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("%s: Open = %v, want it unavailable", what, err)
		}
	}
	s := reach(t, open(t, mirror.Options{Upstream: up, Dir: dir, Source: "plant", Now: c.now}), mirror.Mirrored)
	defer s.Close()
	if status := s.Status(); status.Reason == "" || status.Revision != 10 {
		t.Errorf("one that was lost right after its start shows the copy, too: %+v", status)
	}
}
