package query

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"mereon/graph"
	"mereon/schema/access"
	"mereon/schema/fault"
)

// Request is one execution of a plan.
type Request struct {
	Variables map[string]any // coerced by validation
	Explain   bool           // fill Result.Explain
	// IdempotencyKey is that of all changes of a mutation that have none of their own; "" for none.
	IdempotencyKey string
	Feed           *FeedPosition // entityChanges: where an earlier subscription stopped; nil to begin as the operation says
	// Accepted is the revision at which a subscription was accepted: entityChanges without from begins after it. 0: now.
	Accepted graph.Revision
	// After is the cursor of the last change of entityChanges that the caller has; it counts before the arguments. "": none.
	After string
	// Began hears the cursor from which entityChanges follows the log, before the first change; false ends it. Nil: nobody.
	Began func(cursor string) (wanted bool)
	// Ran hears of every run of a live query, after its answer was passed on where it differs: the newest answer holds at
	// the revision. Nil: nobody.
	Ran func(graph.Revision)
}

// execution is one run of a plan. It is used by one goroutine, except where tasks run beside it and say so.
type execution struct {
	engine    *Engine
	plan      *Plan
	ctx       context.Context
	variables map[string]any
	guards    uint64
	view      graph.View
	now       time.Time
	frames    []*frame     // by level
	questions []*question  // by level
	bounds    []float64    // by level: how many rows it may have
	prices    []float64    // by level: how many values it may touch
	looked    float64      // rows that deciding filters may look at, in all
	rows      atomic.Int64 // looked at so far
	tasks     *crew
	own       crew       // tasks, but while parts are read
	turn      sync.Mutex // who reads or writes parts, and tasks that make frames for one of them
	w         writer
	tally     report
	preset    []graph.EntityID // of the only root of a mutation's answer
	commit    *appliedChange   // what a mutation did
	change    *entityChange    // of the only root of an answer to entityChanges
	pushed    *pushedReadings  // live queries: what sources sent
}

// Execute runs a query. The principal in ctx must be allowed to read. The Result holds no reference to the plan's buffers.
func (p *Plan) Execute(ctx context.Context, r Request) Result {
	if !access.FromContext(ctx).MayRead() {
		return failed(fault.New(fault.Forbidden, "reading needs a token with the role viewer or operator"))
	}
	if p.mutations != nil {
		return p.mutate(ctx, r)
	}
	x, err := p.start(ctx, r)
	if err != nil {
		return failed(err)
	}
	defer x.release()
	if err := x.afford(); err != nil {
		return failed(err)
	}
	x.fetch()
	return x.answer()
}

// start takes an execution from the pool and opens a view for it.
func (p *Plan) start(ctx context.Context, r Request) (*execution, error) {
	view, err := graph.LateView(ctx, p.engine.store)
	if err != nil {
		return nil, err
	}
	x := p.engine.pool.Get().(*execution)
	x.engine, x.plan, x.ctx, x.view, x.variables = p.engine, p, ctx, view, r.Variables
	x.now = p.engine.now()
	x.tasks = &x.own
	x.guards = p.guardBits(r.Variables)
	x.tally.reset(r.Explain)
	x.w.x, x.w.buf, x.w.path, x.w.volatile = x, x.w.buf[:0], x.w.path[:0], x.w.volatile[:0]
	n := len(p.levels)
	if cap(x.frames) < n {
		x.frames, x.questions = make([]*frame, n), make([]*question, n)
	}
	x.frames, x.questions = x.frames[:n], x.questions[:n]
	x.frames[0] = rootFrame
	return x, nil
}

var rootFrame = &frame{n: 1, offsets: []int32{0, 1}}

// release gives the execution back to the pool; nothing it made may be used any more. It is to be deferred: what has
// panicked is not used again.
func (x *execution) release() {
	p := recover()
	x.own.settle()
	x.view.Close()
	if p != nil {
		panic(p)
	}
	clear(x.frames)
	clear(x.questions)
	engine := x.engine
	x.ctx, x.view, x.variables, x.plan, x.preset, x.commit, x.change, x.pushed = nil, nil, nil, nil, nil, nil, nil, nil
	x.rows.Store(0)
	x.tally.reset(false)
	x.w.sequences = nil
	if cap(x.w.buf) > maxPooledBuffer {
		x.w.buf = nil
	}
	engine.pool.Put(x)
}

const maxPooledBuffer = 1 << 20

// fetch reads every level, wave by wave: first what the graph knows, in one batch per level; then, beside the next wave,
// what connectors know, in one call per connector. Rows that come from connectors are waited for by the wave that needs them.
func (x *execution) fetch() {
	x.read()
	x.wait()
}

// read reads what is wanted and was not read for an earlier part; connectors may still be asked when it returns.
func (x *execution) read() {
	x.enrich(x.plan.waves[0]) // root fields that are records
	for _, wave := range x.plan.waves[1:] {
		if x.needsRecords(wave) {
			x.wait()
		}
		x.readWave(wave)
		x.enrich(wave)
	}
}

// has says whether a level was read.
func (x *execution) has(lv *level) bool {
	f := x.frames[lv.id]
	return f != nil && !f.unwanted
}

// due says whether a level is still to be read.
func (x *execution) due(lv *level) bool { return lv.guards.hold(x.guards) && !x.has(lv) }

// readWave reads the rows of every level of a wave. Levels that ask connectors to decide their rows do so side by side.
func (x *execution) readWave(wave []*level) {
	var deciding crew
	for _, lv := range wave {
		if lv.cut != nil && lv.guards.hold(x.soonOrLate()) {
			x.question(lv) // asked for by several at once
		}
	}
	for k, lv := range wave {
		if k < len(wave)-1 && x.decides(lv) {
			deciding.Go(func() { x.readLevel(lv) })
		} else {
			x.readLevel(lv)
		}
	}
	deciding.Wait()
	for _, lv := range wave {
		if lv.cut != nil && lv.record == nil && x.frames[lv.id] == nil {
			x.frames[lv.id] = unwanted(lv) // comes with its connection, later
		}
	}
}

// decides says whether reading a level asks connectors.
func (x *execution) decides(lv *level) bool {
	if !lv.list || lv.record != nil || lv.cut != nil || !x.due(lv) || x.frames[lv.parent.id].err != nil {
		return false
	}
	q := x.question(lv)
	return q.err == nil && q.decided()
}

// needsRecords says whether a level of the wave starts from rows that a connector gives. Levels of records are on their way
// already, or are waited for when they are asked.
func (x *execution) needsRecords(wave []*level) bool {
	for _, lv := range wave {
		if lv.parent.record != nil && (x.comesWith(lv.parent, lv) || lv.record == nil && x.due(lv)) {
			return true
		}
	}
	return false
}

// readLevel reads the rows of a level that the graph knows. Levels of records are read by enrich, with the wave above.
func (x *execution) readLevel(lv *level) {
	if lv.record != nil {
		return
	}
	if lv.cut != nil {
		x.readCut(lv)
		return
	}
	defer x.settleCuts(lv)
	if x.has(lv) {
		return
	}
	if !lv.guards.hold(x.guards) { // decided first: rows of records above may still be on their way
		x.frames[lv.id] = unwanted(lv)
		return
	}
	parent := x.frames[lv.parent.id]
	if parent.err != nil {
		x.frames[lv.id] = unwanted(lv)
		return
	}
	q := x.question(lv)
	if q.err == nil && lv.idle(q) {
		x.frames[lv.id] = &frame{level: lv, offsets: []int32{0}}
		return
	}
	var f *frame
	err := q.err
	if err == nil {
		started := time.Now()
		f, err = lv.rows.(graphSource).read(x, lv, q)
		x.tally.graphStep(lv, parent, f, started)
	}
	if err == nil {
		err = x.spend(f.n - f.free)
	}
	if err != nil {
		f = &frame{level: lv, err: x.told(err), offsets: []int32{0}}
	}
	x.frames[lv.id] = f
}

func (x *execution) question(lv *level) *question {
	if q := x.questions[lv.id]; q != nil {
		return q
	}
	q := lv.fixed
	if x.preset != nil && lv.depth == 1 {
		q = &question{types: lv.types, ids: x.preset, columns: lv.columns}
		x.dynamicColumns(lv, q)
	} else if q == nil || len(lv.dynamic) > 0 {
		fresh := x.engine.catalog.question(lv, x.variables, &x.engine.limits)
		q = &fresh
		x.dynamicColumns(lv, q)
	}
	if lv.record != nil || q.rest != nil {
		q = x.inline(lv, q)
	}
	x.questions[lv.id] = q
	return q
}

// spend counts rows against the row budget.
func (x *execution) spend(n int) error {
	if limit := x.engine.limits.Rows; x.rows.Add(int64(n)) > int64(limit) {
		return x.overBudget()
	}
	return nil
}

func (x *execution) overBudget() error {
	return fault.New(fault.Limit, "the operation would read more than %d rows (limits.rows); ask for smaller pages or filter more", x.engine.limits.Rows)
}

func (x *execution) budget() int { return max(1, x.engine.limits.Rows-int(x.rows.Load())) }

// told turns the end of the context into a coded error; a coded cause of the end says itself what to do.
func (x *execution) told(err error) error {
	if x.ctx.Err() != nil {
		if cause, ok := errors.AsType[*fault.Error](context.Cause(x.ctx)); ok {
			return cause
		}
		return fault.Wrap(fault.Timeout, x.ctx.Err(), "the operation ran out of time")
	}
	return err
}
