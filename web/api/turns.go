package api

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// heldBack is how long a read waits at most for writes that run: many turns of a writer, and little beside what a reader waits
// for its own turn when so many run.
const heldBack = 2 * time.Millisecond

// turns lets a write have its turn however many read. A write sleeps and wakes several times, for the disk and for those who
// commit with it, and each time it queues behind every read that is ready to run. So reads that start meanwhile are held back,
// where more run than the processors can take; otherwise nobody waits.
type turns struct {
	reading atomic.Int64
	writing atomic.Int64

	mu   sync.Mutex
	idle chan struct{} // closed when the last write ends; nil while none runs
}

// read counts a query in. It may wait a little; end must be called.
func (t *turns) read(ctx context.Context) (end func()) {
	if n := t.reading.Add(1); t.writing.Load() > 0 && n > int64(4*runtime.GOMAXPROCS(0)) {
		t.mu.Lock()
		idle := t.idle
		t.mu.Unlock()
		if idle != nil {
			wait(ctx, idle)
		}
	}
	return func() { t.reading.Add(-1) }
}

func wait(ctx context.Context, idle <-chan struct{}) {
	timer := time.NewTimer(heldBack)
	defer timer.Stop()
	select {
	case <-idle:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// write counts a mutation in; end must be called.
func (t *turns) write() (end func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.writing.Add(1) == 1 {
		t.idle = make(chan struct{})
	}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.writing.Add(-1) == 0 {
			close(t.idle)
			t.idle = nil
		}
	}
}

// turn waits for the turn of an operation.
func (o *operation) turn(ctx context.Context) (end func()) {
	if o.kind() == ast.Mutation {
		return o.handler.turns.write()
	}
	return o.handler.turns.read(ctx)
}
