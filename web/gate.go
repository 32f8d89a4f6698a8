package web

import (
	"context"
	"sync"
	"sync/atomic"

	"mereon/graph"
)

// gate is the store as the API writes to it. Closing it lets a plan that others keep overtaking be made and applied
// undisturbed; reads go on.
type gate struct {
	graph.Store
	closing  sync.RWMutex
	outdated atomic.Pointer[error] // why nothing may be written: the model that was applied elsewhere is not understood here
}

// Apply implements graph.Store; it waits while the gate is closed.
func (g *gate) Apply(ctx context.Context, changes graph.ChangeSet) (graph.Commit, error) {
	g.closing.RLock()
	defer g.closing.RUnlock()
	if why := g.outdated.Load(); why != nil {
		return graph.Commit{}, *why
	}
	return g.Store.Apply(ctx, changes)
}

// close keeps writers waiting until open is called.
func (g *gate) close() (open func()) {
	g.closing.Lock()
	return g.closing.Unlock
}
