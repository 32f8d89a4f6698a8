package embedded

import (
	"context"
	"io"
	"os"

	"mereon/graph"
	"mereon/graph/archive"
	"mereon/graph/memory"
	"mereon/schema/fault"

	bolt "go.etcd.io/bbolt"
)

// Backup implements graph.Store. It reads the snapshot in memory, so it keeps no writer waiting.
func (s *Store) Backup(ctx context.Context, w io.Writer) (graph.Revision, error) {
	if err := s.open(); err != nil {
		return 0, err
	}
	snapshot := s.current.Load()
	out := archive.NewWriter(w)
	if err := snapshot.Archive(ctx, out, s.options.Now().UTC()); err != nil {
		return 0, backupFailed(err)
	}
	err := s.eachBlob(func(digest, path string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		return out.Blob(digest, info.Size(), f)
	})
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		return 0, backupFailed(err)
	}
	return snapshot.Revision(), nil
}

func backupFailed(err error) error {
	if fault.CodeOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Unavailable, err, "the backup could not be written to its end; do not use what was written")
}

// Restore implements graph.Store. Blobs are stored as they come, since bytes under their own digest harm nobody; the
// graph appears only when the whole stream was read and checked.
func (s *Store) Restore(ctx context.Context, r io.Reader) (graph.Revision, error) {
	if err := s.open(); err != nil {
		return 0, err
	}
	if err := s.current.Load().RefuseRestore(); err != nil {
		return 0, err
	}
	fill := memory.Fill{PutBlob: func(_ string, _ int64, r io.Reader) error {
		_, _, err := s.PutBlob(ctx, r)
		return err
	}}
	if err := archive.Read(r, &fill); err != nil {
		return 0, err
	}
	whole, err := fill.Snapshot()
	if err != nil {
		return 0, err
	}
	req := &request{whole: whole}
	if err := s.submit(ctx, req); err != nil {
		return 0, err
	}
	return whole.Revision(), req.err
}

// writeWhole writes a whole graph into an empty file.
func writeWhole(tx *bolt.Tx, s *memory.Snapshot) error {
	w := writer{tx: tx}
	f := s.Whole()
	w.names(memory.Names{}, s.Names())
	w.entities(f)
	w.edges(f)
	w.artifacts(f)
	main := tx.Bucket(bucketMain)
	w.put(main, keyLayout, sealedJSON(keyLayout, s.Layout()))
	w.put(main, keyState, sealedJSON(keyState, stateOf(s)))
	return w.err
}
