package memory

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"mereon/graph"
	"mereon/graph/record"
)

var _ graph.Store = (*Store)(nil)

// Store is a graph.Store that keeps everything in memory and nothing beyond the process.
type Store struct {
	options Options
	current atomic.Pointer[Snapshot]
	closed  atomic.Bool
	news    Bell

	mu    sync.Mutex // held by a writer
	log   []string   // encoded deltas, the oldest first; the last leads to current
	blobs blobs
}

// Options configures a Store.
type Options struct {
	// LogRevisions is the number of changes kept for Watch at least; default 10,000. Up to a quarter more may be kept.
	LogRevisions int
	// Now is the clock; default time.Now.
	Now func() time.Time
}

// New returns an empty store with default options.
func New() *Store { return Open(Options{}) }

// Open returns an empty store.
func Open(options Options) *Store {
	if options.LogRevisions <= 0 {
		options.LogRevisions = 10_000
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	s := &Store{options: options}
	s.current.Store(Empty())
	return s
}

func (s *Store) open() error {
	if s.closed.Load() {
		return ClosedStore()
	}
	return nil
}

// View implements graph.Store; it allocates nothing.
func (s *Store) View(context.Context) (graph.View, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	return s.current.Load(), nil
}

// Apply implements graph.Store.
func (s *Store) Apply(ctx context.Context, changes graph.ChangeSet) (graph.Commit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return graph.Commit{}, err
	}
	if err := ended(ctx); err != nil {
		return graph.Commit{}, err
	}
	next, effect, err := s.current.Load().Next(&changes, s.options.Now())
	if err != nil {
		return graph.Commit{}, err
	}
	if effect.Changed {
		delta := effect.Delta()
		s.append(string(record.AppendDelta(nil, &delta)))
	}
	s.current.Store(next)
	if effect.Changed {
		s.news.Ring()
	}
	return effect.Commit, nil
}

func (s *Store) append(delta string) {
	s.log = append(s.log, delta)
	if over := len(s.log) - s.options.LogRevisions; over > s.options.LogRevisions/4 {
		s.log = append([]string(nil), s.log[over:]...) // now and then, so that a change does not cost the length of the log
	}
}

// Close implements graph.Store. Running watches end with Unavailable.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed.Store(true)
	s.news.Ring()
	return nil
}
