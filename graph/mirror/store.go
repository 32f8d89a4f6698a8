package mirror

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/schema/fault"
)

var (
	_ graph.Store  = (*Store)(nil)
	_ graph.Holder = (*Store)(nil)

	_ graph.LateViewer = (*Store)(nil)
)

// Store is the mirror.
type Store struct {
	options  Options
	upstream Upstream
	news     memory.Bell // rings when the copy moves on, appears or goes

	// copy is what reads run on; nil while there is none, then they go to the upstream.
	copy atomic.Pointer[memory.Snapshot]
	// seen is the newest revision somebody was told of; the copy is shown to nobody before it has it.
	seen   atomic.Uint64
	closed atomic.Bool

	mu      sync.Mutex
	log     []string // encoded changes, the oldest first; the last leads to copy
	state   State
	reason  string
	weight  int64
	pulse   pulse
	restart context.CancelFunc // ends the present attempt to follow

	disk    *disk // nil without a folder
	running sync.WaitGroup
	stop    context.CancelFunc
	closing sync.Once
	failed  error
}

// Open begins to mirror a store. It returns at once; until the copy is there, reads run on the upstream. Errors: Conflict
// when another process holds the folder; Unavailable when it is offline and there is no copy on disk. A damaged copy on disk is thrown away and made anew.
func Open(ctx context.Context, options Options) (*Store, error) {
	options.EnsureDefaults()
	if err := options.Validate(); err != nil {
		return nil, err
	}
	s := &Store{options: options, upstream: options.Upstream, state: Filling}
	if options.Dir != "" {
		d, err := openDisk(ctx, options)
		if err != nil {
			return nil, err
		}
		s.disk = d
	}
	f := s.follower()
	s.pulse.synced = options.Now()
	if options.Offline {
		if err := f.showKept(); err != nil {
			if s.disk != nil {
				s.disk.close()
			}
			return nil, err
		}
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.running.Go(func() { f.run(work) })
	s.running.Go(func() { s.beat(work) })
	return s, nil
}

func (s *Store) open() error {
	if s.closed.Load() {
		return memory.ClosedStore()
	}
	return nil
}

// View implements graph.Store: the copy, which allocates nothing, or the upstream while there is no copy.
func (s *Store) View(ctx context.Context) (graph.View, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if c := s.copy.Load(); c != nil {
		if uint64(c.Revision()) >= s.seen.Load() {
			return c, nil
		}
		if err := s.Await(ctx, graph.Revision(s.seen.Load())); err != nil {
			return nil, err
		}
		if c = s.copy.Load(); c != nil {
			return c, nil
		}
	}
	v, err := s.upstream.View(ctx)
	if err == nil {
		s.told(v.Revision())
	}
	return v, err
}

// LateView implements graph.LateViewer: where there never will be a copy, the upstream may open a view as late as it can.
func (s *Store) LateView(ctx context.Context) (graph.View, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	direct := s.state == Direct
	s.mu.Unlock()
	if direct {
		return graph.LateView(ctx, s.upstream)
	}
	return s.View(ctx)
}

// told notes that somebody knows of a revision.
func (s *Store) told(r graph.Revision) {
	for {
		have := s.seen.Load()
		if have >= uint64(r) || s.seen.CompareAndSwap(have, uint64(r)) {
			return
		}
	}
}

// Apply implements graph.Store: the upstream commits, and the copy is waited for. When it does not follow in time, the
// change is committed all the same: the Commit is returned with a Timeout or Unavailable that says so.
func (s *Store) Apply(ctx context.Context, changes graph.ChangeSet) (graph.Commit, error) {
	if err := s.open(); err != nil {
		return graph.Commit{}, err
	}
	commit, err := s.upstream.Apply(ctx, changes)
	if err != nil {
		s.catchUp(ctx, err)
		return commit, err
	}
	if s.copy.Load() == nil {
		s.told(commit.Revision)
		return commit, nil
	}
	if err := s.Await(ctx, commit.Revision); err != nil {
		return commit, fault.Wrap(fault.CodeOf(err), err, "the change was committed as revision %d, but this replica does not show it yet; do not repeat it, read again later", commit.Revision)
	}
	s.told(commit.Revision)
	return commit, nil
}

// catchUp lets whoever was refused read what the upstream refused it for.
func (s *Store) catchUp(ctx context.Context, refused error) {
	switch fault.CodeOf(refused) {
	case fault.Conflict, fault.NotFound, fault.Invalid:
		if at, err := s.upstreamRevision(ctx); err == nil {
			_ = s.Await(ctx, at) // the refusal is the answer, whether the copy comes along or not
		}
	}
}

// Hold implements graph.Holder: it is the upstream's.
func (s *Store) Hold(ctx context.Context) (release func(), err error) {
	if others, ok := s.upstream.(graph.Holder); ok {
		return others.Hold(ctx)
	}
	return func() {}, nil
}

// PutBlob implements graph.Store: blobs are the upstream's.
func (s *Store) PutBlob(ctx context.Context, r io.Reader) (digest string, size int64, err error) {
	return s.upstream.PutBlob(ctx, r)
}

// Blob implements graph.Store: blobs are the upstream's.
func (s *Store) Blob(ctx context.Context, digest string) (io.ReadSeekCloser, error) {
	return s.upstream.Blob(ctx, digest)
}

// Backup implements graph.Store: it is the upstream's.
func (s *Store) Backup(ctx context.Context, w io.Writer) (graph.Revision, error) {
	return s.upstream.Backup(ctx, w)
}

// Restore implements graph.Store: it is the upstream's, and the copy is made anew.
func (s *Store) Restore(ctx context.Context, r io.Reader) (graph.Revision, error) {
	if err := s.open(); err != nil {
		return 0, err
	}
	at, err := s.upstream.Restore(ctx, r)
	if err == nil {
		s.told(at)
		s.again()
	}
	return at, err
}

// Close implements graph.Store: it stops to follow, then closes the upstream and the copy on disk.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.closed.Store(true)
		s.stop()
		s.news.Ring()
		s.running.Wait()
		s.failed = s.upstream.Close()
		if s.disk != nil {
			s.disk.writeAll()
			if s.copy.Load() != nil && !s.pulse.unproven {
				s.disk.last = time.Time{}
				s.disk.note(s.pulse.synced)
			}
			s.disk.close()
		}
	})
	return s.failed
}
