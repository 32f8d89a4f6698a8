package simulator

import (
	"context"

	"mereon/connectors"
)

const (
	maxRaw    = 100_000   // measurements of one series in one request
	maxFolded = 5_000_000 // measurements of all series in one request, when they become buckets
)

// Fetch computes values; it reaches nothing.
func (s *Simulator) Fetch(ctx context.Context, a connectors.Accept, b connectors.Batch, out connectors.Sink) error {
	now := b.Now.UnixNano()
	if _, _, out := anyActive(s.outages, "outage", now); out {
		return errOutage()
	}
	left := maxFolded
	for i, key := range b.Keys {
		if err := ctx.Err(); err != nil {
			return err
		}
		bound := s.bind(key.Ref)
		if bound == nil {
			out.Status(i, connectors.NotFound, "no series of the simulator serves "+key.Ref)
			continue
		}
		if _, _, gone := anyActive(bound.faults, "outage", now); gone {
			out.Status(i, connectors.Unavailable, "simulated outage")
			continue
		}
		if a.Want.Kind == connectors.History {
			if err := bound.history(ctx, i, a.Want, now, &left, out); err != nil {
				return err
			}
			continue
		}
		if m, ok := bound.newest(now); ok {
			out.Measurement(i, m)
		}
	}
	return nil
}

func errOutage() error {
	return &connectors.Failure{Status: connectors.Unavailable, Message: "simulated outage"}
}

// history sends the measurements of [From, To) that are known at now.
func (s *series) history(ctx context.Context, key int, w connectors.Want, now int64, left *int, out connectors.Sink) error {
	most := maxRaw
	if w.Every > 0 {
		most = *left
	}
	from := floor(w.From.UnixNano()+s.period-1, s.period) * s.period
	sent := 0
	for t := from; t < w.To.UnixNano() && t <= now; t += s.period {
		if sent%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		m, ok := s.at(t, now)
		if !ok {
			continue
		}
		if sent >= most {
			out.Truncated(key, m.Time)
			break
		}
		out.Measurement(key, m)
		sent++
	}
	*left -= sent
	return nil
}
