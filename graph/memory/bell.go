package memory

import "sync"

// Bell wakes everybody who waits for news. The zero Bell is ready.
type Bell struct {
	mu   sync.Mutex
	next chan struct{}
}

// Wait returns a channel that is closed at the next Ring. Take it before looking, so that no news is missed.
func (b *Bell) Wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

// Ring wakes all who wait.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}
