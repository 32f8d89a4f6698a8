package connectors

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// latencies is how many of the last requests the percentiles are of.
const latencies = 256

// stats counts what happens at one connector.
type stats struct {
	calls, errors atomic.Int64
	keys, shared  atomic.Int64

	mu          sync.Mutex
	took        [latencies]time.Duration
	n           int
	answered    time.Time
	lastError   string
	lastErrorAt time.Time
	failing     bool // the last request failed
}

func (s *stats) answer(now time.Time, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took[s.n%latencies] = took
	s.n++
	s.answered, s.failing = now, false
}

func (s *stats) failed(now time.Time, why string) {
	s.errors.Add(1)
	s.note(now, why)
	s.mu.Lock()
	s.failing = true
	s.mu.Unlock()
}

// note keeps a complaint that did not fail the request.
func (s *stats) note(now time.Time, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastError, s.lastErrorAt = why, now
}

func (s *stats) percentiles() (p50, p95 time.Duration) {
	s.mu.Lock()
	took := slices.Clone(s.took[:min(s.n, latencies)])
	s.mu.Unlock()
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*95/100]
}
