package live

import (
	"slices"
	"time"

	"mereon/connectors"
)

// watch is one caller of Watch.
type watch struct {
	hub     *Hub
	on      func([]Update)
	cells   []*cell // one per input
	marked  []bool
	pending []int // inputs that changed since the last call
	stopped bool
}

// watching is one watcher of a cell: an input of a watch, or the states of an entity.
type watching struct {
	watch *watch
	index int
	state *stateWatch
}

// note remembers that an input changed, for the call at the end of the tick.
func (w *watch) note(index int) {
	if w.marked[index] {
		return
	}
	if len(w.pending) == 0 {
		w.hub.noisy = append(w.hub.noisy, w)
	}
	w.marked[index] = true
	w.pending = append(w.pending, index)
}

// Watch keeps inputs current until stop and calls on with what changed, at most once a tick, never concurrently for one
// watch. The first call comes at once and has every input; those not measured yet are PENDING and follow. on must return
// soon and must not keep the slice; it may watch and stop, but not ask for States or Alarms, which may wait for the tick
// that made the call. inputs is not kept. After stop returned, on is called at most once more, when a call was about to begin.
func (h *Hub) Watch(inputs []Input, on func(changed []Update)) (stop func()) {
	w := &watch{hub: h, on: on, marked: make([]bool, len(inputs)), cells: make([]*cell, len(inputs))}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, in := range inputs {
		c := h.acquire(cellKey{entity: in.Entity, path: in.Path, set: in.RuleSet})
		c.watches = append(c.watches, watching{watch: w, index: i})
		w.cells[i] = c
		w.note(i)
	}
	h.ring()
	return func() { h.unwatch(w) }
}

func (h *Hub) unwatch(w *watch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if w.stopped {
		return
	}
	w.stopped = true
	for _, c := range w.cells {
		c.watches = slices.DeleteFunc(c.watches, func(x watching) bool { return x.watch == w })
		h.release(c)
	}
	h.ring()
}

// notices returns the calls that tell watchers what changed; they are made outside of the lock.
func (h *Hub) notices() []func() {
	var calls []func()
	for _, w := range h.noisy {
		if w.stopped {
			continue
		}
		updates := make([]Update, len(w.pending))
		for k, i := range w.pending {
			updates[k] = update(i, w.cells[i])
			w.marked[i] = false
		}
		w.pending = w.pending[:0]
		calls = append(calls, func() { w.on(updates) })
	}
	h.noisy = h.noisy[:0]
	calls = append(calls, h.stateNotices()...)
	return append(calls, h.alarmNotices()...)
}

// update tells what is known of a cell.
func update(index int, c *cell) Update {
	u := Update{Input: index, Value: c.value, Unit: c.unit, Time: c.time, Status: c.status, Quality: c.quality, Why: c.why}
	if c.rule != nil {
		u.State, u.Scalar, u.Since = c.rule.running.State, c.rule.running.Scalar, c.rule.running.Since
	}
	return u
}

// lease keeps the states of an entity running for some time after somebody asked for them.
type lease struct {
	until time.Time
	cells []*cell
}

func (h *Hub) endLeases(now time.Time) {
	if now.Before(h.leaseEnd) {
		return
	}
	h.leaseEnd = time.Time{}
	for id, l := range h.leases {
		if !now.Before(l.until) {
			for _, c := range l.cells {
				h.release(c)
			}
			delete(h.leases, id)
			continue
		}
		if h.leaseEnd.IsZero() || l.until.Before(h.leaseEnd) {
			h.leaseEnd = l.until
		}
	}
	if len(h.leases) > 0 {
		h.timers.add(h.leaseEnd, nil)
	} else {
		h.leaseEnd = now.Add(h.options.Linger)
	}
}

// settled says whether everything the rule cell reads was answered once, be it by a failure.
func (c *cell) settled() bool {
	if !c.solved {
		return false
	}
	for _, d := range c.deps {
		if !d.solved || d.status == connectors.Pending {
			return false
		}
	}
	return c.status != connectors.Pending
}
