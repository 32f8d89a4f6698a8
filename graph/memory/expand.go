package memory

import (
	"context"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

// Expand implements graph.View.
func (s *Snapshot) Expand(ctx context.Context, q graph.Expansion) (*graph.Batch, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	c := s.shared.heaps.take(s)
	defer s.shared.heaps.give(c)
	if err := c.start(q.Order, q.Page, false); err != nil {
		return nil, err
	}
	x := expansion{s: s, c: c, want: s.want(q.Types, q.Where), l: looker{ctx: ctx}}
	x.links = s.links(x.room[:0], q.Steps)
	if len(x.links) > 1 {
		x.seen = s.shared.marks.take(s.pages.n)
		defer s.shared.marks.give(x.seen)
	}
	a := newAnswer(len(q.From), q.Count)
	var ends []origin
	var keep func(slot)
	from := uint32(0)
	if len(q.Props) > 0 {
		keep = func(at slot) { ends = append(ends, origin{from, at.end}) }
	}
	for _, row := range q.From {
		c.reset()
		if err := x.group(row); err != nil {
			return nil, err
		}
		from = uint32(row)
		a.take(c, q.Count, keep)
	}
	a.Props = s.fillProps(ends, q.Props)
	return s.finishAnswer(a, q.Columns), nil
}

// expansion offers the neighbours of one row after the other to a collector.
type expansion struct {
	s     *Snapshot
	c     *collector
	want  want
	links []link
	room  [4]link
	seen  *marks // nil when no entity can be met twice
	l     looker
}

func (x *expansion) group(row graph.Row) (failed error) {
	e := x.s.liveAt(row)
	if e == nil {
		return nil
	}
	if x.seen != nil {
		x.seen.reset(x.s.pages.n)
	}
	for _, l := range x.links {
		from, to := l.bounds()
		e.runs(from, to, func(run []uint64) bool {
			for _, end := range run {
				if failed = x.l.look(); failed != nil {
					return false
				}
				x.offer(end)
			}
			return true
		})
		if failed != nil {
			return failed
		}
	}
	return nil
}

func (x *expansion) offer(end uint64) {
	other := endRow(end)
	if x.seen != nil {
		if x.seen.has(other) {
			return
		}
		x.seen.set(other, 0)
	}
	if x.s.matches(&x.want, x.s.pages.at(other)) {
		x.c.offer(other, 0, end)
	}
}

// origin says by which end of which row an entity was reached.
type origin struct {
	row uint32
	end uint64
}

// fillProps writes the relationship properties, column-major.
func (s *Snapshot) fillProps(ends []origin, paths []schema.Path) []schema.Value {
	if len(paths) == 0 || len(ends) == 0 {
		return nil
	}
	cells := make([]schema.Value, len(paths)*len(ends))
	for i, o := range ends {
		if o.end&withProps == 0 {
			continue
		}
		fields := s.propsOf(edgeAt(o.row, o.end))
		for p, path := range paths {
			if key, ok := s.paths.number(string(path)); ok {
				cells[p*len(ends)+i] = record.FindField(fields, key)
			}
		}
	}
	return cells
}
