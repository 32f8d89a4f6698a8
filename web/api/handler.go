package api

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql/handler/lru"

	"mereon/graph"
)

// Options is what a Handler needs.
type Options struct {
	Limits Limits
	Log    *slog.Logger
	// Authorize says who the bearer of a token is, for sockets whose headers could not carry one; "" stands for no token. False
	// when it may not go on. Nil: whoever the request's own context names.
	Authorize func(ctx context.Context, token string) (context.Context, bool)
	// Await waits until the graph is at a revision, for requests that demand one. Nil: it always is.
	Await func(ctx context.Context, r graph.Revision) error
	// OnlyTrusted refuses documents that the snapshots do not trust, except to those who may change the project.
	OnlyTrusted bool
	// Admission bounds what one caller asks. Nil: nobody is refused.
	Admission Admission
}

// Handler answers GraphQL on its current snapshot. It is an http.Handler.
type Handler struct {
	current   atomic.Pointer[Snapshot]
	limits    Limits
	tooLong   error // the refusal of what exceeds limits.Time
	log       *slog.Logger
	authorize func(ctx context.Context, token string) (context.Context, bool)
	await     func(ctx context.Context, r graph.Revision) error
	admission Admission

	onlyTrusted bool
	persisted   *lru.LRU[string] // texts by hash

	initTime   time.Duration // until a socket must have sent connection_init
	writeTime  time.Duration // a reader that takes nothing for so long is let go
	maxOwed    int64         // bytes that a socket may owe its reader
	buffered   atomic.Int64  // bytes made for readers that have not taken them
	turns      turns
	swaps      swaps
	open       connections
	broadcasts broadcasts
	computed   atomic.Int64 // answers of subscriptions
}

const (
	initTime  = 5 * time.Second
	writeTime = 8 * time.Second
)

// NewHandler returns a handler that answers on snapshot.
func NewHandler(snapshot *Snapshot, o Options) *Handler {
	o.Limits.ensureDefaults()
	h := &Handler{limits: o.Limits, tooLong: o.Limits.tooLong(), log: o.Log, authorize: o.Authorize, await: o.Await, initTime: initTime, writeTime: writeTime, maxOwed: maxOwed}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	h.onlyTrusted, h.persisted = o.OnlyTrusted, lru.New[string](keptPersisted)
	if h.admission = o.Admission; h.admission == nil {
		h.admission = everybody{}
	}
	h.swaps.changed = make(chan struct{})
	h.open.closing = make(chan struct{})
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

// Close ends every socket and event stream, so that their clients connect again elsewhere, and waits for them until ctx ends.
// Streams that are asked for afterwards are refused. It is safe to call twice.
func (h *Handler) Close(ctx context.Context) error { return h.open.close(ctx) }

// LiveQueries returns how many live queries run, each for all who asked the same, and how many answers were computed for
// subscriptions so far.
func (h *Handler) LiveQueries() (running int, computed int64) {
	return h.broadcasts.count(), h.computed.Load()
}

// Streams returns how many sockets and event streams are open.
func (h *Handler) Streams() int { return h.open.count() }

// Buffered returns how many bytes of answers are made for sockets and event streams that have not taken them yet.
func (h *Handler) Buffered() int64 { return h.buffered.Load() }

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

// connections are the sockets and event streams that are open.
type connections struct {
	mu      sync.Mutex
	closing chan struct{}
	closed  bool
	n       int
	idle    chan struct{} // closed when none is left, after closing
}

// enter counts one more; false after close.
func (c *connections) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.n++
	return true
}

func (c *connections) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n--; c.n == 0 && c.closed {
		close(c.idle)
	}
}

func (c *connections) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func (c *connections) close(ctx context.Context) error {
	c.mu.Lock()
	if !c.closed {
		c.closed, c.idle = true, make(chan struct{})
		close(c.closing)
		if c.n == 0 {
			close(c.idle)
		}
	}
	c.mu.Unlock()
	select {
	case <-c.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
