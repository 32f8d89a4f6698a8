package neo4j

import (
	"context"
	"iter"
	"time"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema/fault"
)

// Watch implements graph.Store. It looks for news when this process has written and, for other processes, every
// Options.Poll, once for all that watch. While Neo4j is away it goes on trying: it ends with its context, with the store,
// or when the log no longer reaches back.
func (s *Store) Watch(ctx context.Context, from graph.Revision) iter.Seq2[graph.Change, error] {
	return follow(s, ctx, from, func(encoded string) (graph.Change, graph.Revision, error) {
		text, err := record.DeltaChange(encoded)
		if err != nil {
			return graph.Change{}, 0, err
		}
		c, err := record.Change(text)
		return c, c.Revision, err
	})
}

// Follow implements record.Feed, with the same log and the same waiting as Watch.
func (s *Store) Follow(ctx context.Context, from graph.Revision) iter.Seq2[record.Delta, error] {
	return follow(s, ctx, from, func(encoded string) (record.Delta, graph.Revision, error) {
		d, err := record.DecodeDelta(encoded)
		return d, d.Change.Revision, err
	})
}

func follow[T any](s *Store, ctx context.Context, from graph.Revision, decode func(string) (T, graph.Revision, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		s.watchers.Add(1)
		defer s.watchers.Add(-1)
		var none T
		for away := 0; ctx.Err() == nil; {
			more := s.news.Wait()
			deltas, err := s.deltasAfter(ctx, from)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil && fault.CodeOf(err) == fault.Unavailable && !s.closed.Load():
				if away++; away == 1 {
					s.options.Logger.Warn("a watch waits for Neo4j", "revision", from, "error", err)
				}
			case err != nil:
				yield(none, err)
				return
			default:
				away = 0
			}
			for _, encoded := range deltas {
				one, revision, err := decode(encoded)
				if !yield(one, err) || err != nil {
					return
				}
				from = revision
			}
			if len(deltas) == 0 {
				s.rest(ctx, more, away)
			}
		}
	}
}

// rest waits for news or for the end, and for Neo4j when it is away. The keeper rings when another process has published.
func (s *Store) rest(ctx context.Context, more <-chan struct{}, away int) {
	wait := 30 * s.options.Poll
	if away > 0 {
		wait = s.options.Poll * time.Duration(min(away, 20))
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-s.live.Done():
	case <-more:
	case <-t.C:
	}
}
