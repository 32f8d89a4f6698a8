package memory

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"mereon/schema/fault"
)

// Queue lets many callers hand requests to one writer, who takes those that wait together: a sync of the disk costs the
// same for one as for all of them.
type Queue[R any] struct {
	// Most is how many requests make a group at most.
	Most int
	// Gather is how long a group waits at most for as many callers as were answered last: who misses a group waits for
	// all of it. Zero lets them only run once.
	Gather time.Duration
	// Alone says that a request is a group of its own; nil lets all share.
	Alone func(R) bool

	waiting chan *turn[R]
	stop    chan struct{}
	ended   chan struct{}
	closing sync.Once
}

// turn is the place of a request in the queue.
type turn[R any] struct {
	request R
	state   atomic.Int32 // notYet, taken or givenUp
	done    chan struct{}
}

const (
	notYet int32 = iota
	taken
	givenUp
)

// NewQueue makes a queue whose groups hold at most so many requests. Serve must be called once.
func NewQueue[R any](most int) *Queue[R] {
	return &Queue[R]{Most: most, waiting: make(chan *turn[R], 4*most), stop: make(chan struct{}), ended: make(chan struct{})}
}

// Submit hands a request in and waits until it is served. Errors, of which the writer has then heard nothing: Timeout when
// ctx ends before its turn, Unavailable when the queue is closed. Once its turn has come ctx no longer counts: unfinished,
// unless it is nil, is told that ctx has ended, and Submit returns what it does as soon as it returns an error.
func (q *Queue[R]) Submit(ctx context.Context, request R, unfinished func(done <-chan struct{}) error) error {
	if ctx.Err() != nil {
		return tooLate(ctx)
	}
	t := &turn[R]{request: request, done: make(chan struct{})}
	select {
	case q.waiting <- t:
	case <-ctx.Done():
		return tooLate(ctx)
	case <-q.stop:
		return ClosedStore()
	}
	select {
	case <-t.done:
		return nil
	case <-q.ended:
		if t.state.CompareAndSwap(notYet, givenUp) {
			return ClosedStore()
		}
	case <-ctx.Done():
		if t.state.CompareAndSwap(notYet, givenUp) {
			return tooLate(ctx)
		}
		if unfinished != nil {
			return unfinished(t.done)
		}
	}
	<-t.done
	return nil
}

func tooLate(ctx context.Context) error {
	return fault.Wrap(fault.Timeout, ctx.Err(), "the change was given up before it was applied")
}

// ClosedStore is the error of what is asked of a closed store.
func ClosedStore() error { return fault.New(fault.Unavailable, "the store is closed") }

// Serve calls write with one group after the other until Close; what still waits then is refused by Submit.
func (q *Queue[R]) Serve(write func(group []R)) {
	defer close(q.ended)
	var first *turn[R]
	for answered := 0; ; {
		if first == nil {
			select {
			case first = <-q.waiting:
			case <-q.stop:
				return
			}
		}
		q.gather(answered)
		var group []*turn[R]
		group, first = q.group(first)
		requests := make([]R, len(group))
		for i, t := range group {
			requests[i] = t.request
		}
		if len(group) > 0 {
			write(requests)
		}
		for _, t := range group {
			close(t.done)
		}
		answered = len(group)
	}
}

// gather gives as many callers as were answered last a moment to bring their next request.
func (q *Queue[R]) gather(answered int) {
	if q.Gather == 0 {
		runtime.Gosched()
		return
	}
	for started := time.Now(); len(q.waiting)+1 < answered; {
		switch since := time.Since(started); { // they are about to run: a sleep lasts longer than that takes, where they can
		case since > q.Gather:
			return
		case since < q.Gather/4:
			runtime.Gosched()
		default:
			time.Sleep(20 * time.Microsecond)
		}
	}
}

// group takes first and what waits behind it, up to one that is to be alone: that is next.
func (q *Queue[R]) group(first *turn[R]) (group []*turn[R], next *turn[R]) {
	for t := first; t != nil; {
		alone := q.Alone != nil && q.Alone(t.request)
		if alone && len(group) > 0 {
			return group, t
		}
		if t.state.CompareAndSwap(notYet, taken) {
			group = append(group, t)
		}
		if t = nil; len(group) < q.Most && !(alone && len(group) > 0) {
			select {
			case t = <-q.waiting:
			default:
			}
		}
	}
	return group, nil
}

// Close lets the group that is being written end and refuses what waits. It is safe to call twice.
func (q *Queue[R]) Close() { q.closing.Do(func() { close(q.stop) }) }
