package memory

import (
	"context"
	"iter"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema/fault"
)

var _ record.Feed = (*Store)(nil)

// Watch implements graph.Store.
func (s *Store) Watch(ctx context.Context, from graph.Revision) iter.Seq2[graph.Change, error] {
	return follow(ctx, from, &s.news, s.deltasAfter, func(encoded string) (graph.Change, graph.Revision, error) {
		change, err := record.DeltaChange(encoded)
		if err != nil {
			return graph.Change{}, 0, err
		}
		return decodeChange(change)
	})
}

// Follow implements record.Feed.
func (s *Store) Follow(ctx context.Context, from graph.Revision) iter.Seq2[record.Delta, error] {
	return follow(ctx, from, &s.news, s.deltasAfter, func(encoded string) (record.Delta, graph.Revision, error) {
		d, err := record.DecodeDelta(encoded)
		return d, d.Change.Revision, err
	})
}

func decodeChange(encoded string) (graph.Change, graph.Revision, error) {
	c, err := record.Change(encoded)
	return c, c.Revision, err
}

// Follow yields the changes that after returns, encoded, first those after from, and waits for news when there are none. It
// ends with ctx, or with the first error, which is yielded.
func Follow(ctx context.Context, from graph.Revision, news *Bell, after func(graph.Revision) ([]string, error)) iter.Seq2[graph.Change, error] {
	return follow(ctx, from, news, after, decodeChange)
}

func follow[T any](ctx context.Context, from graph.Revision, news *Bell, after func(graph.Revision) ([]string, error), decode func(string) (T, graph.Revision, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for ctx.Err() == nil {
			more := news.Wait()
			entries, err := after(from)
			if err != nil {
				yield(none, err)
				return
			}
			for _, encoded := range entries {
				entry, at, err := decode(encoded)
				if !yield(entry, err) || err != nil {
					return
				}
				from = at
			}
			if len(entries) > 0 {
				continue
			}
			select {
			case <-ctx.Done():
			case <-more:
			}
		}
	}
}

// deltasAfter returns the encoded deltas after a revision. Conflict when the log does not reach back to it.
func (s *Store) deltasAfter(from graph.Revision) ([]string, error) {
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
