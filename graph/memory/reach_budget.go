package memory

import (
	"cmp"
	"slices"

	"mereon/graph"
	"mereon/schema"
)

// cutLevel counts the entities of the newest level, which begins at from in met, against the budget. What the budget
// does not allow is cut off by id, so that a later search can go on behind the last one.
func (w *walk) cutLevel(from int) {
	if w.q.Budget <= 0 || from == len(w.met) {
		return
	}
	level := w.met[from:]
	free := w.paid(level)
	room := w.q.Budget - w.visited
	if w.visited += len(level) - free; w.visited <= w.q.Budget {
		return
	}
	w.keepFirst(level[free:], room)
	w.met = w.met[:from+free+room]
	w.stopped = &graph.Cursor{Keys: []schema.Value{schema.IntOf(0)}}
	if n := len(w.met); n > 0 {
		last := w.last(w.met[w.levelStart(n):])
		w.stopped = &graph.Cursor{Keys: []schema.Value{schema.IntOf(int64(last.depth))}, ID: graph.EntityID(w.s.idOf(last.row))}
	}
}

// paid moves the entities of a level up to the place where visiting is free to its front, and counts them.
func (w *walk) paid(level []meeting) (free int) {
	past := w.q.Past
	if past == nil {
		return 0
	}
	switch depth := cmp.Compare(int64(level[0].depth), past.Keys[0].Int()); {
	case depth < 0:
		return len(level)
	case depth > 0:
		return 0
	}
	for i := range level {
		if w.s.idOf(level[i].row) <= string(past.ID) {
			level[free], level[i] = level[i], level[free]
			free++
		}
	}
	return free
}

// keepFirst moves the n entities with the first ids to the front, in no order: a heap holds the n best so far, the
// worst of them at its root. Sorting all of a level that is much larger than n would cost more.
func (w *walk) keepFirst(level []meeting, n int) {
	if n == 0 {
		return
	}
	best := level[:n]
	ids := make([]string, n)
	for i, m := range best {
		ids[i] = w.s.idOf(m.row)
	}
	sift := func(i int) {
		for kid := 2*i + 1; kid < n; kid = 2*i + 1 {
			if kid+1 < n && ids[kid+1] > ids[kid] {
				kid++
			}
			if ids[kid] <= ids[i] {
				return
			}
			ids[kid], ids[i] = ids[i], ids[kid]
			best[kid], best[i] = best[i], best[kid]
			i = kid
		}
	}
	for i := n/2 - 1; i >= 0; i-- {
		sift(i)
	}
	for _, m := range level[n:] {
		if id := w.s.idOf(m.row); id < ids[0] {
			ids[0], best[0] = id, m
			sift(0)
		}
	}
}

// last returns the entity with the last id.
func (w *walk) last(level []meeting) meeting {
	return slices.MaxFunc(level, func(a, b meeting) int { return cmp.Compare(w.s.idOf(a.row), w.s.idOf(b.row)) })
}

// levelStart returns where the level of the last of n meetings begins.
func (w *walk) levelStart(n int) int {
	from := n - 1
	for from > 0 && w.met[from-1].depth == w.met[n-1].depth {
		from--
	}
	return from
}
