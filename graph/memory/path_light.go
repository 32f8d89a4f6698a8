package memory

import (
	"container/heap"
	"slices"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
	"mereon/schema/fault"
)

// weighed is an entity met: from which other, by which end of that one, and the least sum known so far.
type weighed struct {
	row  uint32
	from int32
	end  uint64
	sum  float64
	done bool
}

// scale is the search for the lightest path from one end: what was met, and the entities to go on from, lightest first.
// It is a heap.Interface over indexes in met.
type scale struct {
	links []link
	seen  *marks // number: index in met
	met   []weighed
	open  []lightItem
}

type lightItem struct {
	sum float64
	at  int32
}

func (d *scale) Len() int           { return len(d.open) }
func (d *scale) Less(i, j int) bool { return d.open[i].sum < d.open[j].sum }
func (d *scale) Swap(i, j int)      { d.open[i], d.open[j] = d.open[j], d.open[i] }
func (d *scale) Push(x any)         { d.open = append(d.open, x.(lightItem)) }
func (d *scale) Pop() any {
	last := d.open[len(d.open)-1]
	d.open = d.open[:len(d.open)-1]
	return last
}

// lightPath is Dijkstra's search from both ends. It is over when no path through what is still open can be lighter than
// the best one known.
type lightPath struct {
	*pathSearch
	key   uint32 // of the weight
	known bool   // some relationship or entity has that property
	// forward says that only the first side goes on.
	forward bool
	sides   [2]scale
	best    float64
	meet    [2]int32 // indexes in met of both sides where the best path joins them; -1: none yet
}

// lightest returns the path with the least sum of weights. A relationship without a weight near the end may lie on no path
// from the start, so what the search from both ends refuses is searched again from the start alone.
func (p *pathSearch) lightest() ([]graph.PathResult, error) {
	found, err := p.lightestFrom(false)
	if fault.CodeOf(err) == fault.Invalid {
		return p.lightestFrom(true)
	}
	return found, err
}

func (p *pathSearch) lightestFrom(start bool) ([]graph.PathResult, error) {
	t := lightPath{pathSearch: p, forward: start, meet: [2]int32{-1, -1}}
	t.key, t.known = p.s.paths.number(string(p.q.Weight))
	for i, row := range []graph.Row{p.q.From, p.q.To} {
		d := &t.sides[i]
		d.links, d.seen, d.met, d.open = p.ways[i], p.s.shared.marks.take(p.s.pages.n), []weighed{{row: uint32(row), from: -1}}, []lightItem{{}}
		defer p.s.shared.marks.give(d.seen)
		d.seen.set(uint32(row), 0)
	}
	if err := t.run(); err != nil || t.meet[0] < 0 {
		return nil, err
	}
	return []graph.PathResult{t.result()}, nil
}

func (t *lightPath) run() error {
	a, b := &t.sides[0], &t.sides[1]
	for len(a.open) > 0 && len(b.open) > 0 {
		if t.meet[0] >= 0 && a.open[0].sum+b.open[0].sum >= t.best {
			return nil
		}
		way := 0
		if !t.forward && len(b.open) < len(a.open) {
			way = 1
		}
		if err := t.settle(way); err != nil {
			return err
		}
	}
	return nil
}

// settle goes on from the lightest open entity of one side.
func (t *lightPath) settle(way int) (failed error) {
	d := &t.sides[way]
	item := heap.Pop(d).(lightItem)
	from := d.met[item.at]
	if from.done {
		return nil
	}
	d.met[item.at].done = true
	if err := t.afford(len(t.sides[0].met) + len(t.sides[1].met)); err != nil {
		return err
	}
	e := t.s.pages.at(from.row)
	for _, l := range d.links {
		lo, hi := l.bounds()
		e.runs(lo, hi, func(run []uint64) bool {
			for _, end := range run {
				if failed = t.relax(way, item.at, end); failed != nil {
					return false
				}
			}
			return true
		})
		if failed != nil {
			return failed
		}
	}
	return nil
}

// relax looks at one relationship of a settled entity.
func (t *lightPath) relax(way int, from int32, end uint64) error {
	d, other := &t.sides[way], &t.sides[1-way]
	row := endRow(end)
	at, met := d.seen.get(row)
	if met && (at == blocked || d.met[at].done) {
		return nil
	}
	there, joins := other.seen.get(row)
	if joins = joins && there != blocked; !met && !joins && !t.passable(row) {
		d.seen.set(row, blocked)
		return nil
	}
	weight, err := t.weight(d.met[from].row, end)
	if err != nil {
		return err
	}
	sum := d.met[from].sum + weight
	switch {
	case !met:
		at = uint32(len(d.met))
		d.seen.set(row, at)
		d.met = append(d.met, weighed{row: row, from: from, end: end, sum: sum})
	case sum < d.met[at].sum:
		d.met[at] = weighed{row: row, from: from, end: end, sum: sum}
	default:
		return nil
	}
	heap.Push(d, lightItem{sum, int32(at)})
	if joins && (t.meet[0] < 0 || sum+other.met[there].sum < t.best) {
		t.best, t.meet[way], t.meet[1-way] = sum+other.met[there].sum, int32(at), int32(there)
	}
	return nil
}

// weight returns what a relationship weighs.
func (t *lightPath) weight(row uint32, end uint64) (float64, error) {
	v := schema.Null
	if end&withProps != 0 && t.known {
		v = record.FindField(t.s.propsOf(edgeAt(row, end)), t.key)
	}
	if v.IsNull() && t.q.Missing != nil {
		return *t.q.Missing, nil
	}
	if w := v.Float(); w >= 0 {
		return w, nil
	}
	e := edgeAt(row, end)
	name := t.s.relations.text(e.relation) + " from " + t.s.idOf(e.from) + " to " + t.s.idOf(e.to)
	if v.IsNull() {
		return 0, invalid("the relationship %s has no %s to weigh it by: set it, or say what counts where it is missing", name, t.q.Weight)
	}
	return 0, invalid("the relationship %s cannot be weighed by %s: a weight is a number from 0", name, t.q.Weight)
}

// result joins both halves and sums the weights anew, from the start.
func (t *lightPath) result() graph.PathResult {
	r := graph.PathResult{}
	var sums []float64
	a, b := &t.sides[0], &t.sides[1]
	for i := t.meet[0]; i >= 0; i = a.met[i].from {
		r.Rows = append(r.Rows, graph.Row(a.met[i].row))
		if from := a.met[i].from; from >= 0 {
			r.Relations = append(r.Relations, t.s.relations.text(endRelation(a.met[i].end)))
			r.Inverse = append(r.Inverse, a.met[i].end&inward != 0)
			sums = append(sums, t.stepWeight(a, i))
		}
	}
	slices.Reverse(r.Rows)
	slices.Reverse(r.Relations)
	slices.Reverse(r.Inverse)
	slices.Reverse(sums)
	for i := t.meet[1]; b.met[i].from >= 0; i = b.met[i].from {
		r.Rows = append(r.Rows, graph.Row(b.met[b.met[i].from].row))
		r.Relations = append(r.Relations, t.s.relations.text(endRelation(b.met[i].end)))
		r.Inverse = append(r.Inverse, b.met[i].end&inward == 0)
		sums = append(sums, t.stepWeight(b, i))
	}
	for _, w := range sums {
		r.Weight += w
	}
	return r
}

// stepWeight returns the weight of the relationship by which an entity was met; it was looked at before.
func (t *lightPath) stepWeight(d *scale, at int32) float64 {
	w, _ := t.weight(d.met[d.met[at].from].row, d.met[at].end)
	return w
}
