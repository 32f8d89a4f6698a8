package mirror_test

import (
	"context"
	"io"
	"iter"
	"sync"
	"sync/atomic"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/record"
	"mereon/schema/fault"
)

// remote is a store in memory that can be lost and held back as one behind a network.
type remote struct {
	*memory.Store
	backups atomic.Int64
	late    atomic.Int64 // views opened late

	mu     sync.Mutex
	down   bool
	held   chan struct{} // not nil: followers hear nothing until it is closed
	losing context.Context
	lose   context.CancelFunc
}

func newRemote(options memory.Options) *remote {
	r := &remote{Store: memory.Open(options)}
	r.losing, r.lose = context.WithCancel(context.Background())
	return r
}

func (r *remote) Close() error { return nil }

// setDown takes the store away, ending what runs on it, or brings it back.
func (r *remote) setDown(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
	if down {
		r.lose()
	} else {
		r.losing, r.lose = context.WithCancel(context.Background())
	}
}

// hold lets followers hear nothing until release is called.
func (r *remote) hold() (release func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	held := make(chan struct{})
	r.held = held
	return sync.OnceFunc(func() { close(held) })
}

func (r *remote) reach() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return fault.New(fault.Unavailable, "the store does not answer: connection refused")
	}
	return nil
}

func (r *remote) View(ctx context.Context) (graph.View, error) {
	if err := r.reach(); err != nil {
		return nil, err
	}
	return r.Store.View(ctx)
}

func (r *remote) LateView(ctx context.Context) (graph.View, error) {
	r.late.Add(1)
	return r.View(ctx)
}

func (r *remote) Apply(ctx context.Context, set graph.ChangeSet) (graph.Commit, error) {
	if err := r.reach(); err != nil {
		return graph.Commit{}, err
	}
	return r.Store.Apply(ctx, set)
}

func (r *remote) Backup(ctx context.Context, w io.Writer) (graph.Revision, error) {
	if err := r.reach(); err != nil {
		return 0, err
	}
	r.backups.Add(1)
	return r.Store.Backup(ctx, w)
}

func (r *remote) Watch(ctx context.Context, from graph.Revision) iter.Seq2[graph.Change, error] {
	return through(r, ctx, func(ctx context.Context) iter.Seq2[graph.Change, error] { return r.Store.Watch(ctx, from) })
}

func (r *remote) Follow(ctx context.Context, from graph.Revision) iter.Seq2[record.Delta, error] {
	return through(r, ctx, func(ctx context.Context) iter.Seq2[record.Delta, error] { return r.Store.Follow(ctx, from) })
}

func through[T any](r *remote, ctx context.Context, source func(context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if err := r.reach(); err != nil {
			yield(none, err)
			return
		}
		r.mu.Lock()
		losing := r.losing
		r.mu.Unlock()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(losing, cancel)()
		for item, err := range source(ctx) {
			r.mu.Lock()
			held := r.held
			r.mu.Unlock()
			if held != nil {
				select {
				case <-held:
				case <-ctx.Done():
				}
			}
			if ctx.Err() != nil {
				break
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
		if losing.Err() != nil {
			yield(none, fault.New(fault.Unavailable, "the connection to the store is lost"))
		}
	}
}
