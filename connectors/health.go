package connectors

import "time"

// Reporter is a connector with something to say about its source although it answers: damaged rows in a file. The text is
// for people and holds no secret; "" when all is well.
type Reporter interface {
	Report() (problem string, since time.Time)
}

// Clock is a connector with a time of its own: a replay. Now says it.
type Clock interface {
	Now() time.Time
}

// Ager is a connector that knows for each series after which time its value is old, when that differs from series to series.
type Ager interface {
	StaleAfter(key string) time.Duration
}

// Reviser is a connector that knows at once, without an outside call, whether its description changed: Revision differs
// from that of the Descriptor then.
type Reviser interface {
	Revision() string
}

// recently is how long an error keeps a connector degraded.
const recently = time.Minute

func (l *link) health() Health {
	h := Health{Name: l.name, Kind: l.kind, Calls: l.stats.calls.Load(), Errors: l.stats.errors.Load(),
		Keys: l.stats.keys.Load(), Shared: l.stats.shared.Load()}
	h.LatencyP50, h.LatencyP95 = l.stats.percentiles()
	h.Watched, h.Push = l.hub.watched()
	l.stats.mu.Lock()
	h.LastAnswer, h.LastError, h.LastErrorAt = l.stats.answered, l.stats.lastError, l.stats.lastErrorAt
	failing := l.stats.failing
	l.stats.mu.Unlock()
	now := l.runtime.options.Now()
	switch {
	case l.breaker.open(), failing && h.LastAnswer.IsZero():
		h.State = "down"
	case failing, !h.LastErrorAt.IsZero() && now.Sub(h.LastErrorAt) < recently:
		h.State = "degraded"
	case h.Calls == 0:
		h.State = "idle"
	default:
		h.State = "ok"
	}
	if reporter, ok := l.connector.(Reporter); ok {
		if problem, since := reporter.Report(); problem != "" {
			if h.State == "ok" || h.State == "idle" {
				h.State = "degraded"
			}
			if h.LastError == "" {
				h.LastError, h.LastErrorAt = l.redact(problem), since
			}
		}
	}
	return h
}
