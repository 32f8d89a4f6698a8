package mirror

import (
	"context"
	"errors"
	"iter"

	"mereon/graph"
	"mereon/graph/memory"
)

// Watch implements graph.Store. Changes the copy still knows come from memory, older ones from the upstream; none comes
// before a view shows it. From a revision that only other replicas have yet it waits.
func (s *Store) Watch(ctx context.Context, from graph.Revision) iter.Seq2[graph.Change, error] {
	return func(yield func(graph.Change, error) bool) {
		for ctx.Err() == nil {
			source := s.watchUpstream
			if s.knows(from) {
				source = s.watchCopy
			}
			for change, err := range source(ctx, from) {
				if errors.Is(err, errElsewhere) {
					break
				}
				if !yield(change, err) || err != nil {
					return
				}
				from = change.Revision
			}
		}
	}
}

// errElsewhere ends one source of changes: the other goes on from there.
var errElsewhere = errors.New("the changes are elsewhere")

// after returns the encoded changes after a revision that the copy shows, errElsewhere when the log in memory does not
// begin there.
func (s *Store) after(from graph.Revision) ([]string, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.copy.Load()
	if c == nil || from > c.Revision() || c.Revision()-from > graph.Revision(len(s.log)) {
		return nil, errElsewhere
	}
	return s.log[len(s.log)-int(c.Revision()-from):], nil
}

func (s *Store) knows(from graph.Revision) bool {
	_, err := s.after(from)
	return err == nil
}

func (s *Store) watchCopy(ctx context.Context, from graph.Revision) iter.Seq2[graph.Change, error] {
	return memory.Follow(ctx, from, &s.news, s.after)
}

// watchUpstream yields changes of the upstream as soon as the copy has them, until the log in memory goes on from there.
func (s *Store) watchUpstream(ctx context.Context, from graph.Revision) iter.Seq2[graph.Change, error] {
	return func(yield func(graph.Change, error) bool) {
		if c := s.copy.Load(); c != nil && from > c.Revision() {
			if at, err := s.upstreamRevision(ctx); err == nil && at >= from && s.Await(ctx, from) == nil {
				yield(graph.Change{}, errElsewhere)
				return
			}
		}
		for change, err := range s.upstream.Watch(ctx, from) {
			if err == nil {
				err = s.follows(ctx, change.Revision)
			}
			if ctx.Err() != nil || !yield(change, err) || err != nil {
				return
			}
			if s.knows(change.Revision) {
				yield(graph.Change{}, errElsewhere)
				return
			}
		}
		if err := s.open(); err != nil && ctx.Err() == nil {
			yield(graph.Change{}, err)
		}
	}
}

// follows waits without a bound until the copy, when there is one, has a revision.
func (s *Store) follows(ctx context.Context, r graph.Revision) error {
	for {
		news := s.news.Wait()
		if err := s.open(); err != nil {
			return err
		}
		c := s.copy.Load()
		if c == nil || c.Revision() >= r {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
