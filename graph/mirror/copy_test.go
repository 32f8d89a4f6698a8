package mirror_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mereon/graph"
	"mereon/graph/graphtest"
	"mereon/graph/memory"
	"mereon/graph/mirror"
	"mereon/schema"
	"mereon/schema/fault"
)

var ctx = context.Background()

// pumps applies as many commits, each of one pump and with a number that counts on.
func pumps(t testing.TB, s graph.Store, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		_, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: graph.EntityID(fmt.Sprint("p", n)), Type: "Pump",
			Values: []graph.PathValue{{Path: "n", Value: schema.IntOf(int64(n))}}}}})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// contents is everything a view shows, but for times of commits that other tests made.
func contents(t testing.TB, s graph.Store) string {
	t.Helper()
	v, err := s.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	b, err := v.Select(ctx, graph.Selection{Page: graph.Page{All: true}, Columns: []schema.Path{"id", "revision", "createdAt", "updatedAt", "origin", "n", "name", "serial", "number"}})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	fmt.Fprintln(&text, "revision", v.Revision())
	for i, row := range b.Rows {
		for c := range 9 {
			fmt.Fprint(&text, b.Cell(c, i).Text(), "/", b.Cell(c, i).Int(), "/", b.Cell(c, i).Float(), " ")
		}
		all, err := v.Relationships(ctx, row, "", graph.Out)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			fmt.Fprint(&text, r.Relation, ">", r.OtherID, r.Props, " ")
		}
		fmt.Fprintln(&text)
	}
	return text.String()
}

func equal(t testing.TB, s *mirror.Store, up graph.Store) {
	t.Helper()
	v, err := up.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if err := s.Await(ctx, v.Revision()); err != nil {
		t.Fatal(err)
	}
	if got, want := contents(t, s), contents(t, up); got != want {
		t.Errorf("the mirror holds\n%.600s\nand the upstream\n%.600s", got, want)
	}
}

func TestRestartWithACopyOnDiskReadsOnlyWhatItMissed(t *testing.T) {
	up, dir := newRemote(memory.Options{}), t.TempDir()
	if _, err := up.Apply(ctx, graphtest.World{Entities: 500, Seed: 1}.All()); err != nil {
		t.Fatal(err)
	}
	s := reach(t, open(t, mirror.Options{Upstream: up, Dir: dir}), mirror.Mirrored)
	pumps(t, s, 0, 50)
	s.Close()
	pumps(t, up, 50, 90)
	s = reach(t, open(t, mirror.Options{Upstream: up, Dir: dir}), mirror.Mirrored)
	defer s.Close()
	equal(t, s, up)
	if n := up.backups.Load(); n != 1 {
		t.Errorf("the graph was read %d times, want once", n)
	}
}

func TestACopyOfAnotherPastIsThrownAway(t *testing.T) {
	for name, other := range map[string]func() *remote{
		"shorter": func() *remote { up := newRemote(memory.Options{}); pumps(t, up, 100, 103); return up },
		"longer":  func() *remote { up := newRemote(memory.Options{}); pumps(t, up, 100, 130); return up },
		"pruned":  func() *remote { up := newRemote(memory.Options{LogRevisions: 4}); pumps(t, up, 0, 60); return up },
	} {
		t.Run(name, func(t *testing.T) {
			first, dir := newRemote(memory.Options{}), t.TempDir()
			pumps(t, first, 0, 10)
			reach(t, open(t, mirror.Options{Upstream: first, Dir: dir}), mirror.Mirrored).Close()
			up := other()
			s := open(t, mirror.Options{Upstream: up, Dir: dir})
			equal(t, reach(t, s, mirror.Mirrored), up)
			if n := up.backups.Load(); n != 1 {
				t.Errorf("the graph was read %d times, want once", n)
			}
			pumps(t, s, 200, 210)
			s.Close()
			s = reach(t, open(t, mirror.Options{Upstream: up, Dir: dir}), mirror.Mirrored)
			defer s.Close()
			equal(t, s, up)
			if n := up.backups.Load(); n != 1 {
				t.Errorf("after a restart the graph was read %d times, want once", n)
			}
		})
	}
}

func TestADamagedCopyOnDiskIsThrownAway(t *testing.T) {
	up, dir := newRemote(memory.Options{}), t.TempDir()
	pumps(t, up, 0, 30)
	reach(t, open(t, mirror.Options{Upstream: up, Dir: dir}), mirror.Mirrored).Close()
	file := filepath.Join(dir, "graph.db")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("p17"))
	data[at+1] ^= 4
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s := reach(t, open(t, mirror.Options{Upstream: up, Dir: dir}), mirror.Mirrored)
	defer s.Close()
	equal(t, s, up)
	if _, err := mirror.Open(ctx, mirror.Options{Upstream: up, Dir: dir}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a second mirror on the folder: %v, want a conflict", err)
	}
}

func TestAGraphThatDoesNotFitIsReadFromTheUpstream(t *testing.T) {
	up := newRemote(memory.Options{})
	pumps(t, up, 0, 10)
	s := open(t, mirror.Options{Upstream: up, Dir: t.TempDir(), Memory: 40_000})
	defer s.Close()
	reach(t, s, mirror.Mirrored)
	if _, err := s.Apply(ctx, graphtest.World{Entities: 3000, Seed: 1}.All()); err != nil {
		t.Fatal(err)
	}
	reach(t, s, mirror.Direct)
	equal(t, s, up)
	pumps(t, s, 20, 30)
	equal(t, s, up)
	if v, err := graph.LateView(ctx, s); err != nil || up.late.Load() != 1 {
		t.Errorf("a late view: %v, and %d were opened late", err, up.late.Load())
	} else {
		v.Close()
	}
	if status := s.Status(); !strings.Contains(status.Reason, "store.mirror.memory") || s.Ready() != nil {
		t.Errorf("Status = %+v, Ready = %v", status, s.Ready())
	}
	other := open(t, mirror.Options{Upstream: up, Memory: 40_000})
	defer other.Close()
	reach(t, other, mirror.Direct)
	equal(t, other, up)
}
