package live

import (
	"context"
	"slices"
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/query"
	"mereon/schema"
)

// firstAnswer is how long a question waits for sources that were not asked before; what is still missing then is unknown.
const firstAnswer = 2 * time.Second

// States implements query.States. Rule sets that do not run yet are started, waited for until their inputs are known (two
// seconds at most, or ctx), and stay running for a while, so that asking again is cheap.
func (h *Hub) States(ctx context.Context, ids []graph.EntityID) ([][]query.State, error) {
	cells, err := h.hold(ctx, ids)
	if err != nil {
		return nil, err
	}
	h.await(ctx, func() bool {
		for _, list := range cells {
			if slices.ContainsFunc(list, func(c *cell) bool { return !c.settled() }) {
				return false
			}
		}
		return true
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	out := make([][]query.State, len(ids))
	for i, list := range cells {
		out[i] = make([]query.State, 0, len(list))
		for _, c := range list {
			if c.rule != nil {
				out[i] = append(out[i], c.state(now))
			}
			h.release(c)
		}
	}
	return out, nil
}

// hold borrows the rule cells of every entity and counts one more use of each, so that they live until they are released.
func (h *Hub) hold(ctx context.Context, ids []graph.EntityID) ([][]*cell, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	cells, err := h.borrow(ctx, ids, time.Now())
	for _, list := range cells {
		for _, c := range list {
			c.uses++
		}
	}
	return cells, err
}

// await waits until done, which is called with the lock held, ctx or the limit.
func (h *Hub) await(ctx context.Context, done func() bool) {
	limit := time.NewTimer(firstAnswer)
	defer limit.Stop()
	for {
		h.mu.Lock()
		fresh, ready := h.fresh, done()
		h.mu.Unlock()
		if ready {
			return
		}
		select {
		case <-fresh:
		case <-limit.C:
			return
		case <-ctx.Done():
			return
		case <-h.ctx.Done():
			return
		}
	}
}

// borrow returns the rule cells of every entity, by rule set, and keeps them for a while.
func (h *Hub) borrow(ctx context.Context, ids []graph.EntityID, now time.Time) ([][]*cell, error) {
	kinds := make([]*cell, len(ids))
	for i, id := range ids {
		kinds[i] = h.acquire(cellKey{entity: id, path: graph.ColumnType})
	}
	defer func() {
		for _, c := range kinds {
			h.release(c)
		}
		h.ring()
	}()
	if err := h.solve(ctx); err != nil {
		return nil, err
	}
	out := make([][]*cell, len(ids))
	for i, id := range ids {
		r := h.records[id]
		if !r.exists {
			continue
		}
		for _, s := range h.book.For(r.kind) {
			out[i] = append(out[i], h.acquire(cellKey{entity: id, set: s.Name}))
		}
		h.lend(id, out[i], now)
	}
	if err := h.solve(ctx); err != nil {
		return nil, err
	}
	h.evaluate(now)
	return out, nil
}

// lend keeps cells, acquired by the caller, for as long as states linger.
func (h *Hub) lend(id graph.EntityID, cells []*cell, now time.Time) {
	for _, c := range h.leases[id].cells {
		h.release(c)
	}
	until := now.Add(h.options.Linger)
	h.leases[id] = lease{until: until, cells: cells}
	if h.leaseEnd.IsZero() || h.leaseEnd.After(until) {
		h.leaseEnd = until
	}
	if len(h.leases) == 1 {
		h.timers.add(until, nil)
	}
}

// state tells the result of a rule cell with its explanation.
func (c *cell) state(now time.Time) query.State {
	s := c.rule
	out := query.State{RuleSet: s.set.Name, State: s.running.State, Scalar: s.running.Scalar, Since: s.running.Since,
		Unknown: s.running.Missing, Error: s.running.Err}
	if s.problem != "" && out.Error == "" {
		out.Error = s.problem
	}
	if s.alarm != nil {
		out.Severity, out.Message = s.set.Alarm.Severity, s.alarm.text()
	}
	for i, in := range s.set.Inputs {
		d := c.deps[i]
		out.Inputs = append(out.Inputs, query.Input{Name: in.Name, Path: string(in.Path), Value: d.value, Unit: d.unit, Time: d.time,
			Status: string(d.status), Quality: string(d.quality)})
	}
	for i, p := range s.set.Params {
		out.Inputs = append(out.Inputs, query.Input{Name: p.Name, Path: "params." + p.Name, Value: s.params[i], Unit: p.Unit, Status: string(connectors.OK)})
	}
	values := s.values
	if values == nil {
		values = make([]schema.Value, len(s.params)+len(s.set.Inputs))
	}
	for _, e := range s.set.Explain(s.running, values, now) {
		out.Steps = append(out.Steps, query.Step{State: e.State, When: e.When, Result: e.Result, Winner: e.Winner, Holding: e.Holding})
	}
	return out
}

// stateWatch is one caller of WatchStates.
type stateWatch struct {
	ids     []graph.EntityID // nil: all that run
	on      func(graph.EntityID)
	cells   []*cell
	pending map[graph.EntityID]struct{}
	stopped bool
}

func (w *stateWatch) note(id graph.EntityID) { w.pending[id] = struct{}{} }

// WatchStates implements query.States; nil ids means every rule set that runs. on must not ask for States or Alarms.
func (h *Hub) WatchStates(ids []graph.EntityID, on func(graph.EntityID)) (stop func()) {
	w := &stateWatch{ids: slices.Clone(ids), on: on, pending: map[graph.EntityID]struct{}{}}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stateWatches[w] = struct{}{}
	if ids != nil {
		h.attach(w)
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if !w.stopped {
			w.stopped = true
			delete(h.stateWatches, w)
			h.detach(w, w.cells)
		}
	}
}

// attach makes the rule sets of the watched entities run.
func (h *Hub) attach(w *stateWatch) {
	old := w.cells
	cells, err := h.borrow(h.ctx, w.ids, time.Now())
	if err != nil {
		h.options.Log.Warn("states cannot be watched", "error", err)
		return
	}
	w.cells = nil
	for _, list := range cells {
		for _, c := range list {
			c.uses++
			c.watches = append(c.watches, watching{state: w})
			w.cells = append(w.cells, c)
		}
	}
	h.detach(w, old)
}

// attachNew makes watches of an entity that came or changed its type follow its rule sets.
func (h *Hub) attachNew(id graph.EntityID) {
	for w := range h.stateWatches {
		if slices.Contains(w.ids, id) {
			w.note(id)
			h.attach(w)
		}
	}
}

func (h *Hub) detach(w *stateWatch, cells []*cell) {
	for _, c := range cells {
		if i := slices.IndexFunc(c.watches, func(x watching) bool { return x.state == w }); i >= 0 {
			c.watches = slices.Delete(c.watches, i, i+1)
		}
		h.release(c)
	}
}

func (h *Hub) stateNotices() []func() {
	var calls []func()
	for w := range h.stateWatches {
		if len(w.pending) == 0 {
			continue
		}
		changed := w.pending
		w.pending = map[graph.EntityID]struct{}{}
		calls = append(calls, func() {
			for id := range changed {
				w.on(id)
			}
		})
	}
	return calls
}

// told notes a change of a rule cell for those who watch states.
func (h *Hub) told(c *cell) {
	for w := range h.stateWatches {
		if w.ids == nil {
			w.note(c.key.entity)
		}
	}
}
