package memory

import (
	"context"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
)

// Reach implements graph.View.
func (s *Snapshot) Reach(ctx context.Context, q graph.Reach) (*graph.Batch, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	if q.Paths && !(q.Page.All && q.Page.First == 0 && q.Page.Last == 0 && q.Page.After == nil && q.Page.Before == nil) {
		return nil, invalid("paths are given only for all that is reached: ask for every row")
	}
	if q.Past != nil && len(q.Past.Keys) != 1 {
		return nil, invalid("a search goes on behind a place by depth and id: use the one where it stopped")
	}
	c := s.shared.heaps.take(s)
	defer s.shared.heaps.give(c)
	if err := c.start(q.Order, q.Page, true); err != nil {
		return nil, err
	}
	w := walk{s: s, q: &q, l: looker{ctx: ctx}, links: s.links(nil, q.Steps), through: s.filterOf(q.Through),
		want: s.want(q.Types, q.Where), seen: s.shared.marks.take(s.pages.n), met: c.met[:0]}
	defer func() { s.shared.marks.give(w.seen); c.met = w.met }()
	w.visit = w.meet
	a := newAnswer(len(q.From), q.Count)
	a.Truncated = make([]bool, 0, len(q.From))
	for _, row := range q.From {
		if err := w.run(row); err != nil {
			return nil, err
		}
		a.Truncated, a.Stopped = append(a.Truncated, w.stopped != nil), append(a.Stopped, w.stopped)
		if c.everything() && !q.Paths {
			w.giveAll(a)
		} else {
			w.give(c, a)
		}
	}
	return s.finishAnswer(a, q.Columns), nil
}

// walk is a breadth-first search from one row.
type walk struct {
	s       *Snapshot
	q       *graph.Reach
	l       looker
	links   []link
	through *filter
	want    want
	seen    *marks
	met     []meeting
	at      int32 // index in met that is expanded, -1 for the start
	depth   int32
	via     uint32
	visited int                     // entities that count against the budget
	stopped *graph.Cursor           // where the budget ended the search
	visit   func(run []uint64) bool // meet, bound once
}

// meeting is one entity reached: from which other, over which relation, after how many steps.
type meeting struct {
	row   uint32
	from  int32 // index in met, -1 for the start
	via   uint32
	depth int32
}

func (w *walk) run(start graph.Row) error {
	w.met, w.stopped, w.visited = w.met[:0], nil, 0
	if w.s.liveAt(start) == nil {
		return nil
	}
	w.seen.reset(w.s.pages.n)
	w.seen.set(uint32(start), 0)
	w.at, w.depth = -1, 1
	w.expand(uint32(start))
	for from := 0; ; w.depth++ {
		to := len(w.met)
		if w.cutLevel(from); w.stopped != nil || from == to || w.q.MaxDepth > 0 && int(w.depth) >= w.q.MaxDepth {
			return nil
		}
		for ; from < to; from++ {
			if err := w.l.look(); err != nil {
				return err
			}
			w.at = int32(from)
			w.expandNext(w.met[from].row)
		}
	}
}

// expandNext expands an entity met; what it leads to is one step further.
func (w *walk) expandNext(row uint32) {
	w.depth++
	w.expand(row)
	w.depth--
}

func (w *walk) expand(row uint32) {
	e := w.s.pages.at(row)
	for _, l := range w.links {
		w.via = l.relation
		from, to := l.bounds()
		e.runs(from, to, w.visit)
	}
}

// meet takes a run of neighbours of the entity that is expanded.
func (w *walk) meet(run []uint64) bool {
	for _, end := range run {
		row := endRow(end)
		if w.seen.has(row) {
			continue
		}
		w.seen.set(row, 0)
		if w.through == nil || w.s.test(w.through, w.s.pages.at(row)) == schema.True {
			w.met = append(w.met, meeting{row, w.at, w.via, w.depth})
		}
	}
	return true
}

// giveAll writes everything that was reached as a group of the answer. It was met by depth, so that only every depth
// has to be sorted; rows are mostly in the order of their ids already.
func (w *walk) giveAll(a *answer) {
	a.Rows, a.Depth = slices.Grow(a.Rows, len(w.met)), slices.Grow(a.Depth, len(w.met))
	first := len(a.Rows)
	for from := 0; from < len(w.met); {
		to := from + 1
		for to < len(w.met) && w.met[to].depth == w.met[from].depth {
			to++
		}
		w.sortByID(w.met[from:to])
		from = to
	}
	everything := w.want.types.any && w.want.where == nil
	for _, m := range w.met {
		if everything || w.s.matches(&w.want, w.s.pages.at(m.row)) {
			a.Rows, a.Depth = append(a.Rows, graph.Row(m.row)), append(a.Depth, m.depth)
		}
	}
	a.close(false, false, len(a.Rows)-first, w.q.Count)
}

func (w *walk) sortByID(level []meeting) {
	last := ""
	for _, m := range level {
		id := w.s.idOf(m.row)
		if id < last {
			slices.SortFunc(level, func(a, b meeting) int { return strings.Compare(w.s.idOf(a.row), w.s.idOf(b.row)) })
			return
		}
		last = id
	}
}

// give writes what was reached as a group of the answer.
func (w *walk) give(c *collector, a *answer) {
	c.reset()
	for i, m := range w.met {
		if w.s.matches(&w.want, w.s.pages.at(m.row)) {
			c.offer(m.row, uint32(m.depth), uint64(i))
		}
	}
	if w.q.Paths {
		total := c.total
		w.addWays(c)
		c.total = total
	}
	first := len(a.Rows)
	a.take(c, w.q.Count, func(at slot) {
		a.Depth = append(a.Depth, int32(at.aux))
		if w.q.Paths {
			m := w.met[at.end]
			a.Via, a.ViaRelation = append(a.Via, m.from), append(a.ViaRelation, w.s.relations.text(m.via))
			w.placeOf(int(at.end), len(a.Depth)-1)
		}
	})
	if w.q.Paths {
		w.pointToRows(a, first)
	}
}

// addWays offers the entities on the way to matches that are no matches themselves.
func (w *walk) addWays(c *collector) {
	given := make([]bool, len(w.met))
	for _, s := range c.slots {
		given[s.end] = true
	}
	for i := len(w.met) - 1; i >= 0; i-- {
		if from := w.met[i].from; given[i] && from >= 0 && !given[from] {
			given[from] = true
			c.offer(w.met[from].row, uint32(w.met[from].depth), uint64(from))
		}
	}
}

// placeOf remembers in which row of the answer a meeting is; the depth is written out already.
func (w *walk) placeOf(met, row int) { w.met[met].depth = int32(row) }

// pointToRows turns indexes into meetings into indexes into the rows of the answer.
func (w *walk) pointToRows(a *answer, first int) {
	for i := first; i < len(a.Rows); i++ {
		if a.Via[i] >= 0 {
			a.Via[i] = w.met[a.Via[i]].depth
		}
	}
}
