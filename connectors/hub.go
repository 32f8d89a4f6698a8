package connectors

import (
	"sync"
	"time"

	"mereon/schema"
)

// hub keeps all watched references of one connector current for everybody who watches: ten who watch cost the source the
// same as one.
type hub struct {
	link *link

	changing sync.Mutex // held while the set of references changes, in the source too; taken before mu
	mu       sync.Mutex
	refs     map[string]*watched
	set      WatchSet // the running push, nil when there is none
	down     bool     // the push says that its source cannot be reached
	closed   bool
	begun    bool
	turn     uint64 // grows with every push, so that an answer asked for before a push does not undo it
}

// watched is one reference and those who watch it.
type watched struct {
	reading Reading
	known   bool
	pushed  uint64 // the hub's turn of the last push
	watches map[*watch]struct{}
}

func (h *hub) open(l *link) {
	h.link, h.refs = l, map[string]*watched{}
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
}

func (h *hub) watched() (refs int, push bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.refs), h.set != nil && !h.down
}

// watch adds a caller. What is known is told at once, the rest as soon as it is.
func (h *hub) watch(refs []string, on func(string, Reading)) (stop func()) {
	w := &watch{on: on}
	h.changing.Lock()
	defer h.changing.Unlock()
	h.mu.Lock()
	var added []string
	for _, ref := range refs {
		e := h.refs[ref]
		if e == nil {
			e = &watched{watches: map[*watch]struct{}{}}
			h.refs[ref] = e
			added = append(added, ref)
		}
		if _, twice := e.watches[w]; twice {
			continue
		}
		e.watches[w] = struct{}{}
		if e.known && !h.closed {
			w.offer(ref, e.reading, h.link.spawn)
		}
	}
	set := h.set
	if !h.begun && !h.closed {
		h.begun = true
		h.link.spawn(h.keep)
	}
	h.mu.Unlock()
	if len(added) > 0 {
		if set != nil {
			set.Add(added...)
		}
		h.link.spawn(func() { h.look(added) })
	}
	return sync.OnceFunc(func() { h.leave(w, refs) })
}

func (h *hub) leave(w *watch, refs []string) {
	w.stop()
	h.changing.Lock()
	defer h.changing.Unlock()
	h.mu.Lock()
	var removed []string
	for _, ref := range refs {
		e := h.refs[ref]
		if e == nil {
			continue
		}
		if delete(e.watches, w); len(e.watches) == 0 {
			delete(h.refs, ref)
			removed = append(removed, ref)
		}
	}
	set := h.set
	h.mu.Unlock()
	if set != nil && len(removed) > 0 {
		set.Remove(removed...)
	}
}

func (h *hub) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	refs := make([]string, 0, len(h.refs))
	for ref := range h.refs {
		refs = append(refs, ref)
	}
	return refs
}

// failing lists the references whose last answer was a failure.
func (h *hub) failing() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var refs []string
	for ref, e := range h.refs {
		if e.known && (e.reading.Status == Unavailable || e.reading.Status == TimedOut) {
			refs = append(refs, ref)
		}
	}
	return refs
}

// look asks for references and tells what changed.
func (h *hub) look(refs []string) {
	if len(refs) == 0 || h.link.ctx.Err() != nil {
		return
	}
	h.mu.Lock()
	turn := h.turn
	h.mu.Unlock()
	a := h.link.readings(h.link.ctx, refs)
	if h.link.ctx.Err() != nil {
		return
	}
	for i, ref := range refs {
		h.publish(ref, a.Results[i], turn)
	}
}

// push publishes what the source said by itself.
func (h *hub) push(ref string, r Reading) {
	h.mu.Lock()
	h.turn++
	turn := h.turn
	if e := h.refs[ref]; e != nil {
		e.pushed = turn
	}
	h.mu.Unlock()
	h.publish(ref, r, turn)
}

// publish tells everybody who watches ref, when the reading is a change and not older than what is known: neither by its
// time nor, for an answer to a question of before turn, by a push since.
func (h *hub) publish(ref string, r Reading, turn uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.refs[ref]
	if e == nil || h.closed || turn < e.pushed || e.known && (same(e.reading, r) || overtaken(e.reading, r)) {
		return
	}
	if r.Time.IsZero() && e.known {
		last := e.reading.Measurement
		last.Value = schema.Null
		r.Measurement = last
	}
	e.reading, e.known = r, true
	for w := range e.watches {
		w.offer(ref, r, h.link.spawn)
	}
}

func same(a, b Reading) bool {
	return a.Status == b.Status && a.Value == b.Value && a.Time.Equal(b.Time) && a.Quality == b.Quality && a.Unit == b.Unit && a.Why == b.Why
}

// overtaken says that b is an older measurement than a, or the same one judged by an older time.
func overtaken(a, b Reading) bool {
	return (b.Status == OK || b.Status == Stale) && b.Time.Before(a.Time)
}

// tire makes readings stale whose time has come.
func (h *hub) tire() {
	now, general := h.link.now(), h.link.generalStale()
	var tired []string
	var readings []Reading
	h.mu.Lock()
	for ref, e := range h.refs {
		if r := e.reading; e.known && r.Status == OK {
			if age(&r, h.link.staleAfter(ref, general), now); r.Status != OK {
				tired, readings = append(tired, ref), append(readings, r)
			}
		}
	}
	turn := h.turn
	h.mu.Unlock()
	for i, ref := range tired {
		h.publish(ref, readings[i], turn)
	}
}

// tireEvery is how often readings are looked through for stale ones.
const tireEvery = 250 * time.Millisecond
