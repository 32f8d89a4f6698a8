package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"mereon/graph"
	"mereon/graph/graphtest"
	"mereon/schema/fault"
)

func mustOpen(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{Dir: dir, Now: func() time.Time { return time.Unix(1e9, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// filled returns the bytes of a store's file with a small world and some history, and its backup.
func filled(t *testing.T) (file, backup []byte) {
	t.Helper()
	dir := t.TempDir()
	s := mustOpen(t, dir)
	world := graphtest.World{Entities: 800, Seed: 1}
	sets := []graph.ChangeSet{world.All(), {Artifacts: []graph.ArtifactChange{{Kind: graph.ArtifactScene, Name: "hall", Data: []byte("{}")}}}}
	for n := range 40 {
		e := world.Entity(n)
		e.Op = graph.Update
		e.Values = e.Values[:2]
		sets = append(sets, graph.ChangeSet{Entities: []graph.EntityChange{e}, IdempotencyKey: fmt.Sprint("k", n)},
			graph.ChangeSet{Entities: []graph.EntityChange{{Op: graph.Delete, ID: world.ID(700 + n), Children: graph.DetachChildren}}})
	}
	for _, set := range sets {
		if _, err := s.Apply(context.Background(), set); err != nil {
			t.Fatal(err)
		}
	}
	backup = backupOf(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	w := pageWalk{size: int64(len(file))}
	if w.f, err = os.Open(filepath.Join(dir, fileName)); err != nil {
		t.Fatal(err)
	}
	defer w.f.Close()
	if err := w.metas(); err != nil {
		t.Fatal(err)
	}
	return file[:int64(w.pages)*w.pageSize], backup // without the room that bbolt reserves behind
}

func backupOf(t *testing.T, s *Store) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := s.Backup(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// openDamaged writes a file and opens it; it fails the test when the file is refused and yet changed.
func openDamaged(t *testing.T, file []byte) (*Store, error) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, fileName)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(context.Background(), Options{Dir: dir, Now: func() time.Time { return time.Unix(1e9, 0) }})
	if err != nil {
		if now, _ := os.ReadFile(path); !bytes.Equal(now, file) {
			t.Errorf("the refused file was changed")
		}
		os.RemoveAll(dir)
	}
	return s, err
}

func wantRefused(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	if fault.CodeOf(err) != fault.Invalid {
		t.Errorf("%s: %v (%s), want it refused", what, err, fault.CodeOf(err))
		return
	}
	for _, p := range append(parts, "left as it is") {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("%s: message %q does not say %q", what, err, p)
		}
	}
}

func TestTruncatedFileIsRefused(t *testing.T) {
	file, _ := filled(t)
	for _, n := range []int{1, 100, 4096, 8191, 8192, 16384, len(file) / 2, len(file) - 4096, len(file) - 1} {
		_, err := openDamaged(t, file[:n])
		wantRefused(t, fmt.Sprintf("%d of %d bytes", n, len(file)), err, "restore a backup")
	}
}

func TestFlippedBitsAreRefusedOrHarmless(t *testing.T) {
	file, backup := filled(t)
	r := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for n := range 600 {
		at, bit := r.IntN(len(file)), byte(1)<<r.IntN(8)
		if n%4 == 0 { // headers of pages
			at = at/4096*4096 + r.IntN(80)
		}
		damaged := bytes.Clone(file)
		damaged[at] ^= bit
		s, err := openDamaged(t, damaged)
		if err != nil {
			wantRefused(t, fmt.Sprintf("bit %08b of byte %d", bit, at), err)
			refused++
			continue
		}
		if !bytes.Equal(backupOf(t, s), backup) {
			t.Errorf("bit %08b of byte %d was flipped: the store opened with other data", bit, at)
		}
		if _, err := s.Apply(context.Background(), graph.ChangeSet{Entities: []graph.EntityChange{{ID: "new", Type: "Pump"}}}); err != nil {
			t.Errorf("bit %08b of byte %d was flipped: %v", bit, at, err)
		}
		s.Close()
		mustOpen(t, s.options.Dir).Close()
	}
	if refused < 50 {
		t.Errorf("only %d of 600 damaged files were refused", refused)
	}
	t.Logf("%d of 600 files were refused, the bits of the others mean nothing", refused)
}

func TestAValueSaidToEndBeyondTheFileIsRefused(t *testing.T) {
	file, _ := filled(t)
	refused := map[string]bool{}
	for id := 2; id*4096 < len(file); id++ {
		page := file[id*4096:]
		if binary.LittleEndian.Uint16(page[8:]) != flagLeaf {
			continue
		}
		for i := range int(binary.LittleEndian.Uint16(page[10:])) {
			for _, wanted := range [][]byte{keyFormat, keyState, keyLayout} {
				if k, ok := key(page, i, false); ok && bytes.Equal(k, wanted) {
					damaged := bytes.Clone(file)
					damaged[id*4096+pageHeader+i*pageElement+12+2] ^= 0x80 // 8 MiB more
					s, err := openDamaged(t, damaged)
					if err == nil { // a page of an older revision
						s.Close()
						continue
					}
					wantRefused(t, fmt.Sprintf("the value of %s", wanted), err)
					refused[string(wanted)] = true
				}
			}
		}
	}
	if len(refused) != 3 {
		t.Errorf("only %v were refused", refused)
	}
}

func TestForeignAndNewerFilesAreRefused(t *testing.T) {
	_, err := openDamaged(t, []byte(strings.Repeat("SQLite format 3\x00", 1024)))
	wantRefused(t, "another format", err, "another program")

	file, _ := filled(t)
	change := func(f func(tx *bolt.Tx) error) []byte {
		path := filepath.Join(t.TempDir(), "x.db")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := bolt.Open(path, 0o600, &bolt.Options{NoFreelistSync: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Update(f); err != nil {
			t.Fatal(err)
		}
		db.Close()
		changed, _ := os.ReadFile(path)
		return changed
	}
	_, err = openDamaged(t, change(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketMain).Put(keyFormat, sealed(keyFormat, []byte("mereon store 2")))
	}))
	wantRefused(t, "a newer store", err, "mereon store 2", "newer version")
	_, err = openDamaged(t, change(func(tx *bolt.Tx) error { return tx.DeleteBucket(bucketMain) }))
	wantRefused(t, "another bbolt file", err, "another program")
	_, err = openDamaged(t, change(func(tx *bolt.Tx) error { return tx.Bucket(bucketEntities).Delete([]byte("e0000005")) }))
	wantRefused(t, "a file with an entity missing", err, "restore a backup")
}

func TestSecondOwnerIsToldWhoHoldsTheStore(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir)
	defer s.Close()
	_, err := Open(context.Background(), Options{Dir: dir})
	if fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), fmt.Sprint("the process ", os.Getpid())) {
		t.Errorf("second Open = %v (%s), want a conflict that names the process %d", err, fault.CodeOf(err), os.Getpid())
	}
	s.Close()
	mustOpen(t, dir).Close()
}
