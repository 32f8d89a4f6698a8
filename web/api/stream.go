package api

import (
	"bytes"
	"context"
	"iter"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph/query"
)

// answers gives the answers of any operation: one for a query or mutation, many for a subscription. A subscription goes on
// over exchanges of the model as long as it is valid; an answer that an exchange did not change is not repeated.
func (h *Handler) answers(ctx context.Context, op *operation) iter.Seq[answer] {
	return func(yield func(answer) bool) {
		if op.kind() != ast.Subscription {
			ctx, cancel := h.deadline(ctx)
			defer cancel()
			if op.inParts() {
				op.answerInParts(ctx, yield)
				return
			}
			yield(op.answer(ctx))
			return
		}
		if err := op.awaitRevision(ctx); err != nil {
			yield(refusedBy(err).answer())
			return
		}
		s := subscription{handler: h, yield: yield}
		for s.run(ctx, op) {
			next, refused := h.prepare(ctx, op.request)
			if refused != nil {
				yield(refused.answer())
				return
			}
			next.accepted = op.accepted
			op = next
		}
	}
}

// subscription is a subscription over all the snapshots it lives through.
type subscription struct {
	handler *Handler
	yield   func(answer) bool
	last    []byte // the body sent last
	feed    query.FeedPosition
}

// run runs the subscription on one snapshot. It returns true when the snapshot was exchanged meanwhile.
func (s *subscription) run(ctx context.Context, op *operation) (again bool) {
	exchanged := s.handler.swaps.next()
	if s.handler.Current() != op.snapshot {
		return true
	}
	var wanted bool
	if op.shared() {
		wanted = s.join(ctx, op, exchanged)
	} else {
		wanted = s.follow(ctx, op, exchanged)
	}
	select {
	case <-exchanged:
		return wanted && ctx.Err() == nil
	default:
		return false
	}
}

// join passes on the answers of the broadcast that all equal subscriptions have.
func (s *subscription) join(ctx context.Context, op *operation, exchanged <-chan struct{}) (wanted bool) {
	one := s.handler.broadcasts.join(ctx, op)
	defer s.handler.broadcasts.leave(one)
	first := true
	return one.watch(ctx, exchanged, op.accepted, func(a answer) bool {
		if first && bytes.Equal(a.body, s.last) {
			first = false
			return true
		}
		first, s.last = false, a.body
		return s.yield(a)
	})
}

// follow runs a subscription that is its caller's own: a feed with a position, or frames of a scene.
func (s *subscription) follow(ctx context.Context, op *operation, exchanged <-chan struct{}) (wanted bool) {
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		select {
		case <-exchanged:
			cancel()
		case <-running.Done():
		}
	}()
	wanted = s.deliver(running, op)
	cancel()
	<-watching
	return wanted
}

// deliver passes on answers until ctx ends, the subscription does, or nobody wants them, which is false.
func (s *subscription) deliver(ctx context.Context, op *operation) (wanted bool) {
	yielding := false
	defer func() {
		if yielding {
			return // a panic of the receiver is not ours to stop
		}
		if panicked := recover(); panicked != nil {
			s.yield(s.handler.panicked(panicked))
			wanted = false
		}
	}()
	first, left := true, false
	request := op.planRequest()
	request.Feed, request.Accepted, request.After = &s.feed, op.accepted, op.request.lastEvent
	if op.request.events {
		request.Began = func(cursor string) bool {
			yielding = true
			left = !s.yield(answer{id: cursor})
			yielding = false
			return !left
		}
	}
	for r := range op.legs[0].plan.Subscribe(ctx, request) {
		if ctx.Err() != nil {
			return true
		}
		a := op.finish(op.partOf(r))
		s.handler.computed.Add(1)
		if first && !s.feed.Begun() && bytes.Equal(a.body, s.last) {
			first = false
			continue
		}
		first, s.last = false, a.body
		yielding = true
		ok := s.yield(a)
		yielding = false
		if !ok {
			return false
		}
	}
	return !left
}
