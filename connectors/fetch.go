package connectors

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"mereon/schema/fault"
)

// grace is how long a request may take to notice that its time is up before it is left behind.
const grace = 30 * time.Millisecond

// fetch makes one request. A connector that does not return in time is left behind with its slot; what it sends later is
// dropped.
func fetch[T any](ctx context.Context, l *link, q *question[T], keys []Key, b *batch[T], calls *ledger, h *hold) {
	if b.failure = l.budget.spend(ctx); b.failure != nil {
		l.complain(b.failure)
		return
	}
	asked := make([]Key, len(b.keys))
	for i, at := range b.keys {
		asked[i] = keys[at]
	}
	now := l.now()
	b.taken = q.collect(asked, now)
	calls.calls.Add(1)
	l.stats.calls.Add(1)
	begun := time.Now()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	sent := asked
	if s, ok := b.taken.(interface{ request() []Key }); ok {
		sent = s.request()
	}
	gate := &gate{to: b.taken, full: b.taken.full, keys: len(sent), enough: cancel}
	err, hung := l.run(inner, func() error { return l.connector.Fetch(inner, q.accept, Batch{Keys: sent, Now: now}, gate) }, h)
	flooded, lie := gate.close()
	calls.told(l.redact(gate.asked))
	if lie != "" {
		l.stats.errors.Add(1)
		l.stats.note(l.runtime.options.Now(), lie)
	}
	if err != nil && !flooded || hung && !flooded {
		b.failure = l.classify(ctx, err, hung)
		l.complain(b.failure)
		return
	}
	l.stats.answer(l.runtime.options.Now(), time.Since(begun))
	for i := range asked {
		if _, f := b.taken.answer(i); f != nil {
			l.complain(f)
			return
		}
	}
}

// run calls a connector in its own goroutine and waits until it returns, or ctx has ended and the grace is over.
func (l *link) run(ctx context.Context, call func() error, h *hold) (err error, hung bool) {
	ended := make(chan error, 1)
	settled := make(chan bool, 1)
	l.spawn(func() {
		ended <- l.protect(call)
		if lent := <-settled; lent {
			h.slots.release()
		}
	})
	select {
	case err = <-ended:
	case <-ctx.Done():
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case err = <-ended:
		case <-timer.C:
			hung = true
		}
	}
	if hung && h != nil {
		h.lent = true
	}
	settled <- hung && h != nil
	return err, hung
}

// protect turns a panic of a connector into an error.
func (l *link) protect(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			l.runtime.options.Log.Error("a connector panicked", "connector", l.name, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = &Failure{Status: Unavailable, Message: "the connector failed by a mistake of its own; see the log"}
		}
	}()
	return call()
}

// classify makes a failure of an error, with no secret in it.
func (l *link) classify(ctx context.Context, err error, hung bool) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		if f.Status == Throttled {
			l.budget.wait(max(f.RetryAfter, 100*time.Millisecond))
		}
		clean := *f
		clean.Message = l.redact(clean.Message)
		return &clean
	}
	if hung || ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return late(ctx)
	}
	if fault.CodeOf(err) == fault.Invalid {
		return &Failure{Status: Unsupported, Message: l.redact(err.Error()), Cause: err}
	}
	return &Failure{Status: Unavailable, Message: shorten(l.redact(err.Error())), Retryable: true, Cause: err}
}

// complain keeps a failure for Health.
func (l *link) complain(f *Failure) {
	if context.Cause(l.ctx) != nil {
		return
	}
	l.stats.failed(l.runtime.options.Now(), f.Message)
}

func shorten(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return text[:most] + "..."
}
