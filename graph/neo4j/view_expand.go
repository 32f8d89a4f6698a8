package neo4j

import (
	"context"

	"mereon/graph"
	"mereon/schema"
)

// Expand implements graph.View.
func (v *View) Expand(ctx context.Context, q graph.Expansion) (*graph.Batch, error) {
	if err := v.start(ctx); err != nil {
		return nil, err
	}
	if err := checkCursors(&q.Page, len(q.Order)); err != nil {
		return nil, err
	}
	w := newWalk(v, newPatch(v.layout), q.Steps)
	starts := v.idsAt(q.From)
	c := childrenOf(v, &q, len(starts))
	pages := c != nil && c.pages()
	var err error
	switch {
	case pages:
		err = c.fetch(ctx, w.p, starts)
	case c != nil:
		err = c.all(ctx, w.p, starts)
	default:
		err = v.neighbours(ctx, w, starts, q.Where)
	}
	if err != nil {
		return nil, err
	}
	if err := v.load(ctx, w.p, starts); err != nil {
		return nil, err
	}
	s, err := w.p.snapshot(v.revision, false)
	if err != nil {
		return nil, err
	}
	local := q
	if local.Columns = withID(q.Columns); c != nil {
		local.Where = c.local()
	}
	if local.From, err = v.rowsOf(ctx, s, q.From); err != nil {
		return nil, err
	}
	b, err := s.Expand(ctx, local)
	if err != nil {
		return nil, err
	}
	if pages {
		c.tell(b, q.From)
	}
	return v.adopt(ctx, s, b, q.Columns)
}

// neighbours fetches all neighbours with what a condition on them looks at.
func (v *View) neighbours(ctx context.Context, w *walk, starts []graph.EntityID, where *schema.Condition) error {
	if err := w.expand(ctx, starts); err != nil {
		return err
	}
	var others []graph.EntityID
	for _, id := range starts {
		others = append(others, w.near[id]...)
	}
	return v.load(ctx, w.p, others, where)
}

// Aggregate implements graph.View.
func (v *View) Aggregate(ctx context.Context, q graph.Aggregation) (*graph.Groups, error) {
	return asked(ctx, v, func() (*graph.Groups, error) { return v.grouped(ctx, q) })
}

func (v *View) grouped(ctx context.Context, q graph.Aggregation) (*graph.Groups, error) {
	if groups, ok, err := v.counted(ctx, &q); ok || err != nil {
		return groups, err
	}
	p := newPatch(v.layout)
	local := q
	var members []graph.EntityID
	if q.From == nil {
		of := q.Of
		of.Order, of.Page, of.Columns, of.Count = nil, graph.Page{All: true}, nil, false
		c := newCandidates(v, &of, p)
		var err error
		if of.IDs != nil || of.Rows != nil || of.Within != nil {
			err = c.listed(ctx)
		} else {
			err = c.all(ctx)
		}
		if err != nil {
			return nil, err
		}
		members = c.ids
		if of.IDs == nil && of.Rows == nil && of.Within == nil {
			local.Of.IDs, local.Of.Where = append([]graph.EntityID{}, members...), c.local()
		}
	} else {
		starts := v.idsAt(q.From)
		var err error
		if members, local.Of.Where, err = v.members(ctx, p, &q, starts); err != nil {
			return nil, err
		}
		if err := v.load(ctx, p, starts); err != nil {
			return nil, err
		}
	}
	if err := v.groupings(ctx, p, members, q.By); err != nil {
		return nil, err
	}
	return v.aggregate(ctx, p, &q, local)
}

// members fetches the neighbours that may make groups, and says what memory has to test of the conditions on them. Where what
// is looked at counts, those that do not pass have to be there too.
func (v *View) members(ctx context.Context, p *patch, q *graph.Aggregation, starts []graph.EntityID) ([]graph.EntityID, *schema.Condition, error) {
	if c := childrenOf(v, &graph.Expansion{Steps: q.Steps, Types: q.Of.Types, Where: q.Of.Where}, len(starts)); c != nil && q.Of.Budget == 0 {
		err := c.all(ctx, p, starts)
		return c.ids(), c.local(), err
	}
	w := newWalk(v, p, q.Steps)
	err := v.neighbours(ctx, w, starts, q.Of.Where)
	var members []graph.EntityID
	for _, id := range starts {
		members = append(members, w.near[id]...)
	}
	return members, q.Of.Where, err
}

// groupings fetches the related entities that make groups.
func (v *View) groupings(ctx context.Context, p *patch, members []graph.EntityID, by []graph.Grouping) error {
	for _, g := range by {
		if len(g.Steps) == 0 {
			continue
		}
		w, depth := newWalk(v, p, g.Steps), 1
		if g.Far {
			depth = 0
		}
		met, err := w.all(ctx, members, depth, 0)
		if err != nil {
			return err
		}
		if err := v.load(ctx, p, met); err != nil {
			return err
		}
	}
	return nil
}

func (v *View) aggregate(ctx context.Context, p *patch, q *graph.Aggregation, local graph.Aggregation) (*graph.Groups, error) {
	s, err := p.snapshot(v.revision, q.Of.Search != "")
	if err != nil {
		return nil, err
	}
	if local.From, err = v.rowsOf(ctx, s, q.From); err != nil {
		return nil, err
	}
	if local.Of.Rows, err = v.rowsOf(ctx, s, q.Of.Rows); err != nil {
		return nil, err
	}
	groups, err := s.Aggregate(ctx, local)
	if err != nil {
		return nil, err
	}
	ids, err := s.Read(ctx, groups.Rows, withID(nil))
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	for i, row := range groups.Rows {
		if row != graph.NoRow {
			groups.Rows[i] = v.row(graph.EntityID(ids[i].Text()))
		}
	}
	v.mu.Unlock()
	return groups, v.whole(ctx)
}
