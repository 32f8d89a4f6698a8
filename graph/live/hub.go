package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/query"
	"mereon/rules"
	"mereon/schema"
	"mereon/schema/expr"
)

// Options is what a Hub is opened with. Store, Source, Model and Book are required.
type Options struct {
	Store  graph.Store
	Source connectors.Source
	Model  *schema.Model
	Book   *rules.Book
	// Tick is the shortest time between two evaluations; changes in between are collected. Default 20 ms.
	Tick time.Duration
	// CountEvery is how often counted records are read again. Default 15 s.
	CountEvery time.Duration
	// Linger is how long states that were asked for once stay running. Default 1 min.
	Linger time.Duration
	Log    *slog.Logger // default: discards
}

func (o *Options) ensureDefaults() {
	if o.Tick == 0 {
		o.Tick = 20 * time.Millisecond
	}
	if o.CountEvery == 0 {
		o.CountEvery = 15 * time.Second
	}
	if o.Linger == 0 {
		o.Linger = time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// Hub keeps current values and running rule states. It is safe for concurrent use.
type Hub struct {
	options Options
	ctx     context.Context // ends when the hub closes
	cancel  context.CancelFunc
	tasks   sync.WaitGroup
	wake    chan struct{} // capacity 1: something is to be done

	inbox inbox // what arrived from sources since the last evaluation

	mu           sync.Mutex // guards all below
	model        *schema.Model
	book         *rules.Book
	computed     *expr.Computed
	paths        map[typePath]property
	cells        map[cellKey]*cell
	records      map[graph.EntityID]*record
	standing     map[graph.EntityID][]*cell // the alarm sets of each entity, which always run
	leases       map[graph.EntityID]lease
	leaseEnd     time.Time // when the first lease ends; zero: look
	timers       timers
	dirty        [maxLevel + 1][]*cell
	unsolved     []*cell // cells whose dependencies are to be found
	series       seriesSet
	counts       countSet
	noisy        []*watch // watches with something to tell
	stateWatches map[*stateWatch]struct{}
	alarms       map[*cell]struct{} // rule cells whose alarm is active
	alarmed      bool               // the active alarms changed since they were last told
	onAlarms     map[*alarmWatch]struct{}
	isSettled    bool          // every standing rule set was answered once
	fresh        chan struct{} // closed and replaced after every evaluation
	counter      Counters
}

// Counters say what the hub did since it was opened.
type Counters struct {
	Ticks       int // evaluations
	Evaluations int // rule steps and computed values
	Cells       int // values, references and rule states kept now
	Watches     int // watches on sources begun
}

var _ query.States = (*Hub)(nil)

// Open starts a hub: it finds the entities of all rule sets with an alarm and begins to follow graph and sources. ctx covers
// opening only. It fails with the store's errors.
func Open(ctx context.Context, options Options) (*Hub, error) {
	options.ensureDefaults()
	h := &Hub{
		options: options, wake: make(chan struct{}, 1), fresh: make(chan struct{}),
		cells: map[cellKey]*cell{}, records: map[graph.EntityID]*record{}, standing: map[graph.EntityID][]*cell{},
		stateWatches: map[*stateWatch]struct{}{}, leases: map[graph.EntityID]lease{}, alarms: map[*cell]struct{}{}, onAlarms: map[*alarmWatch]struct{}{},
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.inbox.open()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.use(options.Model, options.Book)
	revision, err := h.enlist(ctx)
	if err == nil {
		err = h.solve(ctx)
	}
	if err != nil {
		h.cancel()
		h.series.close()
		return nil, err
	}
	h.tasks.Go(func() { h.follow(revision) })
	h.tasks.Go(h.run)
	h.ring()
	return h, nil
}

// use takes a model and its rules; everything found by the old ones must be found anew.
func (h *Hub) use(m *schema.Model, b *rules.Book) {
	h.model, h.book = m, b
	h.paths = map[typePath]property{}
	computed, problems := expr.CompileModel(m)
	if problems != nil {
		h.options.Log.Warn("computed properties cannot be evaluated", "problems", problems.Error())
		computed = &expr.Computed{}
	}
	h.computed = computed
}

// Close ends all watches and waits for running calls. It is safe to call twice.
func (h *Hub) Close() error {
	h.cancel()
	h.tasks.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.series.close()
	return nil
}

// Counters returns what the hub did since it was opened.
func (h *Hub) Counters() Counters {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.counter
	c.Cells, c.Watches = len(h.cells), h.series.begun
	return c
}

// ring says that something is to be done.
func (h *Hub) ring() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// run evaluates when something arrived or a timer is due, at most once a tick.
func (h *Hub) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-h.wake:
		case <-timer.C:
		}
		next := h.tick(time.Now())
		pause := time.NewTimer(h.options.Tick)
		select {
		case <-h.ctx.Done():
			pause.Stop()
			return
		case <-pause.C:
		}
		timer.Reset(max(time.Until(next), 0))
	}
}

// idle is how long the loop sleeps when no timer is set.
const idle = time.Hour

// tick evaluates what changed and tells those who watch; it returns when it must run again.
func (h *Hub) tick(now time.Time) time.Time {
	h.mu.Lock()
	h.counter.Ticks++
	h.receive(now)
	h.expire(now)
	if err := h.solve(h.ctx); err != nil && h.ctx.Err() == nil {
		h.options.Log.Warn("the graph cannot be read; live values wait", "error", err)
		h.timers.add(now.Add(retryEvery), nil)
	}
	h.evaluate(now)
	h.counts.begin(h, now)
	calls := h.notices()
	next := now.Add(idle)
	if at, ok := h.timers.next(); ok {
		next = at
	}
	close(h.fresh)
	h.fresh = make(chan struct{})
	h.mu.Unlock()
	for _, call := range calls {
		call()
	}
	return next
}

// retryEvery is how long the hub waits after the store failed.
const retryEvery = time.Second
