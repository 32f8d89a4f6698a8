package embedded

import (
	"context"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/schema/fault"

	bolt "go.etcd.io/bbolt"
)

// Step is one commit of another store that was absorbed: what it made, out of what.
type Step struct {
	Base, Next *memory.Snapshot
	Effect     *memory.Effect
}

// Snapshot returns the newest version.
func (s *Store) Snapshot() *memory.Snapshot { return s.current.Load() }

// Adopt makes an empty store a copy of a graph. change is the encoded entry of the change log that led to its revision, ""
// when it is not known. Conflict when the store holds data.
func (s *Store) Adopt(ctx context.Context, whole *memory.Snapshot, change string) error {
	r := &request{whole: whole, change: change}
	if err := s.submit(ctx, r); err != nil {
		return err
	}
	return r.err
}

// Record writes steps, of which each begins where the one before ended and the first at the newest version, and then
// shows the last. Conflict when they do not.
func (s *Store) Record(ctx context.Context, steps []Step) error {
	if len(steps) == 0 {
		return nil
	}
	r := &request{steps: steps}
	if err := s.submit(ctx, r); err != nil {
		return err
	}
	return r.err
}

// prepareSteps checks that steps begin at newest and are one line.
func (r *request) prepareSteps(newest *memory.Snapshot) *memory.Snapshot {
	at := newest
	for _, step := range r.steps {
		if step.Base != at {
			r.err = fault.New(fault.Conflict, "the copy is at revision %d, and what is to be recorded begins at %d", at.Revision(), step.Base.Revision())
			return newest
		}
		at = step.Next
	}
	return at
}

func writeSteps(tx *bolt.Tx, steps []Step) error {
	for _, step := range steps {
		if err := writeChange(tx, step.Base, step.Next, step.Effect); err != nil {
			return err
		}
	}
	return nil
}

// LastChange returns the encoded entry of the change log that led to the newest revision, "" when there is none.
func (s *Store) LastChange() (change string, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		key := revisionKey(s.current.Load().Revision())
		v := tx.Bucket(bucketLog).Get(key)
		if v == nil {
			return nil
		}
		body, err := unseal(key, v)
		change = string(body)
		return err
	})
	return change, err
}

// writeFirst puts the entry that led to a graph which is no commit of this store at the beginning of the change log.
func writeFirst(tx *bolt.Tx, at graph.Revision, change string) error {
	if change == "" {
		return nil
	}
	key := revisionKey(at)
	return tx.Bucket(bucketLog).Put(key, sealed(key, []byte(change)))
}
