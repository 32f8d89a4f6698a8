package memory

import (
	"context"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

// orderIndex returns the index whose order is the one asked for, when walking it gives a page sooner than ranking all
// candidates; nil when there is none.
func (s *Snapshot) orderIndex(src *source, q *graph.Selection) *index {
	p := &q.Page
	if src.listed || src.index != nil || len(q.Order) != 1 || q.Count && (src.where != nil || src.found != nil) {
		return nil
	}
	if p.First <= 0 || p.Last > 0 || p.Before != nil || p.After != nil && len(p.After.Keys) != 1 {
		return nil
	}
	col := s.column(q.Order[0].Path)
	for i := range s.indexes {
		if col == (column{property, s.indexes[i].key}) && s.covers(&s.layout.indexes[i], &src.types) {
			return &s.indexes[i]
		}
	}
	return nil
}

// byIndex walks an index until the page is full, then the entities without a value, which are last both ways.
func (s *Snapshot) byIndex(ctx context.Context, q *graph.Selection, src *source, ix *index, a *answer) error {
	w := ordered{s: s, ix: ix, src: *src, desc: q.Order[0].Desc, l: looker{ctx: ctx, budget: q.Budget}}
	first, after := q.Page.First, q.Page.After
	a.Rows = make([]graph.Row, 0, min(first, ix.len()))
	more := false
	w.visit = func(row uint32) bool {
		if more = len(a.Rows) == first; !more {
			a.Rows = append(a.Rows, graph.Row(row))
		}
		return !more
	}
	if w.walk(after); w.err != nil {
		return w.err
	}
	before := false
	if after != nil {
		w.visit = func(row uint32) bool {
			v := record.Find(s.pages.at(row).data, ix.key)
			c := compareKeys(v, after.Keys[0], w.desc)
			before = c < 0 || c == 0 && s.idOf(row) <= string(after.ID)
			return false
		}
		if w.walk(nil); w.err != nil {
			return w.err
		}
	}
	total := 0
	if q.Count {
		total = s.rowsOfTypes(&src.types)
	}
	a.close(before, more, total, q.Count)
	return nil
}

// ordered gives matches in the order of an index.
type ordered struct {
	s     *Snapshot
	ix    *index
	src   source
	desc  bool
	l     looker
	visit func(row uint32) bool
	err   error
}

// offer looks at one row and says whether to go on.
func (w *ordered) offer(row uint32) bool {
	if w.err = w.l.look(); w.err != nil {
		return false
	}
	return !w.src.matches(w.s, row) || w.visit(row)
}

// walk gives the matches behind a cursor, all for nil, until visit wants no more.
func (w *ordered) walk(after *graph.Cursor) {
	key, all := w.ix.key, w.ix.len()
	switch {
	case after == nil && w.desc:
		if !w.groupsBefore(all) {
			return
		}
	case after == nil:
		if !w.part(0, all) {
			return
		}
	case !after.Keys[0].IsNull():
		v := after.Keys[0]
		at := w.s.place(key, v, string(after.ID))
		from := w.ix.rank(at)
		if _, found := w.ix.find(at); found {
			from++
		}
		if !w.desc && !w.part(from, all) {
			return
		}
		if w.desc && !(w.part(from, w.ix.rank(w.s.after(key, v))) && w.groupsBefore(w.ix.rank(w.s.place(key, v, "")))) {
			return
		}
		after = nil // whatever has no value comes behind
	}
	w.nulls(after)
}

// part gives the entries from one rank up to another and says whether to go on.
func (w *ordered) part(from, to int) bool {
	var c cursor[entry]
	for c.seekRank(w.ix.tree, from); from < to && c.valid(); from++ {
		if !w.offer(c.item().row) {
			return false
		}
		c.next()
	}
	return true
}

// groupsBefore gives the entries before a rank by falling value, those with equal values by id.
func (w *ordered) groupsBefore(to int) bool {
	for to > 0 {
		from := w.groupStart(to)
		if !w.part(from, to) {
			return false
		}
		to = from
	}
	return true
}

// groupStart returns the rank of the first entry with the value of the one before to. Few values repeat often, so it
// steps back a little before it searches.
func (w *ordered) groupStart(to int) int {
	var c cursor[entry]
	c.seekRank(w.ix.tree, to-1)
	last := c.item()
	v := record.Find(w.s.pages.at(last.row).data, w.ix.key)
	from := to - 1
	for c.prev(); c.valid() && to-from < 16; c.prev() {
		e := c.item()
		if e.hint != last.hint || !schema.Equal(record.Find(w.s.pages.at(e.row).data, w.ix.key), v) {
			return from
		}
		from--
	}
	if !c.valid() {
		return 0
	}
	return w.ix.rank(w.s.place(w.ix.key, v, ""))
}

// nulls gives the entities without a value, by id, those behind a cursor.
func (w *ordered) nulls(after *graph.Cursor) {
	var m merge
	m.add(w.s, &w.src.types)
	for m.start(after, false); m.valid(); m.move(false) {
		row := m.row()
		if record.Find(w.s.pages.at(row).data, w.ix.key).IsNull() && !w.offer(row) {
			return
		}
	}
}
