package neo4j

import (
	"context"

	"mereon/graph"
	"mereon/graph/record"
)

// pages says whether Neo4j can sort as asked, so that only a page needs to come over.
func (c *candidates) pages() bool {
	if c.query != nil {
		return false // ranks are known in memory alone
	}
	ok := pageable(&c.q.Page, c.q.Order)
	return ok && (!c.q.Count || c.whole())
}

// page takes candidates in order, from the cursor on, until the page and one more match are among them.
func (c *candidates) page(ctx context.Context) error {
	back := c.q.Page.Last > 0
	want, at := c.q.Page.First, c.q.Page.After
	if back {
		want, at = c.q.Page.Last, c.q.Page.Before
	}
	if err := c.collect(ctx, want+1, at, back); err != nil {
		return err
	}
	if at != nil {
		other := newCandidates(c.v, c.q, newPatch(c.v.layout))
		if err := other.collect(ctx, 1, at, !back, true); err != nil {
			return err
		}
		met, err := other.matches(ctx)
		if err != nil {
			return err
		}
		if back {
			c.after = met > 0
		} else {
			c.before = met > 0
		}
	}
	if c.q.Count {
		return c.count(ctx)
	}
	return nil
}

// collect takes candidates beyond a cursor until enough of them match or there are no more; inclusive takes the one at
// the cursor too.
func (c *candidates) collect(ctx context.Context, want int, at *graph.Cursor, back bool, inclusive ...bool) error {
	for step := 0; ; step++ {
		push := pushedDown(c.v.layout, c.q.Where)
		if len(inclusive) > 0 && step == 0 {
			push.atOrBeyond(c.q.Order, at, back)
		} else {
			push.beyond(c.q.Order, at, back)
		}
		order, _ := push.order(c.q.Order, back)
		limit := want
		if !push.whole {
			limit = max(2*want, 200)
		}
		if step > 0 {
			limit = max(limit, min(len(c.ids), 5000))
		}
		found, err := c.next(ctx, push, order, at, back, limit)
		if err != nil {
			return err
		}
		if err := c.take(ctx, found); err != nil {
			return err
		}
		if c.q.Budget > 0 && len(c.ids) > c.q.Budget {
			return tooMany(c.q.Budget)
		}
		if len(found) < limit {
			return nil
		}
		if push.whole && len(c.ids) >= want {
			return nil
		}
		met, err := c.matches(ctx)
		if err != nil || met >= want {
			return err
		}
		last := &found[len(found)-1]
		at = &graph.Cursor{ID: last.ID}
		for _, o := range c.q.Order {
			at.Keys = append(at.Keys, cell(last, o.Path))
		}
	}
}

// next asks for the next candidates of an order.
func (c *candidates) next(ctx context.Context, push *pushdown, order string, at *graph.Cursor, back bool, limit int) ([]record.Entity, error) {
	if o, ok := c.orderedBy(at, back); ok {
		if found, err := c.first(ctx, o, push, limit); err != nil || found != nil {
			return found, err
		}
	}
	if c.q.Budget > 0 && len(c.q.Order) > 0 && !c.afforded {
		if err := c.affordable(ctx); err != nil {
			return nil, err
		}
		c.afforded = true
	}
	return c.fetch(ctx, push, order, int64(limit))
}

// matches counts the candidates that are matches.
func (c *candidates) matches(ctx context.Context) (int, error) {
	if len(c.ids) == 0 {
		return 0, nil
	}
	s, err := c.p.snapshot(c.v.revision, c.query != nil)
	if err != nil {
		return 0, err
	}
	b, err := s.Select(ctx, graph.Selection{IDs: c.ids, Types: c.q.Types, Where: c.local(), Count: true})
	if err != nil {
		return 0, err
	}
	return b.Totals[0], nil
}

// count lets Neo4j count all matches; its tests must say all that was asked.
func (c *candidates) count(ctx context.Context) error {
	push := pushedDown(c.v.layout, c.q.Where)
	src := c.source()
	text := src.match
	for _, t := range push.tests {
		text += " AND " + t
	}
	text += alive
	for k, p := range src.params {
		push.parameters[k] = p
	}
	records, err := c.v.read(ctx, statement{text: text, returns: "count(*)"}, push.parameters)
	if err != nil {
		return err
	}
	c.total = countOf(records)
	return nil
}

// atOrBeyond is beyond with the row at the cursor.
func (p *pushdown) atOrBeyond(orders []graph.Order, at *graph.Cursor, back bool) {
	if !p.beyond(orders, at, back) || at == nil {
		return
	}
	text := "s.id = " + p.parameter(string(at.ID))
	for i := range orders {
		column, _ := p.column(orders[i].Path)
		if key, known := comparand(orders[i].Path, at.Keys[i]); known && !at.Keys[i].IsNull() {
			text += " AND " + column + " = " + p.parameter(key)
		} else {
			text += " AND " + column + " IS NULL"
		}
	}
	last := len(p.tests) - 1
	p.tests[last] = "(" + p.tests[last] + " OR " + text + ")"
}
