package embedded

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"mereon/graph"
	"mereon/schema/fault"
)

// brokenDisk puts a device in the place of the open database file, so that the kernel itself fails.
type brokenDisk struct {
	t    *testing.T
	file *os.File
	real int
}

func (b *brokenDisk) open(name string, flag int, perm os.FileMode) (*os.File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if flag&os.O_RDWR != 0 {
		b.file = f
	}
	return f, err
}

// becomes replaces the file by a device: /dev/full fails writes with ENOSPC, /dev/null takes writes but fails syncs.
func (b *brokenDisk) becomes(device string) {
	b.t.Helper()
	d, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		b.t.Skipf("no %s here: %v", device, err)
	}
	defer d.Close()
	if b.real, err = syscall.Dup(int(b.file.Fd())); err != nil {
		b.t.Fatal(err)
	}
	if err := syscall.Dup3(int(d.Fd()), int(b.file.Fd()), syscall.O_CLOEXEC); err != nil {
		b.t.Fatal(err)
	}
}

func (b *brokenDisk) mend() {
	b.t.Helper()
	if err := syscall.Dup3(b.real, int(b.file.Fd()), syscall.O_CLOEXEC); err != nil {
		b.t.Fatal(err)
	}
	syscall.Close(b.real)
}

func create1(id graph.EntityID) graph.ChangeSet {
	return graph.ChangeSet{Entities: []graph.EntityChange{{ID: id, Type: "Pump"}}}
}

func storeOn(t *testing.T, disk *brokenDisk, dir string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{Dir: dir, OpenFile: disk.open})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(context.Background(), create1("before")); err != nil {
		t.Fatal(err)
	}
	return s
}

// holds fails the test unless exactly these entities are readable.
func holds(t *testing.T, s *Store, ids ...graph.EntityID) {
	t.Helper()
	v, err := s.View(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	b, err := v.Select(context.Background(), graph.Selection{Page: graph.Page{All: true}, Columns: nil})
	if err != nil || len(b.Rows) != len(ids) {
		t.Fatalf("Select = %d rows, %v, want %d", len(b.Rows), err, len(ids))
	}
	b, _ = v.Lookup(context.Background(), ids, nil)
	for i, id := range ids {
		if b.Rows[i] == graph.NoRow {
			t.Errorf("%s is missing", id)
		}
	}
}

func TestFullDiskFailsTheWriteAndNothingElse(t *testing.T) {
	disk, dir := &brokenDisk{t: t}, t.TempDir()
	s := storeOn(t, disk, dir)
	disk.becomes("/dev/full")
	for n := range 3 {
		_, err := s.Apply(context.Background(), create1(graph.EntityID(fmt.Sprint("lost", n))))
		if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "full") {
			t.Errorf("Apply on a full disk = %v, want it unavailable", err)
		}
		holds(t, s, "before")
	}
	disk.mend()
	if _, err := s.Apply(context.Background(), create1("after")); err != nil {
		t.Errorf("Apply when there is room again = %v", err)
	}
	holds(t, s, "before", "after")
	s.Close()
	s = mustOpen(t, dir)
	defer s.Close()
	holds(t, s, "before", "after")
}

func TestFailingSyncStopsWritesUntilTheStoreIsOpenedAnew(t *testing.T) {
	disk, dir := &brokenDisk{t: t}, t.TempDir()
	s := storeOn(t, disk, dir)
	disk.becomes("/dev/null")
	_, err := s.Apply(context.Background(), create1("lost"))
	if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "start again") {
		t.Errorf("Apply with a failing sync = %v, want it unavailable with the way out", err)
	}
	holds(t, s, "before")
	disk.mend()
	if _, err := s.Apply(context.Background(), create1("later")); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("Apply after a failed sync = %v, want it refused", err)
	}
	holds(t, s, "before")
	s.Close()
	s = mustOpen(t, dir)
	defer s.Close()
	holds(t, s, "before")
	if _, err := s.Apply(context.Background(), create1("after")); err != nil {
		t.Error(err)
	}
}
