package graphtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"mereon/graph"
	"mereon/schema/fault"
)

// backup returns what a store holds, without the time of the backup.
func backup(t testing.TB, s graph.Store) []byte {
	t.Helper()
	b, at := fullBackup(t, s), []byte(`"at":"`)
	// The header begins with the revision and the time, and the trailer ends with a checksum over it.
	rest := b[bytes.Index(b, at)+len(at) : len(b)-32]
	return fmt.Appendf(rest[bytes.IndexByte(rest, '"'):], "at revision %d", mustView(t, s).Revision())
}

func fullBackup(t testing.TB, s graph.Store) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := s.Backup(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func testBackup(t *testing.T, c Config) {
	ctx := context.Background()
	s := c.Open(t, t.TempDir())
	defer s.Close()
	g := &generator{Rand: rand.New(rand.NewPCG(3, 7)), clock: time.Unix(1_700_000_000, 0).UTC(), m: newModel(), ids: 24}
	seq := &sequence{t: t, g: g, store: s}
	l := layouts()[0]
	seq.apply(graph.ChangeSet{Layout: &l, At: g.clock})
	for range 60 {
		seq.apply(g.changes())
	}
	digest, _, err := s.PutBlob(ctx, strings.NewReader("a blob"))
	if err != nil {
		t.Fatal(err)
	}
	stream := fullBackup(t, s)

	t.Run("restores everything into an empty store", func(t *testing.T) {
		other := c.Open(t, t.TempDir())
		defer other.Close()
		at, err := other.Restore(ctx, bytes.NewReader(stream))
		if err != nil || at != g.m.revision {
			t.Fatalf("Restore = %d, %v, want revision %d", at, err, g.m.revision)
		}
		(&sequence{t: t, g: g}).compareAll(other)
		if r, err := other.Blob(ctx, digest); err != nil {
			t.Error(err)
		} else if data, _ := io.ReadAll(r); string(data) != "a blob" || r.Close() != nil {
			t.Errorf("the blob holds %q", data)
		}
		next := mustApply(t, other, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "one more", Type: "Pump"}}})
		for change, err := range other.Watch(ctx, at) {
			if err != nil || change.Revision != next.Revision || change.Revision != at+1 {
				t.Errorf("Watch after Restore = revision %d, %v, want %d", change.Revision, err, at+1)
			}
			break
		}
	})
	t.Run("is refused over data", func(t *testing.T) {
		before := backup(t, s)
		if _, err := s.Restore(ctx, bytes.NewReader(stream)); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("Restore over data = %v, want a conflict", err)
		}
		if !bytes.Equal(backup(t, s), before) {
			t.Error("the refused restore changed the store")
		}
	})
	t.Run("is refused when damaged, and nothing is kept", func(t *testing.T) { testDamagedBackup(t, c, stream) })
	t.Run("fails when it cannot be written", func(t *testing.T) {
		if _, err := s.Backup(ctx, failingWriter{}); err == nil {
			t.Error("Backup into a failing writer succeeded")
		}
	})
	t.Run("is taken at one revision while writes go on", func(t *testing.T) { testHotBackup(t, c) })
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("no room") }

func testDamagedBackup(t *testing.T, c Config, stream []byte) {
	ctx := context.Background()
	s := c.Open(t, t.TempDir())
	defer s.Close()
	r := rand.New(rand.NewPCG(5, 5))
	for n := range 60 {
		damaged := bytes.Clone(stream)
		if n%3 == 0 {
			damaged = damaged[:r.IntN(len(damaged))]
		} else {
			damaged[r.IntN(len(damaged))] ^= 1 << r.IntN(8)
		}
		if _, err := s.Restore(ctx, bytes.NewReader(damaged)); fault.CodeOf(err) != fault.Invalid && fault.CodeOf(err) != fault.Conflict {
			t.Fatalf("Restore of a damaged stream = %v (%s), want it invalid", err, fault.CodeOf(err))
		}
	}
	if v := mustView(t, s); v.Revision() != 0 || len(selected(t, v, "")) != 0 {
		t.Error("a refused restore left something behind")
	}
	if _, err := s.Restore(ctx, bytes.NewReader(stream)); err != nil {
		t.Errorf("Restore after refused ones = %v", err)
	}
}

// testHotBackup writes pairs while it takes backups: no backup holds half a pair.
func testHotBackup(t *testing.T, c Config) {
	ctx := context.Background()
	s := c.Open(t, t.TempDir())
	defer s.Close()
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				a, b := graph.EntityID(fmt.Sprint("a", n)), graph.EntityID(fmt.Sprint("b", n))
				if _, err := s.Apply(ctx, entities(entity(graph.Create, a), graph.EntityChange{ID: b, Type: "Valve"})); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	for range 5 {
		stream := fullBackup(t, s)
		other := c.Open(t, t.TempDir())
		if _, err := other.Restore(ctx, bytes.NewReader(stream)); err != nil {
			t.Error(err)
		} else if v := mustView(t, other); len(selected(t, v, "Pump")) != len(selected(t, v, "Valve")) || int(v.Revision()) != len(selected(t, v, "Pump")) {
			t.Errorf("the backup at revision %d holds %d and %d of a pair", v.Revision(), len(selected(t, v, "Pump")), len(selected(t, v, "Valve")))
		}
		other.Close()
	}
	close(stop)
	writer.Wait()
}
