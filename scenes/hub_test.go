package scenes

import (
	"sync"

	"mereon/connectors"
	"mereon/graph/live"
)

// fakeHub gives every input what was set for it.
type fakeHub struct {
	mu      sync.Mutex
	values  map[live.Input]live.Update
	watches map[*fakeWatch]bool
}

type fakeWatch struct {
	inputs []live.Input
	on     func([]live.Update)
}

func newFakeHub() *fakeHub {
	return &fakeHub{values: map[live.Input]live.Update{}, watches: map[*fakeWatch]bool{}}
}

func (h *fakeHub) Watch(inputs []live.Input, on func([]live.Update)) func() {
	w := &fakeWatch{inputs, on}
	h.mu.Lock()
	h.watches[w] = true
	var updates []live.Update
	for i, in := range inputs {
		u, ok := h.values[in]
		if !ok {
			u.Status = connectors.NoDataYet
		}
		u.Input = i
		updates = append(updates, u)
	}
	h.mu.Unlock()
	on(updates)
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.watches, w)
	}
}

func (h *fakeHub) set(in live.Input, u live.Update) { h.setAll(map[live.Input]live.Update{in: u}) }

func (h *fakeHub) setAll(values map[live.Input]live.Update) {
	h.mu.Lock()
	var calls []func()
	for in, u := range values {
		h.values[in] = u
	}
	for w := range h.watches {
		var updates []live.Update
		for i, in := range w.inputs {
			if u, ok := values[in]; ok {
				u.Input = i
				updates = append(updates, u)
			}
		}
		if updates != nil {
			calls = append(calls, func() { w.on(updates) })
		}
	}
	h.mu.Unlock()
	for _, call := range calls {
		call()
	}
}
