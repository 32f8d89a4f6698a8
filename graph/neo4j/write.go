package neo4j

import (
	"context"
	"time"

	"mereon/graph"
	"mereon/schema/fault"
)

// request is a change set that waits to be written.
type request struct {
	ctx context.Context
	set *graph.ChangeSet

	commit graph.Commit
	err    error
}

// Apply implements graph.Store. When ctx ends while the change set waits, it is not applied; once its turn has come, Apply
// waits for Neo4j, for Options.Retry longer. When Neo4j does not come back to say what became of it, the error is Unavailable or
// Timeout and says so: repeat the change set with an idempotency key.
func (s *Store) Apply(ctx context.Context, changes graph.ChangeSet) (graph.Commit, error) {
	if err := s.ready(ctx); err != nil {
		return graph.Commit{}, err
	}
	r := &request{ctx: ctx, set: &changes}
	err := s.queue.Submit(ctx, r, func(done <-chan struct{}) error {
		select {
		case <-done:
			return nil
		case <-time.After(s.options.Retry):
			return fault.Wrap(fault.Timeout, ctx.Err(), "Neo4j did not answer while the change was written, and whether it is or will be is not known: look, or repeat it with an idempotency key")
		}
	})
	if err != nil {
		return graph.Commit{}, err
	}
	return r.commit, r.err
}

// gather is how long a group waits at most for writers that were just answered.
const gather = 300 * time.Microsecond

// write writes groups until the store closes.
func (s *Store) write() {
	defer s.running.Done()
	defer close(s.tips)
	s.queue.Serve(s.writeGroup)
}

// alone says that a change set may touch what only shows while it is carried out, so that what it needs cannot be fetched
// before those ahead of it are done.
func alone(r *request) bool {
	set := r.set
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
