package memory

import (
	"context"
	"iter"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema/fault"
)

// Watch implements graph.Store.
func (s *Store) Watch(ctx context.Context, from graph.Revision) iter.Seq2[graph.Change, error] {
	return Follow(ctx, from, &s.news, s.changesAfter)
}

// Follow yields the changes that after returns, encoded, first those after from, and waits for news when there are none. It
// ends with ctx, or with the first error, which is yielded.
func Follow(ctx context.Context, from graph.Revision, news *Bell, after func(graph.Revision) ([]string, error)) iter.Seq2[graph.Change, error] {
	return func(yield func(graph.Change, error) bool) {
		for ctx.Err() == nil {
			more := news.Wait()
			changes, err := after(from)
			if err != nil {
				yield(graph.Change{}, err)
				return
			}
			for _, encoded := range changes {
				c, err := record.Change(encoded)
				if !yield(c, err) || err != nil {
					return
				}
				from = c.Revision
			}
			if len(changes) > 0 {
				continue
			}
			select {
			case <-ctx.Done():
			case <-more:
			}
		}
	}
}

// changesAfter returns the encoded changes after a revision. Conflict when the log does not reach back to it.
func (s *Store) changesAfter(from graph.Revision) ([]string, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.current.Load().revision
	if err := CheckWatch(from, at-graph.Revision(len(s.log)), at); err != nil {
		return nil, err
	}
	return s.log[len(s.log)-int(at-from):], nil
}

// CheckWatch says whether changes after from can be given by a log that begins after oldest, when the store is at newest.
func CheckWatch(from, oldest, newest graph.Revision) error {
	switch {
	case from < oldest:
		return fault.New(fault.Conflict, "the change log begins after revision %d and cannot go on from %d: read the graph anew and watch from its revision", oldest, from)
	case from > newest:
		return fault.New(fault.Conflict, "revision %d is ahead of the graph, which is at %d: read the graph anew and watch from its revision", from, newest)
	}
	return nil
}
