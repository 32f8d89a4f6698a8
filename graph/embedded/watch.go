package embedded

import (
	"context"
	"encoding/binary"
	"iter"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/schema/fault"

	bolt "go.etcd.io/bbolt"
)

// watchBytes is about how much of the change log a watch reads at once; a read that lasts would keep the file from growing.
const watchBytes = 1 << 20

// Watch implements graph.Store. Nothing is kept for a watcher: one that is slow reads on from the log.
func (s *Store) Watch(ctx context.Context, from graph.Revision) iter.Seq2[graph.Change, error] {
	return memory.Follow(ctx, from, &s.news, s.changesAfter)
}

// changesAfter reads the next changes after a revision out of the log, but none that is not yet visible to a View.
func (s *Store) changesAfter(from graph.Revision) (changes []string, err error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	newest := s.current.Load().Revision()
	if from == newest {
		return nil, nil
	}
	err = s.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketLog).Cursor()
		oldest := newest
		if k, _ := c.First(); k != nil {
			oldest = graph.Revision(binary.BigEndian.Uint64(k)) - 1
		}
		if err := memory.CheckWatch(from, oldest, newest); err != nil {
			return err
		}
		size := 0
		for k, v := c.Seek(revisionKey(from + 1)); k != nil && size < watchBytes; k, v = c.Next() {
			if graph.Revision(binary.BigEndian.Uint64(k)) > newest {
				break
			}
			body, err := unseal(k, v)
			if err != nil {
				return err
			}
			changes = append(changes, string(body))
			size += len(body)
		}
		return nil
	})
	if err != nil && fault.CodeOf(err) == fault.Internal && s.closed.Load() {
		return nil, memory.ClosedStore()
	}
	return changes, err
}
