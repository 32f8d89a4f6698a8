package api

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
)

// Options is what a Handler needs.
type Options struct {
	Limits Limits
	Log    *slog.Logger
	// Authorize says who a token belongs to, for sockets whose headers could not carry one: nil when the request's own
	// principal stands. An empty token asks whether that principal may go on.
	Authorize func(ctx context.Context, token string) (context.Context, bool)
}

// Handler answers GraphQL on its current snapshot. It is an http.Handler.
type Handler struct {
	current   atomic.Pointer[Snapshot]
	limits    Limits
	log       *slog.Logger
	authorize func(ctx context.Context, token string) (context.Context, bool)
	swaps     swaps
}

// NewHandler returns a handler that answers on snapshot.
func NewHandler(snapshot *Snapshot, o Options) *Handler {
	h := &Handler{limits: o.Limits, log: o.Log, authorize: o.Authorize}
	h.swaps.changed = make(chan struct{})
	h.current.Store(snapshot)
	return h
}

// Swap makes the handler answer on another snapshot. Running operations finish on theirs; subscriptions are planned anew.
func (h *Handler) Swap(snapshot *Snapshot) {
	h.current.Store(snapshot)
	h.swaps.announce()
}

// Current returns the snapshot that answers now.
func (h *Handler) Current() *Snapshot { return h.current.Load() }

// swaps tells those who wait that the snapshot was exchanged.
type swaps struct {
	mu      sync.Mutex
	changed chan struct{}
}

func (s *swaps) announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

// next returns a channel that is closed at the next exchange.
func (s *swaps) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (h *Handler) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, h.limits.Time)
}
