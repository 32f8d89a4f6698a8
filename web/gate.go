package web

import (
	"context"
	"errors"
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

// LateView implements graph.LateViewer.
func (g *gate) LateView(ctx context.Context) (graph.View, error) { return graph.LateView(ctx, g.Store) }

// checkedStore is the store as the API of one model writes to it: a change set is refused when another model holds by the time
// it is applied, which may have been applied by another process.
type checkedStore struct {
	*gate
	model string // its digest
	// exchange serves the model that holds, and returns why it cannot.
	exchange func(ctx context.Context) error
}

// Apply implements graph.Store. A change that another model overtook is refused by graph.ErrOtherModel, when that model is
// served here; the API then checks it again.
func (c *checkedStore) Apply(ctx context.Context, changes graph.ChangeSet) (graph.Commit, error) {
	changes.IfModel = &c.model
	commit, err := c.gate.Apply(ctx, changes)
	if !errors.Is(err, graph.ErrOtherModel) {
		return commit, err
	}
	if err := c.exchange(context.WithoutCancel(ctx)); err != nil {
		return commit, err
	}
	if why := c.outdated.Load(); why != nil {
		return commit, *why
	}
	return commit, err
}

// close keeps writers waiting until open is called.
func (g *gate) close() (open func()) {
	g.closing.Lock()
	return g.closing.Unlock
}
