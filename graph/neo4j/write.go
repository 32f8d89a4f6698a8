package neo4j

import (
	"context"
	"sync/atomic"
	"time"

	"mereon/graph"
	"mereon/schema/fault"
)

// request is a change set that waits to be written.
type request struct {
	ctx   context.Context
	set   *graph.ChangeSet
	state atomic.Int32 // waiting, taken or given up
	done  chan struct{}

	commit graph.Commit
	err    error
	again  bool // it must be alone in its transaction
}

const (
	waiting int32 = iota
	taken
	givenUp
)

// Apply implements graph.Store. When ctx ends while the change set waits, it is not applied; once its turn has come, Apply
// waits for Neo4j, for Options.Retry longer. When Neo4j does not come back to say what became of it, the error is Unavailable or
// Timeout and says so: repeat the change set with an idempotency key.
func (s *Store) Apply(ctx context.Context, changes graph.ChangeSet) (graph.Commit, error) {
	if s.closed.Load() {
		return graph.Commit{}, closedStore()
	}
	if err := ctx.Err(); err != nil {
		return graph.Commit{}, notApplied(err)
	}
	if err := s.ready(ctx); err != nil {
		return graph.Commit{}, err
	}
	r := &request{ctx: ctx, set: &changes, done: make(chan struct{})}
	select {
	case s.requests <- r:
	case <-ctx.Done():
		return graph.Commit{}, notApplied(ctx.Err())
	case <-s.stop:
		return graph.Commit{}, closedStore()
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		if r.state.CompareAndSwap(waiting, givenUp) {
			return graph.Commit{}, notApplied(ctx.Err())
		}
		select {
		case <-r.done:
		case <-time.After(s.options.Retry):
			return graph.Commit{}, fault.Wrap(fault.Timeout, ctx.Err(), "Neo4j did not answer while the change was written, and whether it is or will be is not known: look, or repeat it with an idempotency key")
		}
	}
	return r.commit, r.err
}

func notApplied(cause error) error {
	return fault.Wrap(fault.Timeout, cause, "the change was given up before it was applied")
}

// write takes waiting requests in groups until the store closes, then answers those that came meanwhile.
func (s *Store) write() {
	defer s.running.Done()
	defer close(s.tips)
	for {
		select {
		case r := <-s.requests:
			s.group(r)
		case <-s.stop:
			s.refuseRest()
			return
		}
	}
}

func (s *Store) refuseRest() {
	for {
		select {
		case r := <-s.requests:
			r.err = closedStore()
			close(r.done)
		default:
			return
		}
	}
}

// together is how long a group waits at most for writers that were just answered: who misses it waits for all of it.
const together = 300 * time.Microsecond

// assemble gives as many writers as were answered last a moment to bring their next change sets.
func (s *Store) assemble() {
	for started := time.Now(); len(s.requests)+1 < s.answered && time.Since(started) < together; {
		time.Sleep(20 * time.Microsecond)
	}
	s.answered = 0
}

// group writes first and what waits behind it in one transaction, as far as they may share one.
func (s *Store) group(first *request) {
	s.assemble()
	var group []*request
	for r := first; r != nil; {
		next := (*request)(nil)
		if r.state.CompareAndSwap(waiting, taken) {
			if alone(r.set) {
				s.flush(group)
				s.flush([]*request{r})
				group = nil
			} else {
				group = append(group, r)
			}
		}
		if len(group) < s.options.MaxGroup {
			select {
			case next = <-s.requests:
			default:
			}
		}
		r = next
	}
	s.flush(group)
}

// alone says that a change set may touch what only shows while it is carried out, so that what it needs cannot be fetched
// before those ahead of it are done.
func alone(set *graph.ChangeSet) bool {
	if set.Layout != nil || len(set.Entities)+len(set.Relationships) > 1000 {
		return true
	}
	for i := range set.Entities {
		if set.Entities[i].Op == graph.Delete {
			return true
		}
	}
	return false
}

// flush writes a group and answers it.
func (s *Store) flush(group []*request) {
	if len(group) == 0 {
		return
	}
	s.writeGroup(group)
	s.answered += len(group)
	for _, r := range group {
		close(r.done)
	}
}
