package connectors

import "sync"

// watch is one caller of Watch. Changes wait in a mailbox that holds the newest reading of each reference, so that a slow
// caller delays nobody and misses only values that were replaced meanwhile.
type watch struct {
	on func(ref string, r Reading)

	mu      sync.Mutex
	pending map[string]Reading
	order   []string
	running bool
	stopped bool
}

// offer puts a reading into the mailbox; spawn starts the goroutine that empties it.
func (w *watch) offer(ref string, r Reading, spawn func(func())) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return
	}
	if _, waiting := w.pending[ref]; !waiting {
		w.order = append(w.order, ref)
	}
	if w.pending == nil {
		w.pending = map[string]Reading{}
	}
	w.pending[ref] = r
	if !w.running {
		w.running = true
		spawn(w.deliver)
	}
}

// deliver calls on until the mailbox is empty.
func (w *watch) deliver() {
	var refs []string
	for {
		w.mu.Lock()
		if len(refs) == 0 {
			refs, w.order = w.order, nil
		}
		if w.stopped || len(refs) == 0 {
			w.running = false
			w.mu.Unlock()
			return
		}
		ref := refs[0]
		refs = refs[1:]
		r := w.pending[ref]
		delete(w.pending, ref)
		w.mu.Unlock()
		w.on(ref, r)
	}
}

// stop ends the calls; one that runs may still end.
func (w *watch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped, w.pending, w.order = true, nil, nil
}
