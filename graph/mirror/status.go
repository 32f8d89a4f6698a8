package mirror

import (
	"context"
	"time"

	"mereon/graph"
	"mereon/schema/fault"
)

// State says where reads run.
type State string

const (
	Filling  State = "filling"  // the copy is being made; reads run on the upstream
	Mirrored State = "mirrored" // reads run on the copy
	Direct   State = "direct"   // the graph does not fit; reads run on the upstream
)

// Status tells how a mirror does.
type Status struct {
	State    State
	Reason   string         // why reads run on the upstream, or why it is not heard from; "" when all is well
	Revision graph.Revision // of the copy, 0 when there is none
	Upstream graph.Revision // as heard last
	// Lag is for how long the copy may have missed what was committed: it holds everything committed before now minus Lag.
	// Zero when there is no copy.
	Lag                     time.Duration
	Entities, Relationships int
	Bytes, Limit            int64 // estimated memory of the copy, and what it may take
}

// Status returns how the mirror does.
func (s *Store) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := Status{State: s.state, Reason: s.reason, Upstream: s.pulse.upstream, Limit: s.options.Memory}
	if c := s.copy.Load(); c != nil {
		status.Revision, status.Entities, status.Relationships, status.Bytes = c.Revision(), c.Entities(), c.RelationshipCount(), s.weight
		status.Lag = max(0, s.options.Now().Sub(s.pulse.synced))
	}
	return status
}

// Ready fails with Unavailable when the copy lags more than Options.MaxLag.
func (s *Store) Ready() error {
	status := s.Status()
	if status.Lag <= s.options.MaxLag {
		return nil
	}
	why := "it does not follow fast enough"
	if status.Reason != "" {
		why = status.Reason
	}
	return fault.New(fault.Unavailable, "the copy of the graph lags by %s, more than %s: %s", status.Lag.Round(time.Second), s.options.MaxLag, why)
}

// pulse is how lag is known: now and then the upstream is asked for its revision, and when the copy has reached that, it
// holds everything committed before the question.
type pulse struct {
	asked    time.Time // when the open question was put; zero when none is
	wanted   graph.Revision
	upstream graph.Revision
	synced   time.Time
	unproven bool // the copy may be of another past, so it has reached nothing
}

func (p *pulse) reached(r graph.Revision) {
	if !p.unproven && !p.asked.IsZero() && r >= p.wanted {
		p.synced, p.asked = p.asked, time.Time{}
	}
}

// answered takes an answer; an older question stays open until the copy, when there is one, has reached it.
func (p *pulse) answered(asked time.Time, at, have graph.Revision, copied bool) {
	p.upstream = at
	if p.asked.IsZero() || !copied {
		p.asked, p.wanted = asked, at
	}
	if copied {
		p.reached(have)
	}
}

// beat asks the upstream for its revision until ctx ends.
func (s *Store) beat(ctx context.Context) {
	tick := time.NewTicker(s.options.Pulse)
	defer tick.Stop()
	for {
		asked := s.options.Now()
		limited, cancel := context.WithTimeout(ctx, s.options.MaxLag)
		at, err := s.upstreamRevision(limited)
		cancel()
		if err == nil {
			s.mu.Lock()
			have, c := graph.Revision(0), s.copy.Load()
			if c != nil {
				have = c.Revision()
			}
			s.pulse.answered(asked, at, have, c != nil)
			synced, proven := s.pulse.synced, c != nil && !s.pulse.unproven
			s.mu.Unlock()
			if s.disk != nil && proven {
				s.disk.note(synced)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
