package mirror

import (
	"context"

	"mereon/graph"
	"mereon/schema/fault"
)

// Await waits until views show revision r, at most Options.Wait. Unavailable when that took too long because the upstream
// is not heard from, else Timeout; also Timeout when ctx ends before.
func (s *Store) Await(ctx context.Context, r graph.Revision) error {
	if c := s.copy.Load(); c != nil && c.Revision() >= r {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Wait)
	defer cancel()
	for {
		news := s.news.Wait()
		if err := s.open(); err != nil {
			return err
		}
		c := s.copy.Load()
		if c != nil && c.Revision() >= r {
			return nil
		}
		if c == nil {
			at, err := s.upstreamRevision(ctx)
			if err == nil && at >= r {
				s.told(at)
				return nil
			}
			if err == nil {
				err = s.ahead(r, at)
			}
			return err
		}
		select {
		case <-news:
		case <-ctx.Done():
			return s.late(r, c.Revision())
		}
	}
}

// Refresh waits until views show all that was committed before the call, by whomever, at most Options.Wait.
func (s *Store) Refresh(ctx context.Context) error {
	if err := s.open(); err != nil || s.copy.Load() == nil {
		return err
	}
	at, err := s.upstreamRevision(ctx)
	if err != nil {
		return err
	}
	return s.Await(ctx, at)
}

func (s *Store) upstreamRevision(ctx context.Context) (graph.Revision, error) {
	v, err := s.upstream.View(ctx)
	if err != nil {
		return 0, err
	}
	defer v.Close()
	return v.Revision(), nil
}

func (s *Store) late(wanted, at graph.Revision) error {
	if reason := s.lost(); reason != "" {
		return fault.New(fault.Unavailable, "revision %d did not come within %s: this replica is at %d and does not hear from the store behind it (%s); try again, or ask another replica", wanted, s.options.Wait, at, reason)
	}
	return fault.New(fault.Timeout, "revision %d did not come within %s: this replica is at %d and follows; try again", wanted, s.options.Wait, at)
}

func (s *Store) ahead(wanted, at graph.Revision) error {
	return fault.New(fault.Timeout, "revision %d is ahead of the graph, which is at %d; try again", wanted, at)
}
