package embedded

import (
	"context"
	"errors"
	"syscall"
	"time"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/schema/fault"
)

// request is a change set that waits to be written.
type request struct {
	set    *graph.ChangeSet
	commit graph.Commit
	err    error
	effect *memory.Effect
	base   *memory.Snapshot
	next   *memory.Snapshot
	whole  *memory.Snapshot // Restore, Adopt: the graph to write instead of a change set
	change string           // Adopt: what led to it
	steps  []Step           // Record: what to write instead
}

// Apply implements graph.Store. When ctx ends while the change set waits, it is not applied; once its turn has come,
// Apply waits for the disk.
func (s *Store) Apply(ctx context.Context, changes graph.ChangeSet) (graph.Commit, error) {
	r := &request{set: &changes}
	if err := s.submit(ctx, r); err != nil {
		return graph.Commit{}, err
	}
	return r.commit, r.err
}

func (s *Store) submit(ctx context.Context, r *request) error {
	if err := s.open(); err != nil {
		return err
	}
	return s.queue.Submit(ctx, r, nil)
}

// write writes what waits with one sync. Each change set is checked against those before it and refused on its own.
func (s *Store) write(group []*request) {
	newest := s.current.Load()
	for _, r := range group {
		newest = s.prepare(r, newest)
	}
	if err := s.commit(group, newest); err != nil {
		for _, r := range group {
			r.commit, r.err = graph.Commit{}, err
		}
	} else if newest != s.current.Load() {
		s.current.Store(newest)
		s.news.Ring()
	}
}

// prepare checks one request on top of newest and returns what is newest then.
func (s *Store) prepare(r *request, newest *memory.Snapshot) *memory.Snapshot {
	if r.whole != nil {
		if r.err = newest.RefuseRestore(); r.err == nil {
			return r.whole
		}
		return newest
	}
	if r.steps != nil {
		return r.prepareSteps(newest)
	}
	r.base = newest
	r.next, r.effect, r.err = newest.Next(r.set, s.options.Now())
	if r.err != nil {
		return newest
	}
	r.commit = r.effect.Commit
	return r.next
}

// commit writes and syncs all that the group changed.
func (s *Store) commit(group []*request, newest *memory.Snapshot) (err error) {
	current := s.current.Load()
	if newest == current {
		return nil
	}
	if s.failed != nil {
		return s.failed
	}
	tx, err := s.db.Begin(true)
	if err != nil {
		return s.diskFailed(err)
	}
	written := 0
	for _, r := range group {
		switch {
		case r.err != nil:
		case r.whole != nil:
			if err = writeWhole(tx, r.whole); err == nil {
				err = writeFirst(tx, r.whole.Revision(), r.change)
			}
		case r.steps != nil:
			err = writeSteps(tx, r.steps)
			written += len(r.steps)
		case r.next != r.base:
			err = writeChange(tx, r.base, r.next, r.effect)
			written++
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		err = s.prune(tx, newest.Revision(), written)
	}
	if err != nil {
		tx.Rollback()
		return s.diskFailed(err)
	}
	if err := tx.Commit(); err != nil {
		return s.diskFailed(err)
	}
	return nil
}

// diskFailed turns an error of the disk into one for the writers. When the disk is full, the next write is tried again;
// after any other failure nobody knows what a later sync would prove, so no more is written until the store is opened anew.
func (s *Store) diskFailed(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		s.options.Logger.Error("the disk of the store is full", "error", err)
		return fault.Wrap(fault.Unavailable, err, "the disk of the store is full: nothing was changed and reads go on; make room, then retry")
	}
	s.failed = fault.Wrap(fault.Unavailable, err, "the disk of the store failed at %s: nothing was changed and reads go on; check the disk, then start again",
		s.options.Now().UTC().Format(time.RFC3339))
	s.options.Logger.Error("the disk of the store failed; it takes no more changes until it is opened anew", "error", err)
	return s.failed
}
