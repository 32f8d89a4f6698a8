package memory

import (
	"context"

	"mereon/graph"
	"mereon/schema/fault"
)

// everyRows is how often a long loop looks whether its context has ended.
const everyRows = 4096

// Select implements graph.View.
func (s *Snapshot) Select(ctx context.Context, q graph.Selection) (*graph.Batch, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	src, a, err := s.source(&q), newAnswer(1, q.Count), error(nil)
	defer src.release(s)
	if ix := s.orderIndex(&src, &q); ix != nil {
		err = s.byIndex(ctx, &q, &src, ix, a)
	} else if src.inOrder(&q) {
		err = s.stream(ctx, &q, &src, a)
	} else if src.walksHits(&q) {
		err = s.byRank(ctx, &q, &src, a)
	} else {
		err = s.rank(ctx, &q, &src, a)
	}
	if err != nil {
		return nil, err
	}
	return s.finishAnswer(a, q.Columns), nil
}

// looker counts the rows looked at against the budget and the context.
type looker struct {
	ctx    context.Context
	budget int
	seen   int
}

func (l *looker) look() error {
	l.seen++
	if l.budget > 0 && l.seen > l.budget {
		return fault.New(fault.Limit, "the question would have to look at more than %d entities: narrow it by a type or an indexed property, or raise the row budget", l.budget)
	}
	if l.seen%everyRows == 0 {
		return ended(l.ctx)
	}
	return nil
}

// rank looks at every candidate and keeps the page.
func (s *Snapshot) rank(ctx context.Context, q *graph.Selection, src *source, a *answer) error {
	c := s.shared.heaps.take(s)
	defer s.shared.heaps.give(c)
	if err := c.start(q.Order, q.Page, src.found != nil); err != nil {
		return err
	}
	l, failed := looker{ctx: ctx, budget: q.Budget}, error(nil)
	src.each(s, func(row uint32) bool {
		if failed = l.look(); failed != nil {
			return false
		}
		if src.matches(s, row) {
			c.offer(row, src.rankOf(row), 0)
		}
		return true
	})
	if failed != nil {
		return failed
	}
	if c.byDepth {
		a.Ranks = []int32{}
		a.take(c, q.Count, func(at slot) { a.Ranks = append(a.Ranks, int32(at.aux)) })
		return nil
	}
	a.take(c, q.Count, nil)
	return nil
}

// stream walks rows that come in the order asked for and stops when the page is full.
func (s *Snapshot) stream(ctx context.Context, q *graph.Selection, src *source, a *answer) error {
	var m merge
	m.add(s, &src.types)
	back := q.Page.First <= 0 && q.Page.Last > 0
	edge, bound := q.Page.After, q.Page.Before
	if back {
		edge, bound = bound, edge
	}
	l := looker{ctx: ctx, budget: q.Budget}
	limit := max(q.Page.First, q.Page.Last)
	if q.Page.All && limit == 0 {
		limit = s.live
	}
	a.Rows = make([]graph.Row, 0, min(limit, m.total()))
	m.start(edge, back)
	reached := false // a row beyond the page exists
	for ; m.valid() && !reached; m.move(back) {
		if err := l.look(); err != nil {
			return err
		}
		row := m.row()
		if !src.matches(s, row) {
			continue
		}
		if len(a.Rows) == limit || passed(bound, s.idOf(row), back) {
			reached = true
			break
		}
		a.Rows = append(a.Rows, graph.Row(row))
	}
	behind, err := s.precedes(&l, src, edge, back)
	if err != nil {
		return err
	}
	if back {
		reverse(a.Rows)
		behind, reached = reached, behind
	}
	total := 0
	if q.Count {
		total = m.total()
	}
	a.close(behind, reached, total, q.Count)
	return nil
}

// passed says that an id lies at or beyond a cursor in the direction of the walk.
func passed(bound *graph.Cursor, id string, back bool) bool {
	if bound == nil {
		return false
	}
	if back {
		return id <= string(bound.ID)
	}
	return id >= string(bound.ID)
}

// precedes says whether a match lies before the cursor that the walk started behind.
func (s *Snapshot) precedes(l *looker, src *source, edge *graph.Cursor, back bool) (bool, error) {
	if edge == nil {
		return false, nil
	}
	var m merge
	m.add(s, &src.types)
	for m.start(nil, back); m.valid(); m.move(back) {
		row := m.row()
		id := s.idOf(row)
		if back && id < string(edge.ID) || !back && id > string(edge.ID) {
			return false, nil
		}
		if err := l.look(); err != nil {
			return false, err
		}
		if src.matches(s, row) {
			return true, nil
		}
	}
	return false, nil
}

func reverse(rows []graph.Row) {
	for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
		rows[i], rows[j] = rows[j], rows[i]
	}
}
