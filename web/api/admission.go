package api

import (
	"context"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/fault"
)

// Admission says whether who asks may ask once more. It is safe for concurrent use. Its errors are *Busy; done must be called
// when what was admitted has ended, and may be called twice.
type Admission interface {
	// Operation admits a query or mutation, or the start of a subscription.
	Operation(ctx context.Context) (done func(), err error)
	// Stream admits what stays: a socket, an event stream, a running subscription.
	Stream(ctx context.Context) (done func(), err error)
}

// Busy refuses somebody who asks too much: over HTTP with the status 429 and Retry-After, over a socket as the error of the
// operation with extensions.retryAfterMs.
type Busy struct {
	Reason *fault.Error // its code is Limit
	After  time.Duration
}

func (b *Busy) Error() string { return b.Reason.Error() }
func (b *Busy) Unwrap() error { return b.Reason }

// everybody admits all.
type everybody struct{}

func (everybody) Operation(context.Context) (func(), error) { return func() {}, nil }
func (everybody) Stream(context.Context) (func(), error)    { return func() {}, nil }

// enter counts a socket or event stream in; leave must be called.
func (h *Handler) enter(ctx context.Context) (leave func(), err error) {
	done, err := h.admission.Stream(ctx)
	if err != nil {
		return nil, err
	}
	if !h.open.enter() {
		done()
		return nil, fault.New(fault.Unavailable, "the service is stopping; connect again")
	}
	return func() { h.open.leave(); done() }, nil
}

// admit makes an operation of a socket ready, when who asks may have one more; a subscription counts as a stream from then on.
func (h *Handler) admit(ctx context.Context, request *Request) (_ *operation, refused *refusal, done func()) {
	done, err := h.admission.Operation(ctx)
	if err != nil {
		return nil, refusedBy(err), func() {}
	}
	op, refused := h.prepare(ctx, request)
	if refused != nil || op.kind() != ast.Subscription {
		return op, refused, done
	}
	done()
	if done, err = h.admission.Stream(ctx); err != nil {
		return nil, refusedBy(err), func() {}
	}
	return op, nil, done
}
