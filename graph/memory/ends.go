package memory

import (
	"slices"

	"mereon/graph"
)

// An end is one relationship seen from one of its entities, in 8 bytes that sort by direction, relation and other row:
//
//	bit 63: seen against its direction   bits 33-62: relation   bits 1-32: other row   bit 0: has properties
const (
	inward    = 1 << 63
	withProps = 1

	// bigEnds is the number of ends from which an entity keeps them in a tree, so that a change costs the same for all.
	bigEnds = 512
)

func end(in bool, relation, other uint32) uint64 {
	e := uint64(relation)<<33 | uint64(other)<<1
	if in {
		e |= inward
	}
	return e
}

func endRow(e uint64) uint32      { return uint32(e >> 1) }
func endRelation(e uint64) uint32 { return uint32(e &^ inward >> 33) }

// endsOf returns the bounds of all ends of a relation in a direction.
func endsOf(in bool, relation uint32) (from, to uint64) {
	from = end(in, relation, 0)
	return from, from + 1<<33
}

// place searches ends without regard to whether they have properties.
func place(ends []uint64, e uint64) (int, bool) {
	i, _ := slices.BinarySearch(ends, e&^withProps)
	return i, i < len(ends) && ends[i]|withProps == e|withProps
}

func (e *entity) find(end uint64) (uint64, bool) {
	if e.big != nil {
		return e.big.find(func(ends []uint64) (int, bool) { return place(ends, end) })
	}
	if i, found := place(e.ends, end); found {
		return e.ends[i], true
	}
	return 0, false
}

// addEnd adds the end or replaces it.
func (e *entity) addEnd(owner uint64, end uint64) {
	if e.big == nil && len(e.ends) >= bigEnds {
		big := build(owner, e.ends)
		e.big, e.ends = &big, nil
	}
	if e.big != nil {
		big := *e.big
		big.insert(owner, end, func(ends []uint64) (int, bool) { return place(ends, end) })
		e.big = &big
		return
	}
	i, found := place(e.ends, end)
	grown := make([]uint64, 0, len(e.ends)+1)
	grown = append(append(grown, e.ends[:i]...), end)
	if found {
		i++
	}
	e.ends = append(grown, e.ends[i:]...)
}

func (e *entity) removeEnd(owner uint64, end uint64) {
	if e.big != nil {
		big := *e.big
		big.remove(owner, func(ends []uint64) (int, bool) { return place(ends, end) })
		e.big = &big
		if big.len() < bigEnds/2 {
			e.ends, e.big = e.allEnds(nil), nil
		}
		return
	}
	if i, found := place(e.ends, end); found {
		e.ends = slices.Concat(e.ends[:i], e.ends[i+1:])
	}
}

func (e *entity) allEnds(dst []uint64) []uint64 {
	e.runs(0, 1<<64-1, func(run []uint64) bool {
		dst = append(dst, run...)
		return true
	})
	return dst
}

// runs calls visit with the ends from from up to but not including to, in one or several sorted runs, until it returns false.
func (e *entity) runs(from, to uint64, visit func(run []uint64) bool) {
	if e.big == nil {
		lo, _ := slices.BinarySearch(e.ends, from)
		hi, _ := slices.BinarySearch(e.ends[lo:], to)
		if hi > 0 {
			visit(e.ends[lo : lo+hi])
		}
		return
	}
	var c cursor[uint64]
	for c.seek(*e.big, func(ends []uint64) (int, bool) { return slices.BinarySearch(ends, from) }); c.valid(); c.nextRun() {
		run := c.run()
		hi, _ := slices.BinarySearch(run, to)
		if hi == 0 || !visit(run[:hi]) || hi < len(run) {
			return
		}
	}
}

// one returns the only end within the bounds; n is the number of ends, counted up to 2.
func (e *entity) one(from, to uint64) (only uint64, n int) {
	e.runs(from, to, func(run []uint64) bool {
		if n == 0 {
			only = run[0]
		}
		n += len(run)
		return n < 2
	})
	return only, min(n, 2)
}

// link is a step whose relation is a number; unknown relations have no link.
type link struct {
	relation uint32
	in       bool
}

func (l link) bounds() (from, to uint64) { return endsOf(l.in, l.relation) }

// links translates steps; Both becomes two links, unknown relations none.
func (s *Snapshot) links(dst []link, steps []graph.Step) []link {
	for _, step := range steps {
		r, ok := s.relations.number(step.Relation)
		if !ok {
			continue
		}
		if step.Direction != graph.In {
			dst = append(dst, link{r, false})
		}
		if step.Direction != graph.Out {
			dst = append(dst, link{r, true})
		}
	}
	return dst
}
