package memory

import (
	"context"
	"slices"

	"mereon/graph"
)

// Aggregate implements graph.View.
func (s *Snapshot) Aggregate(ctx context.Context, q graph.Aggregation) (*graph.Groups, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	t := newTally(ctx, s, &q)
	var err error
	if q.From == nil {
		err = t.selection(&q.Of)
	} else {
		err = t.neighbours(&q)
	}
	if err != nil {
		return nil, err
	}
	return t.answer(), nil
}

// selection counts the entities of a selection as one set.
func (t *tally) selection(of *graph.Selection) error {
	q := graph.Selection{Types: of.Types, IDs: of.IDs, Rows: of.Rows, Within: of.Within, Search: of.Search, Where: of.Where, Page: graph.Page{All: true}}
	src := t.s.source(&q)
	defer src.release(t.s)
	if len(t.by) == 0 && len(t.columns) == 0 && !src.listed && src.where == nil && src.found == nil {
		t.total(t.s.rowsOfTypes(&src.types))
		t.close()
		return nil
	}
	src.each(t.s, func(row uint32) bool {
		if t.err = t.l.look(); t.err == nil && src.matches(t.s, row) {
			t.add(row)
		}
		return t.err == nil
	})
	t.close()
	return t.err
}

// neighbours counts the neighbours of every row as a set of its own.
func (t *tally) neighbours(q *graph.Aggregation) error {
	want, links := t.s.want(q.Of.Types, q.Of.Where), t.s.links(nil, q.Steps)
	for _, row := range q.From {
		if e := t.s.liveAt(row); e != nil {
			t.eachNear(&t.l, e, links, func(other uint32) {
				if t.s.matches(&want, t.s.pages.at(other)) {
					t.add(other)
				}
			})
		}
		if t.err != nil {
			return t.err
		}
		t.close()
	}
	return nil
}

// eachNear gives the neighbours of an entity over links, each once, until an error.
func (t *tally) eachNear(l *looker, e *entity, links []link, visit func(row uint32)) {
	if len(links) < 2 {
		t.eachEnd(l, e, links, visit)
		return
	}
	seen := t.s.shared.marks.take(t.s.pages.n)
	defer t.s.shared.marks.give(seen)
	t.eachEnd(l, e, links, func(row uint32) {
		if !seen.has(row) {
			seen.set(row, 0)
			visit(row)
		}
	})
}

// eachEnd gives the other ends of relationships over links, until an error.
func (t *tally) eachEnd(l *looker, e *entity, links []link, visit func(row uint32)) {
	for _, link := range links {
		from, to := link.bounds()
		e.runs(from, to, func(run []uint64) bool {
			for _, end := range run {
				if t.err = l.look(); t.err != nil {
					return false
				}
				if visit(endRow(end)); t.err != nil {
					return false
				}
			}
			return true
		})
		if t.err != nil {
			return
		}
	}
}

// shortTrail is how many entities above one are found without marks: most are few.
const shortTrail = 24

// eachFar gives what an entity reaches over links in any number of steps, each once, itself never.
func (t *tally) eachFar(start uint32, links []link, visit func(row uint32)) {
	var seen *marks
	defer func() {
		if seen != nil {
			t.s.shared.marks.give(seen)
		}
	}()
	t.trail = append(t.trail[:0], start)
	meet := func(row uint32) {
		switch {
		case seen == nil && slices.Contains(t.trail, row), seen != nil && seen.has(row):
			return
		case seen == nil && len(t.trail) == shortTrail:
			seen = t.s.shared.marks.take(t.s.pages.n)
			for _, met := range t.trail {
				seen.set(met, 0)
			}
		}
		if seen != nil {
			seen.set(row, 0)
		}
		t.trail = append(t.trail, row)
	}
	for at := 0; at < len(t.trail) && t.err == nil; at++ {
		t.eachEnd(&t.hops, t.s.pages.at(t.trail[at]), links, meet)
	}
	if t.err != nil {
		return
	}
	for _, row := range t.trail[1:] {
		visit(row)
	}
}
