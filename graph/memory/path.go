package memory

import (
	"context"
	"slices"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// ShortestPaths implements graph.View. It searches from both ends, always from the one with fewer entities to look at next.
func (s *Snapshot) ShortestPaths(ctx context.Context, q graph.PathQuery) ([]graph.PathResult, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	if q.Weight != "" && (q.Most > 1 || q.MaxDepth > 0) {
		return nil, invalid("the lightest path is one, of any number of steps: ask for it without a depth and a number of paths")
	}
	if s.liveAt(q.From) == nil || s.liveAt(q.To) == nil {
		return nil, nil
	}
	if q.From == q.To {
		return []graph.PathResult{{Rows: []graph.Row{q.From}}}, nil
	}
	links := s.links(nil, q.Steps)
	ways := [2][]link{links, slices.Clone(links)}
	for i := range links {
		ways[1][i].in = !links[i].in
	}
	p := pathSearch{s: s, q: &q, l: looker{ctx: ctx}, through: s.filterOf(q.Through), ways: ways}
	switch {
	case q.Weight != "":
		return p.lightest()
	case q.Most > 1:
		return p.all()
	}
	return p.any()
}

// pathSearch is what all searches for paths have in common.
type pathSearch struct {
	s       *Snapshot
	q       *graph.PathQuery
	l       looker
	through *filter
	ways    [2][]link // from From, and back from To
}

// blocked marks a row that a path may not go through.
const blocked = marksMax - 1

// passable says whether a path may go through a row.
func (p *pathSearch) passable(row uint32) bool {
	return p.through == nil || p.s.test(p.through, p.s.pages.at(row)) == schema.True
}

// afford looks at one more entity of so many that were met.
func (p *pathSearch) afford(met int) error {
	if p.q.Budget > 0 && met > p.q.Budget || met >= blocked {
		return fault.New(fault.Limit, "no path was found among the first %d entities: allow fewer relationships, or raise the row budget", met)
	}
	return p.l.look()
}

// any returns any one of the shortest paths.
func (p *pathSearch) any() ([]graph.PathResult, error) {
	t := twoSides{pathSearch: p}
	for i, row := range []graph.Row{p.q.From, p.q.To} {
		t.sides[i].start(p.s, uint32(row), p.ways[i])
		defer p.s.shared.marks.give(t.sides[i].seen)
	}
	return t.run()
}

// side is the search from one end.
type side struct {
	links []link
	seen  *marks // number: index in met
	met   []step
	level int // where the newest level begins in met
	depth int
}

// step is an entity met: from which other, by which end of that one.
type step struct {
	row  uint32
	from int32
	end  uint64
}

func (d *side) start(s *Snapshot, row uint32, links []link) {
	d.links, d.seen, d.met = links, s.shared.marks.take(s.pages.n), []step{{row: row, from: -1}}
	d.seen.set(row, 0)
}

// twoSides searches for one path from both ends.
type twoSides struct {
	*pathSearch
	sides [2]side
	found bool
	meet  [2]int32 // indexes in met of both sides where they meet
}

func (p *twoSides) run() ([]graph.PathResult, error) {
	for p.q.MaxDepth <= 0 || p.sides[0].depth+p.sides[1].depth < p.q.MaxDepth {
		a, b := &p.sides[0], &p.sides[1]
		way := 0
		if len(b.met)-b.level < len(a.met)-a.level {
			way = 1
		}
		if p.sides[way].level == len(p.sides[way].met) {
			break
		}
		if err := p.expand(way); err != nil {
			return nil, err
		}
		if p.found {
			return []graph.PathResult{p.result()}, nil
		}
	}
	return nil, nil
}

// expand goes one step further on one side.
func (p *twoSides) expand(way int) error {
	d := &p.sides[way]
	from, to := d.level, len(d.met)
	d.level, d.depth = to, d.depth+1
	for i := from; i < to && !p.found; i++ {
		if err := p.afford(len(p.sides[0].met) + len(p.sides[1].met)); err != nil {
			return err
		}
		e := p.s.pages.at(d.met[i].row)
		for _, l := range d.links {
			lo, hi := l.bounds()
			e.runs(lo, hi, func(run []uint64) bool { return p.look(way, int32(i), run) })
		}
	}
	return nil
}

// look takes a run of neighbours and says whether to go on.
func (p *twoSides) look(way int, from int32, run []uint64) bool {
	d, other := &p.sides[way], &p.sides[1-way]
	for _, end := range run {
		row := endRow(end)
		if d.seen.has(row) {
			continue
		}
		at, met := other.seen.get(row)
		if met = met && at != blocked; !met && !p.passable(row) {
			d.seen.set(row, blocked)
			continue
		}
		d.seen.set(row, uint32(len(d.met)))
		d.met = append(d.met, step{row, from, end})
		if met {
			p.found, p.meet[way], p.meet[1-way] = true, int32(len(d.met)-1), int32(at)
			return false
		}
	}
	return true
}

// result joins both halves.
func (p *twoSides) result() graph.PathResult {
	r := graph.PathResult{}
	a := &p.sides[0]
	for i := p.meet[0]; i >= 0; i = a.met[i].from {
		r.Rows = append(r.Rows, graph.Row(a.met[i].row))
		if a.met[i].from >= 0 {
			r.Relations = append(r.Relations, p.s.relations.text(endRelation(a.met[i].end)))
			r.Inverse = append(r.Inverse, a.met[i].end&inward != 0)
		}
	}
	slices.Reverse(r.Rows)
	slices.Reverse(r.Relations)
	slices.Reverse(r.Inverse)
	b := &p.sides[1]
	for i := p.meet[1]; b.met[i].from >= 0; i = b.met[i].from {
		r.Rows = append(r.Rows, graph.Row(b.met[b.met[i].from].row))
		r.Relations = append(r.Relations, p.s.relations.text(endRelation(b.met[i].end)))
		r.Inverse = append(r.Inverse, b.met[i].end&inward == 0)
	}
	return r
}
