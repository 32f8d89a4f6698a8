package memory

import (
	"slices"

	"mereon/graph"
	"mereon/schema"
)

// source is where the candidates of a selection come from: a list, a part of an index, or the rows of types. All that
// it gives is tested against want, so it may give too many but never too few, and each once.
type source struct {
	want
	list   []uint32 // sorted by nothing; used when listed
	listed bool
	index  *index
	parts  []part // of the index
	found  *hits  // what a search found; nil when nothing is searched for
}

// part is a range of ranks in an index.
type part struct{ from, to int }

// source chooses the cheapest way to the candidates.
func (s *Snapshot) source(q *graph.Selection) (src source) {
	src.want, src.found = s.want(q.Types, q.Where), s.search(q.Search)
	if q.IDs != nil || q.Rows != nil || q.Within != nil {
		src.listed = true
		src.list = s.listOf(q)
		return src
	}
	s.chooseIndex(&src, q)
	return src
}

// listOf intersects the lists that a selection gives.
func (s *Snapshot) listOf(q *graph.Selection) []uint32 {
	var lists [][]uint32
	if q.IDs != nil {
		rows := make([]uint32, 0, len(q.IDs))
		for _, id := range q.IDs {
			if row, ok := s.row(string(id)); ok {
				rows = append(rows, row)
			}
		}
		lists = append(lists, rows)
	}
	if q.Rows != nil {
		rows := make([]uint32, 0, len(q.Rows))
		for _, row := range q.Rows {
			if s.liveAt(row) != nil {
				rows = append(rows, uint32(row))
			}
		}
		lists = append(lists, rows)
	}
	if q.Within != nil {
		lists = append(lists, s.within(q.Within))
	}
	list := lists[0]
	slices.Sort(list)
	list = slices.Compact(list)
	for _, other := range lists[1:] {
		slices.Sort(other)
		list = slices.DeleteFunc(list, func(row uint32) bool {
			_, found := slices.BinarySearch(other, row)
			return !found
		})
	}
	return list
}

// within returns everything below a root, each once, without the root.
func (s *Snapshot) within(w *graph.Within) []uint32 {
	root, ok := s.row(string(w.Root))
	if !ok {
		return nil
	}
	seen := s.shared.marks.take(s.pages.n)
	defer s.shared.marks.give(seen)
	seen.set(root, 0)
	links, found := s.links(nil, w.Steps), []uint32{root}
	for from, depth := 0, 1; from < len(found) && (w.Depth <= 0 || depth <= w.Depth); depth++ {
		level := found[from:]
		from = len(found)
		for _, row := range level {
			for _, l := range links {
				s.eachNeighbour(row, l, func(child uint32) {
					if !seen.has(child) {
						seen.set(child, 0)
						found = append(found, child)
					}
				})
			}
		}
	}
	return found[1:]
}

// rowsOfTypes returns how many entities have one of the types.
func (s *Snapshot) rowsOfTypes(types *typeSet) (n int) {
	for typ := range s.byType {
		if types.has(uint32(typ)) {
			n += s.byType[typ].len()
		}
	}
	return n
}

// chooseIndex looks for the index that leaves the fewest candidates.
func (s *Snapshot) chooseIndex(src *source, q *graph.Selection) {
	if src.where == nil || len(s.indexes) == 0 {
		return
	}
	one := [1]filter{*src.where}
	conjuncts := one[:]
	if src.where.op == schema.And {
		conjuncts = src.where.args
	}
	best := s.rowsOfTypes(&src.types)
	if src.found != nil {
		best = min(best, src.found.count)
	}
	if len(q.Order) == 0 && !q.Count && !q.Page.All {
		best /= 4 // walking in order can stop early
	}
	for i := range s.indexes {
		if !s.covers(&s.layout.indexes[i], &src.types) {
			continue
		}
		parts, narrowed := s.parts(&s.indexes[i], conjuncts)
		n := 0
		for _, p := range parts {
			n += p.to - p.from
		}
		if narrowed && n < best {
			best, src.index, src.parts = n, &s.indexes[i], parts
		}
	}
}

// covers says whether all entities of the types are in the index.
func (s *Snapshot) covers(spec *indexSpec, types *typeSet) bool {
	for typ := range s.byType {
		if s.byType[typ].len() > 0 && types.has(uint32(typ)) && !spec.set.has(uint32(typ)) {
			return false
		}
	}
	return true
}

// parts returns the ranges of the index that can hold what all conjuncts ask for.
func (s *Snapshot) parts(ix *index, conjuncts []filter) (parts []part, narrowed bool) {
	for i := range conjuncts {
		f := &conjuncts[i]
		if f.col != (column{property, ix.key}) {
			continue
		}
		ranges, ok := s.ranges(ix, f.cond)
		switch {
		case !ok:
		case narrowed:
			parts = intersect(parts, ranges)
		default:
			parts, narrowed = ranges, true
		}
	}
	return parts, narrowed
}

// ranges returns the ranges of an index that a comparison allows.
func (s *Snapshot) ranges(ix *index, c *schema.Condition) ([]part, bool) {
	v, all := c.Value, ix.len()
	if v.IsNull() {
		return nil, false
	}
	from := func(v schema.Value) int { return ix.rank(s.place(ix.key, v, "")) }
	behind := func(v schema.Value) int { return ix.rank(s.after(ix.key, v)) }
	switch c.Op {
	case schema.Eq:
		return []part{{from(v), behind(v)}}, true
	case schema.Lt:
		return []part{{0, from(v)}}, true
	case schema.Lte:
		return []part{{0, behind(v)}}, true
	case schema.Gt:
		return []part{{behind(v), all}}, true
	case schema.Gte:
		return []part{{from(v), all}}, true
	case schema.In:
		var parts []part
		for _, e := range v.List() {
			if !e.IsNull() {
				parts = append(parts, part{from(e), behind(e)})
			}
		}
		return union(parts), true
	}
	return nil, false
}

// union sorts ranges and drops repeats; equal values have equal ranges and different ones do not overlap.
func union(parts []part) []part {
	slices.SortFunc(parts, func(a, b part) int { return a.from - b.from })
	return slices.Compact(slices.DeleteFunc(parts, func(p part) bool { return p.from >= p.to }))
}

func intersect(a, b []part) (both []part) {
	for _, x := range a {
		for _, y := range b {
			if p := (part{max(x.from, y.from), min(x.to, y.to)}); p.from < p.to {
				both = append(both, p)
			}
		}
	}
	return both
}

// inOrder says whether the source can give rows in the order asked for, so that a page can stop early.
func (src *source) inOrder(q *graph.Selection) bool {
	if src.listed || src.index != nil || src.found != nil && len(q.Order) == 0 || len(q.Order) > 0 || q.Count && src.where != nil || q.Page.First > 0 && q.Page.Last > 0 || q.Page.After != nil && q.Page.Before != nil {
		return false
	}
	return (q.Page.After == nil || len(q.Page.After.Keys) == 0) && (q.Page.Before == nil || len(q.Page.Before.Keys) == 0)
}

// each gives every candidate until visit returns false.
func (src *source) each(s *Snapshot, visit func(row uint32) bool) {
	switch {
	case src.listed:
		for _, row := range src.list {
			if !visit(row) {
				return
			}
		}
	case src.index != nil:
		src.eachInIndex(visit)
	case src.found != nil:
		src.found.each(visit)
	default:
		for typ := range s.byType {
			if src.types.has(uint32(typ)) && !eachRow(s.byType[typ], visit) {
				return
			}
		}
	}
}

func (src *source) eachInIndex(visit func(row uint32) bool) {
	var c cursor[entry]
	for _, p := range src.parts {
		c.seekRank(src.index.tree, p.from)
		for n := p.from; n < p.to; n++ {
			if !visit(c.item().row) {
				return
			}
			c.next()
		}
	}
}

func eachRow(t tree[uint32], visit func(row uint32) bool) bool {
	var c cursor[uint32]
	for c.seek(t, nil); c.valid(); c.nextRun() {
		for _, row := range c.run() {
			if !visit(row) {
				return false
			}
		}
	}
	return true
}
