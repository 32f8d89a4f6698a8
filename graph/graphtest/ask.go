package graphtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"mereon/graph"
	"mereon/schema"
)

// ask compares the answer to one random question.
func (s *sequence) ask() {
	if s.t.Failed() {
		return
	}
	if s.kinds > 0 {
		own := s.g.Rand
		defer func() { s.g.Rand = own }()
		s.g.Rand = rand.New(rand.NewPCG(uint64(own.IntN(s.kinds)), 13))
	}
	open := s.store.View
	if s.g.IntN(2) == 0 {
		open = func(ctx context.Context) (graph.View, error) { return graph.LateView(ctx, s.store) }
	}
	v, err := open(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() {
		if v.Revision() != s.g.m.revision {
			s.t.Errorf("Revision = %d, want %d", v.Revision(), s.g.m.revision)
		}
		v.Close()
	}()
	switch s.g.IntN(9) {
	case 0, 1, 2:
		s.askSelect(v)
	case 3, 4:
		s.askExpand(v)
	case 5:
		s.askReach(v)
	case 6:
		s.askPath(v)
	case 7:
		s.askKeys(v)
	case 8:
		s.askAggregate(v)
	}
}

func (s *sequence) rows(v graph.Finder, ids []graph.EntityID) []graph.Row {
	b, err := v.Lookup(context.Background(), ids, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i, id := range ids {
		if exists := s.g.m.entities[id] != nil; exists != (b.Rows[i] != graph.NoRow) {
			s.t.Errorf("Lookup(%q) = row %d, exists is %t", id, b.Rows[i], exists)
		}
	}
	return b.Rows
}

// finder is the view, which is now and then told what it will be asked about the rows, and sometimes not quite that.
func (s *sequence) finder(v graph.View, asked any) graph.Finder {
	kind := s.g.IntN(12)
	if kind > 2 {
		return v
	}
	var next []graph.Next
	switch q := asked.(type) {
	case graph.Reach:
		if kind == 0 {
			q.MaxDepth, q.Paths = 1+s.g.IntN(2), !q.Paths
		}
		next = []graph.Next{{Reach: &q}}
	case graph.Expansion:
		if kind == 0 {
			q.Where, q.Count = nil, !q.Count
		}
		next = []graph.Next{{Expand: &q}}
	}
	if s.g.IntN(4) == 0 {
		next = append(next, graph.Next{Expand: &graph.Expansion{Steps: []graph.Step{{Relation: "feeds"}}, Page: graph.Page{First: 2}}})
	}
	return graph.Foresee(v, next)
}

// compare checks the groups of a batch whose last column is the id.
func (s *sequence) compare(what string, b *graph.Batch, want []group, columns []schema.Path, count bool) {
	if len(b.Offsets) != len(want)+1 || len(b.More) != len(want) || len(b.Before) != len(want) || count != (b.Totals != nil) && len(want) > 0 {
		s.t.Errorf("%s: %d offsets, %d more, %d before, totals %v for %d groups", what, len(b.Offsets), len(b.More), len(b.Before), b.Totals, len(want))
		return
	}
	for i, w := range want {
		from, to := b.Group(i)
		var ids []graph.EntityID
		for row := from; row < to; row++ {
			id := graph.EntityID(b.Cell(len(columns)-1, row).Text())
			ids = append(ids, id)
			for c, path := range columns {
				if got, want := b.Cell(c, row), s.g.m.value(id, path); !identical(got, want) {
					s.t.Errorf("%s: %s.%s = %s, want %s", what, id, path, show(got), show(want))
				}
			}
		}
		if !slices.Equal(ids, w.ids) || b.More[i] != w.more || b.Before[i] != w.before {
			s.t.Errorf("%s: group %d = %v, before %t, more %t; want %v, %t, %t", what, i, ids, b.Before[i], b.More[i], w.ids, w.before, w.more)
		}
		if count && b.Totals[i] != w.total {
			s.t.Errorf("%s: total of group %d = %d, want %d", what, i, b.Totals[i], w.total)
		}
	}
}

func (s *sequence) askSelect(v graph.View) {
	g := s.g
	q := graph.Selection{Types: g.types(), Where: g.where(), Order: g.order(), Columns: g.columns(), Count: g.IntN(2) == 0}
	if g.IntN(3) == 0 {
		q.Search = g.search()
	}
	q.Page = g.page(q.Order, ranked(q))
	want := q
	if g.IntN(5) == 0 {
		q.IDs = g.from()
		want.IDs = q.IDs
		if q.IDs == nil {
			q.IDs, want.IDs = []graph.EntityID{}, []graph.EntityID{}
		}
	}
	if g.IntN(6) == 0 {
		ids := append(g.from(), g.id())
		q.Rows = s.rows(v, ids)
		if want.IDs != nil {
			ids = slices.DeleteFunc(ids, func(id graph.EntityID) bool { return !slices.Contains(want.IDs, id) })
		}
		want.IDs = append([]graph.EntityID{}, ids...)
	}
	if g.IntN(5) == 0 {
		q.Within = &graph.Within{Root: g.id(), Steps: g.steps(), Depth: g.IntN(3)}
		want.Within = q.Within
	}
	b, err := v.Select(context.Background(), q)
	what := fmt.Sprintf("Select(%s)", describe(q, q.Where, q.Page))
	if err != nil {
		s.t.Errorf("%s: %v", what, err)
		return
	}
	s.compare(what, b, []group{g.m.selects(want)}, q.Columns, q.Count)
	s.compareRanks(what, b, q)
}

func describe(q any, where *schema.Condition, p graph.Page) string {
	return fmt.Sprintf("%+v where %s page %+v after %+v before %+v", q, conditionText(where), p, p.After, p.Before)
}

func conditionText(c *schema.Condition) string {
	if c == nil {
		return "anything"
	}
	text := fmt.Sprintf("(op %d %s %s", c.Op, c.Path, show(c.Value))
	for _, a := range c.Args {
		text += " " + conditionText(a)
	}
	if c.Related != nil {
		text += fmt.Sprintf(" related %+v: %s", *c.Related, conditionText(c.Related.Where))
	}
	return text + ")"
}

func (s *sequence) askExpand(v graph.View) {
	g, from := s.g, s.g.from()
	q := graph.Expansion{Steps: g.steps(), Types: g.types(), Where: g.where(), Order: g.order(), Columns: g.columns(), Count: g.IntN(2) == 0}
	q.Page = g.page(q.Order, false)
	single := len(q.Steps) == 1 && q.Steps[0].Direction != graph.Both
	if single {
		q.Props = []schema.Path{"diameter"}
	}
	q.From = s.rows(s.finder(v, q), from)
	b, err := v.Expand(context.Background(), q)
	what := fmt.Sprintf("Expand(%v, %s)", from, describe(q, q.Where, q.Page))
	if err != nil {
		s.t.Errorf("%s: %v", what, err)
		return
	}
	want := make([]group, len(from))
	for i, id := range from {
		want[i] = g.m.expands(id, q)
	}
	s.compare(what, b, want, q.Columns, q.Count)
	for i := 0; single && i < len(from) && len(b.Offsets) == len(from)+1; i++ {
		for row := int(b.Offsets[i]); row < int(b.Offsets[i+1]); row++ {
			other := graph.EntityID(b.Cell(len(q.Columns)-1, row).Text())
			for _, h := range g.m.neighbours(from[i], q.Steps) {
				if h.id == other && !identical(h.props["diameter"], b.Props[row]) {
					s.t.Errorf("%s: property of %s to %s = %s, want %s", what, from[i], other, show(b.Props[row]), show(h.props["diameter"]))
				}
			}
		}
	}
}

func (s *sequence) askReach(v graph.View) {
	g, from := s.g, s.g.from()
	q := graph.Reach{Steps: g.steps(), MaxDepth: g.IntN(4), Types: g.types(), Where: g.where(), Order: g.order(), Columns: g.columns(), Count: g.IntN(2) == 0}
	if g.IntN(2) == 0 {
		q.Through = g.where()
	}
	if g.IntN(3) == 0 {
		q.Budget = 1 + g.IntN(6)
		if g.IntN(2) == 0 {
			q.Past = &graph.Cursor{Keys: []schema.Value{schema.IntOf(int64(g.IntN(3)))}, ID: g.id()}
		}
	}
	q.Page = g.page(q.Order, true)
	q.From = s.rows(s.finder(v, q), from)
	paths := q
	b, err := v.Reach(context.Background(), q)
	what := fmt.Sprintf("Reach(%v, %s through %s)", from, describe(q, q.Where, q.Page), conditionText(q.Through))
	if err != nil {
		s.t.Errorf("%s: %v", what, err)
		return
	}
	want := make([]group, len(from))
	depths := make([]map[graph.EntityID]int, len(from))
	stopped := make([]*graph.Cursor, len(from))
	for i, id := range from {
		want[i], depths[i], stopped[i] = g.m.reaches(id, q)
	}
	s.compare(what, b, want, q.Columns, q.Count)
	if len(b.Depth) != len(b.Rows) || len(b.Truncated) != len(from) || len(b.Stopped) != len(from) {
		s.t.Errorf("%s: %d depths for %d rows, %d truncated and %d stopped for %d groups", what, len(b.Depth), len(b.Rows), len(b.Truncated), len(b.Stopped), len(from))
		return
	}
	for i, at := range stopped {
		if b.Truncated[i] != (at != nil) || !sameCursor(at, b.Stopped[i]) {
			s.t.Errorf("%s: group %d truncated %t at %+v, want %+v", what, i, b.Truncated[i], b.Stopped[i], at)
		}
	}
	s.checkDepths(what, b, q.Columns, depths)
	paths.Page, paths.Types, paths.Where, paths.Paths = graph.Page{All: true}, nil, nil, true
	if b, err = v.Reach(context.Background(), paths); err != nil {
		s.t.Errorf("%s with paths: %v", what, err)
		return
	}
	s.checkDepths(what, b, q.Columns, depths)
	s.checkWays(what, b, from, q)
}

func (s *sequence) checkDepths(what string, b *graph.Batch, columns []schema.Path, depths []map[graph.EntityID]int) {
	for i := range depths {
		from, to := b.Group(i)
		for row := from; row < to; row++ {
			if id := graph.EntityID(b.Cell(len(columns)-1, row).Text()); int(b.Depth[row]) != depths[i][id] {
				s.t.Errorf("%s: depth of %s = %d, want %d", what, id, b.Depth[row], depths[i][id])
			}
		}
	}
}

// checkWays follows Via back to the start.
func (s *sequence) checkWays(what string, b *graph.Batch, from []graph.EntityID, q graph.Reach) {
	last := len(q.Columns) - 1
	for i, start := range from {
		lo, hi := b.Group(i)
		for row := lo; row < hi; row++ {
			before, depth := start, int32(0)
			if via := b.Via[row]; via >= 0 {
				if int(via) < lo || int(via) >= hi {
					s.t.Errorf("%s: row %d comes from row %d outside of its group", what, row, via)
					return
				}
				before, depth = graph.EntityID(b.Cell(last, int(via)).Text()), b.Depth[via]
			}
			id := graph.EntityID(b.Cell(last, row).Text())
			joined := slices.ContainsFunc(s.g.m.neighbours(before, q.Steps), func(h hit) bool { return h.id == id })
			if depth != b.Depth[row]-1 || !joined {
				s.t.Errorf("%s: %s at %d does not follow from %s at %d by %s", what, id, b.Depth[row], before, depth, b.ViaRelation[row])
			}
		}
	}
}

func (s *sequence) askKeys(v graph.View) {
	g := s.g
	for _, u := range g.m.layout.Unique {
		values := []schema.Value{g.value(u.Path), g.value(u.Path), schema.Null}
		next := graph.Reach{Steps: g.steps()[:1], MaxDepth: 1 + g.IntN(2), Page: graph.Page{All: true}, Columns: []schema.Path{"id"}}
		b, err := s.finder(v, next).ByKey(context.Background(), u.Scope, u.Path, values, []schema.Path{"id"})
		if err != nil {
			s.t.Errorf("ByKey(%s.%s): %v", u.Scope, u.Path, err)
			return
		}
		for i, value := range values {
			want := ""
			for id, e := range g.m.entities {
				if have := e.values[u.Path]; !value.IsNull() && !have.IsNull() && slices.Contains(u.Types, e.typ) && schema.Equal(have, value) {
					want = string(id)
				}
			}
			if got := b.Cell(0, i).Text(); got != want {
				s.t.Errorf("ByKey(%s.%s, %s) = %q, want %q", u.Scope, u.Path, show(value), got, want)
			}
		}
		if g.IntN(3) == 0 {
			s.compareReached(v, b, next)
		}
	}
	id := g.id()
	s.compareRelationships(v, id, s.rows(v, []graph.EntityID{id})[0], pick(g, append([]string{""}, someRelations...)), graph.Direction(g.IntN(3)))
}

// compareReached asks what is reached from the rows of an answer whose only column is the id.
func (s *sequence) compareReached(v graph.View, found *graph.Batch, q graph.Reach) {
	var want []group
	for i, row := range found.Rows {
		if row != graph.NoRow {
			q.From = append(q.From, row)
			reached, _, _ := s.g.m.reaches(graph.EntityID(found.Cell(0, i).Text()), q)
			want = append(want, reached)
		}
	}
	b, err := v.Reach(context.Background(), q)
	if err != nil {
		s.t.Errorf("Reach(%+v): %v", q, err)
		return
	}
	s.compare(fmt.Sprintf("Reach(%+v)", q), b, want, q.Columns, false)
}
