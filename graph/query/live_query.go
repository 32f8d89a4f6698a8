package query

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// live re-runs a plan whenever something it read changed, and sends the answer when it differs from the last.
func (p *Plan) live(ctx context.Context, r Request, yield func(Result) bool) {
	every, err := p.everyArgument(r)
	if err != nil {
		yield(failed(err))
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	q := &liveQuery{plan: p, wake: make(chan struct{}, 1), pushed: newPushedReadings()}
	q.pushed.changed = q.signal
	defer q.stop()
	defer cancel()
	var last []byte
	for {
		result, compared, wait := q.run(ctx, r)
		if every > 0 && (wait == 0 || every < wait) {
			wait = every
		}
		if ctx.Err() != nil {
			return
		}
		if !bytes.Equal(compared, last) {
			last = compared
			if !yield(result) || result.Data == nil {
				return
			}
		}
		if r.Ran != nil {
			r.Ran(result.Revision)
		}
		q.follow(ctx, result.Revision)
		if !q.wait(ctx, wait) {
			return
		}
	}
}

// shortestEvery is how often a live query may ask again at most.
const shortestEvery = 100 * time.Millisecond

// everyArgument is how often to ask again when nothing announces a change; 0: never.
func (p *Plan) everyArgument(r Request) (time.Duration, error) {
	args, err := argumentsOf(p.rootField, r.Variables)
	if err != nil {
		return 0, err
	}
	every, err := schema.ParseValue(args["every"], schema.ValueType{Scalar: schema.Duration}, nil)
	if err != nil {
		return 0, fault.Wrap(fault.Invalid, err, "every")
	}
	if !every.IsNull() && every.Duration() < shortestEvery {
		return 0, fault.New(fault.Limit, "every must be at least %s", shortestEvery)
	}
	return every.Duration(), nil
}

// settle is how long changes that come together are gathered before a live query runs again.
const settle = 20 * time.Millisecond

// liveQuery is one running live query: what it watches and how it is woken.
type liveQuery struct {
	plan      *Plan
	wake      chan struct{}
	pushed    *pushedReadings
	following bool
	done      sync.WaitGroup
	ids       []graph.EntityID
	stops     []func()
}

func (q *liveQuery) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *liveQuery) stop() {
	q.pushed.close()
	for _, stop := range q.stops {
		stop()
	}
	q.done.Wait()
}

// run executes the plan once. compared is the answer without what changes with time alone; stale is when the next value
// becomes stale by itself, 0 for never.
func (q *liveQuery) run(ctx context.Context, r Request) (Result, []byte, time.Duration) {
	x, err := q.plan.start(ctx, r)
	if err != nil {
		return failed(err), nil, 0
	}
	defer x.release()
	if err := x.afford(); err != nil {
		return failed(err), nil, 0
	}
	x.pushed = q.pushed
	x.fetch()
	result := x.answer()
	compared := steady(x.w.buf, x.w.volatile)
	for _, e := range result.Errors {
		compared = append(append(compared, e.Message...), 0)
	}
	q.watchRules(x)
	q.pushed.watch(x.engine.source)
	return result, compared, x.nextStale()
}

// steady is an answer without the ranges that change with time alone.
func steady(data []byte, volatile []int) []byte {
	out := make([]byte, 0, len(data))
	at := 0
	for k := 0; k+1 < len(volatile); k += 2 {
		out = append(out, data[at:volatile[k]]...)
		at = volatile[k+1]
	}
	return append(out, data[at:]...)
}

// follow wakes the query on every later change of the graph.
func (q *liveQuery) follow(ctx context.Context, from graph.Revision) {
	if q.following {
		return
	}
	q.following = true
	q.done.Go(func() {
		for ctx.Err() == nil {
			q.changes(ctx, from)
			from = q.restart(ctx, from)
		}
	})
}

func (q *liveQuery) changes(ctx context.Context, from graph.Revision) {
	for _, err := range q.plan.engine.store.Watch(ctx, from) {
		if err != nil {
			return
		}
		q.signal()
	}
}

// restart runs the query anew when the change log no longer reaches back, or the store could not be reached, and says from
// which revision to go on.
func (q *liveQuery) restart(ctx context.Context, from graph.Revision) graph.Revision {
	select {
	case <-ctx.Done():
		return from
	case <-time.After(restartAfter):
	}
	if view, err := q.plan.engine.store.View(ctx); err == nil {
		from = view.Revision()
		view.Close()
	}
	q.signal()
	return from
}

// restartAfter is the pause before following the graph again.
const restartAfter = 200 * time.Millisecond

func (q *liveQuery) wait(ctx context.Context, stale time.Duration) bool {
	var timer <-chan time.Time
	if stale > 0 {
		t := time.NewTimer(stale + time.Millisecond)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-timer:
		return true
	case <-q.wake:
	}
	t := time.NewTimer(settle)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// watchRules keeps watching the states of the entities in the answer, and the alarms when they are selected.
func (q *liveQuery) watchRules(x *execution) {
	var ids []graph.EntityID
	alarms := false
	for _, lv := range x.plan.levels[1:] {
		f := x.frames[lv.id]
		if _, is := lv.rows.(alarmSource); is {
			alarms = true
		}
		if lv.states == nil || f == nil {
			continue
		}
		id := f.columnOf(graph.ColumnID)
		for i := range f.n {
			ids = append(ids, graph.EntityID(f.cell(id, i).Text()))
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(q.stops) > 0 && slices.Equal(ids, q.ids) {
		return
	}
	for _, stop := range q.stops {
		stop()
	}
	q.ids, q.stops = ids, q.stops[:0]
	if len(ids) > 0 {
		q.stops = append(q.stops, x.engine.states.WatchStates(ids, func(graph.EntityID) { q.signal() }))
	}
	if alarms {
		q.stops = append(q.stops, x.engine.states.WatchAlarms(q.signal))
	}
}

// nextStale returns how long it takes until the next good value is too old; 0 when none will be.
func (x *execution) nextStale() time.Duration {
	next := time.Duration(0)
	for _, f := range x.frames {
		if f == nil {
			continue
		}
		for _, c := range f.live {
			if c == nil {
				continue
			}
			for i := range c.cells {
				cell := &c.cells[i]
				if cell.status != connectors.OK || cell.limit == 0 {
					continue
				}
				if left := max(1, cell.limit-cell.age); next == 0 || left < next {
					next = left
				}
			}
		}
	}
	return next
}
