package memory

import (
	"slices"
	"strings"

	"mereon/graph"
)

// fan is the search from one end, whole levels at a time. Marks hold the number of steps from the end.
type fan struct {
	links []link
	seen  *marks
	level []uint32
	depth uint32
	met   int
}

// allPaths searches for all shortest paths: from both ends by whole levels, until one level meets the other side. What both
// sides know then is how far every entity of a shortest path is from one of the ends.
type allPaths struct {
	*pathSearch
	fans   [2]fan
	middle []uint32 // entities where the sides meet
	good   *marks   // those of the first side from which the middle is reached: steps from the start
	found  []graph.PathResult
}

// all returns up to q.Most shortest paths, by the ids along them.
func (p *pathSearch) all() ([]graph.PathResult, error) {
	a := allPaths{pathSearch: p}
	for i, row := range []graph.Row{p.q.From, p.q.To} {
		f := &a.fans[i]
		f.links, f.seen, f.level, f.met = p.ways[i], p.s.shared.marks.take(p.s.pages.n), []uint32{uint32(row)}, 1
		defer p.s.shared.marks.give(f.seen)
		f.seen.set(uint32(row), 0)
	}
	if err := a.meet(); err != nil || len(a.middle) == 0 {
		return nil, err
	}
	a.good = p.s.shared.marks.take(p.s.pages.n)
	defer p.s.shared.marks.give(a.good)
	a.trace()
	err := a.follow([]uint32{uint32(p.q.From)})
	return a.found, err
}

func (a *allPaths) meet() error {
	for a.q.MaxDepth <= 0 || int(a.fans[0].depth+a.fans[1].depth) < a.q.MaxDepth {
		way := 0
		if len(a.fans[1].level) < len(a.fans[0].level) {
			way = 1
		}
		if len(a.fans[way].level) == 0 {
			return nil
		}
		if err := a.expand(&a.fans[way], &a.fans[1-way]); err != nil || len(a.middle) > 0 {
			return err
		}
	}
	return nil
}

// expand goes one step further on one side, with the whole level.
func (a *allPaths) expand(f, other *fan) error {
	f.depth++
	var next []uint32
	for _, row := range f.level {
		if err := a.afford(a.fans[0].met + a.fans[1].met); err != nil {
			return err
		}
		for _, l := range f.links {
			a.s.eachNeighbour(row, l, func(to uint32) {
				if f.seen.has(to) {
					return
				}
				at, met := other.seen.get(to)
				if met = met && at != blocked; !met && !a.passable(to) {
					f.seen.set(to, blocked)
					return
				}
				f.seen.set(to, f.depth)
				f.met++
				next = append(next, to)
				if met {
					a.middle = append(a.middle, to)
				}
			})
		}
	}
	f.level = next
	return nil
}

// trace goes back from the middle to the start and marks what lies on a shortest path.
func (a *allPaths) trace() {
	level := a.middle
	for _, row := range level {
		a.good.set(row, a.fans[0].depth)
	}
	for depth := a.fans[0].depth; depth > 0; depth-- {
		var before []uint32
		for _, row := range level {
			for _, l := range a.ways[1] {
				a.s.eachNeighbour(row, l, func(from uint32) {
					if at, met := a.fans[0].seen.get(from); met && at == depth-1 && !a.good.has(from) {
						a.good.set(from, depth-1)
						before = append(before, from)
					}
				})
			}
		}
		level = before
	}
}

// follow extends a path from the start, by the ids of what comes next, until there are enough.
func (a *allPaths) follow(path []uint32) error {
	if path[len(path)-1] == uint32(a.q.To) {
		a.found = append(a.found, a.result(path))
		return nil
	}
	for _, row := range a.next(path) {
		if err := a.l.look(); err != nil || len(a.found) == a.q.Most {
			return err
		}
		if err := a.follow(append(path, row)); err != nil {
			return err
		}
	}
	return nil
}

// next returns where the shortest paths go from the end of one, by id.
func (a *allPaths) next(path []uint32) (rows []uint32) {
	depth, whole := uint32(len(path)), a.fans[0].depth+a.fans[1].depth
	for _, l := range a.ways[0] {
		a.s.eachNeighbour(path[len(path)-1], l, func(row uint32) {
			side, want := a.good, depth
			if depth > a.fans[0].depth {
				side, want = a.fans[1].seen, whole-depth
			}
			if at, met := side.get(row); met && at == want && !slices.Contains(rows, row) {
				rows = append(rows, row)
			}
		})
	}
	slices.SortFunc(rows, func(x, y uint32) int { return strings.Compare(a.s.idOf(x), a.s.idOf(y)) })
	return rows
}

func (a *allPaths) result(path []uint32) (r graph.PathResult) {
	for i, row := range path {
		if r.Rows = append(r.Rows, graph.Row(row)); i == 0 {
			continue
		}
		for _, l := range a.ways[0] {
			if _, joined := a.s.pages.at(path[i-1]).find(end(l.in, l.relation, row)); joined {
				r.Relations, r.Inverse = append(r.Relations, a.s.relations.text(l.relation)), append(r.Inverse, l.in)
				break
			}
		}
	}
	return r
}
