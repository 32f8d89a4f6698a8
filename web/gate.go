package web

import (
	"context"
	"sync"

	"mereon/graph"
)

// gate is the store as the API writes to it. Closing it lets a plan that others keep overtaking be made and applied
// undisturbed; reads go on.
type gate struct {
	graph.Store
	closing sync.RWMutex
}

// Apply implements graph.Store; it waits while the gate is closed.
func (g *gate) Apply(ctx context.Context, changes graph.ChangeSet) (graph.Commit, error) {
	g.closing.RLock()
	defer g.closing.RUnlock()
	return g.Store.Apply(ctx, changes)
}
