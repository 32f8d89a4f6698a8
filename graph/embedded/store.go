package embedded

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"mereon/graph"
	"mereon/graph/memory"

	bolt "go.etcd.io/bbolt"
)

var _ graph.Store = (*Store)(nil)

// Store is the embedded graph.Store.
type Store struct {
	options Options
	db      *bolt.DB
	current atomic.Pointer[memory.Snapshot]
	news    memory.Bell

	queue    *memory.Queue[*request]
	writer   sync.WaitGroup
	failed   error // why no more is written; only the writer touches it
	closing  sync.Once
	closed   atomic.Bool
	closeErr error
}

func newStore(options Options, db *bolt.DB) *Store {
	return &Store{options: options, db: db, queue: memory.NewQueue[*request](options.MaxGroup)}
}

func (s *Store) start() {
	s.writer.Go(func() { s.queue.Serve(s.write) })
}

func (s *Store) open() error {
	if s.closed.Load() {
		return memory.ClosedStore()
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

// Close implements graph.Store: it lets the change sets that are being written end, ends watches, then releases the file.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.closed.Store(true)
		s.queue.Close()
		s.writer.Wait()
		s.news.Ring()
		s.closeErr = s.db.Close()
		os.Remove(filepath.Join(s.options.Dir, ownerName)) // the lock is what counts; a stale name is only a hint
	})
	return s.closeErr
}
