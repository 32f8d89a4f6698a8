package neo4j

import (
	"context"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/record"
	"mereon/schema"
	"mereon/schema/fault"
)

// ShortestPaths implements graph.View: it fetches what lies between the ends, level by level, and lets memory find the
// paths in that.
func (v *View) ShortestPaths(ctx context.Context, q graph.PathQuery) ([]graph.PathResult, error) {
	if err := v.start(ctx); err != nil {
		return nil, err
	}
	if q.Weight != "" && (q.Most > 1 || q.MaxDepth > 0) {
		return nil, fault.New(fault.Invalid, "the lightest path is one, of any number of steps: ask for it without a depth and a number of paths")
	}
	ends := v.idsAt([]graph.Row{q.From, q.To})
	if len(ends) < 2 {
		return nil, nil
	}
	p := newPatch(v.layout)
	if ends[0] != ends[1] {
		fetch := v.approach
		if q.Weight != "" {
			fetch = v.weigh
		}
		if err := fetch(ctx, p, &q, ends); err != nil {
			return nil, err
		}
	}
	if err := v.load(ctx, p, ends); err != nil {
		return nil, err
	}
	s, err := p.snapshot(v.revision, false)
	if err != nil {
		return nil, err
	}
	rows, err := rowsIn(ctx, s, ends)
	if err != nil {
		return nil, err
	}
	local := q
	local.From, local.To, local.Budget = rows[0], rows[1], 0
	found, err := s.ShortestPaths(ctx, local)
	if err != nil {
		return nil, err
	}
	return found, v.translate(ctx, s, found)
}

// translate turns the rows of paths into those of the view.
func (v *View) translate(ctx context.Context, s *memory.Snapshot, paths []graph.PathResult) error {
	for i := range paths {
		ids, err := s.Read(ctx, paths[i].Rows, withID(nil))
		if err != nil {
			return err
		}
		v.mu.Lock()
		for k := range paths[i].Rows {
			paths[i].Rows[k] = v.row(graph.EntityID(ids[k].Text()))
		}
		v.mu.Unlock()
	}
	return v.whole(ctx)
}

func tooFar(n int) error {
	return fault.New(fault.Limit, "no path was found among the first %d entities: allow fewer relationships, or raise the row budget", n)
}

// approach fetches from both ends, always from the one with fewer entities to look at next, by whole levels until they
// meet or there is no way.
func (v *View) approach(ctx context.Context, p *patch, q *graph.PathQuery, ends []graph.EntityID) error {
	back := make([]graph.Step, len(q.Steps))
	for i, s := range q.Steps {
		if back[i] = s; s.Direction != graph.Both {
			back[i].Direction = graph.In - s.Direction
		}
	}
	walks := [2]*walk{newWalk(v, p, q.Steps), newWalk(v, p, back)}
	sides := [2]*breadth{newBreadth(ends[:1], 0, 0), newBreadth(ends[1:], 0, 0)}
	for q.MaxDepth <= 0 || sides[0].depth+sides[1].depth < q.MaxDepth {
		way := 0
		if len(sides[1].level) < len(sides[0].level) {
			way = 1
		}
		if len(sides[way].level) == 0 {
			return nil
		}
		if err := v.further(ctx, walks[way], sides[way], q.Through, ends[1-way]); err != nil {
			return err
		}
		if n := len(sides[0].met) + len(sides[1].met) + 2; q.Budget > 0 && n > q.Budget {
			return tooFar(n)
		}
		for _, id := range sides[way].level {
			if sides[1-way].seen[id] {
				return nil
			}
		}
	}
	return nil
}

// further goes one step further on one side, through what a path may go through, and to the other end.
func (v *View) further(ctx context.Context, w *walk, b *breadth, through *schema.Condition, other graph.EntityID) error {
	if err := w.expand(ctx, b.level); err != nil {
		return err
	}
	var pass map[graph.EntityID]bool
	if through != nil {
		var near []graph.EntityID
		for _, id := range b.level {
			near = append(near, w.near[id]...)
		}
		var err error
		if pass, err = v.passing(ctx, w.p, near, through); err != nil {
			return err
		}
		pass[other] = true
	}
	b.advance(w, pass)
	return nil
}

// weigh fetches what a lightest path can go over: round by round it looks at all that was met and is lighter than the best
// way to the end so far.
func (v *View) weigh(ctx context.Context, p *patch, q *graph.PathQuery, ends []graph.EntityID) error {
	w := newWalk(v, p, q.Steps)
	sums, level := map[graph.EntityID]float64{ends[0]: 0}, ends[:1]
	for len(level) > 0 {
		if err := w.expand(ctx, level); err != nil {
			return err
		}
		if q.Budget > 0 && len(sums) > q.Budget {
			return tooFar(len(sums))
		}
		pass, err := v.roundPass(ctx, w, q.Through, level, ends[1])
		if err != nil {
			return err
		}
		next, sound := w.lighter(q, level, sums, pass)
		if !sound {
			return nil // memory says what is wrong
		}
		best, met := sums[ends[1]]
		level = level[:0:0]
		for id := range next {
			if id != ends[1] && (!met || sums[id] < best) {
				level = append(level, id)
			}
		}
	}
	return nil
}

// roundPass tells what a path may go through among the neighbours of a level; nil for everything.
func (v *View) roundPass(ctx context.Context, w *walk, through *schema.Condition, level []graph.EntityID, end graph.EntityID) (map[graph.EntityID]bool, error) {
	if through == nil {
		return nil, nil
	}
	var near []graph.EntityID
	for _, id := range level {
		near = append(near, w.near[id]...)
	}
	pass, err := v.passing(ctx, w.p, near, through)
	if err != nil {
		return nil, err
	}
	pass[end] = true
	return pass, nil
}

// lighter lowers the sums of the neighbours of a level and returns those that were lowered; sound is false when something
// has no weight.
func (w *walk) lighter(q *graph.PathQuery, level []graph.EntityID, sums map[graph.EntityID]float64, pass map[graph.EntityID]bool) (next map[graph.EntityID]bool, sound bool) {
	next = map[graph.EntityID]bool{}
	for _, id := range level {
		for _, other := range w.near[id] {
			if pass != nil && !pass[other] {
				continue
			}
			weight, ok := w.weight(q, id, other)
			if !ok {
				return nil, false
			}
			if old, met := sums[other]; !met || sums[id]+weight < old {
				sums[other] = sums[id] + weight
				next[other] = true
			}
		}
	}
	return next, true
}

// weight is the least weight of the relationships from one entity to another.
func (w *walk) weight(q *graph.PathQuery, from, to graph.EntityID) (least float64, ok bool) {
	found := false
	for _, s := range w.steps {
		for _, e := range []edge{{from, s.Relation, to}, {to, s.Relation, from}} {
			r, there := w.p.edges[e]
			if !there || s.Direction == graph.Out && e.from != from || s.Direction == graph.In && e.to != from {
				continue
			}
			weight, sound := weightOf(q, &r)
			if !sound {
				return 0, false
			}
			if !found || weight < least {
				found, least = true, weight
			}
		}
	}
	return least, found
}

func weightOf(q *graph.PathQuery, r *record.Relationship) (float64, bool) {
	v := schema.Null
	for _, p := range r.Props {
		if p.Path == q.Weight {
			v = p.Value
		}
	}
	if v.IsNull() && q.Missing != nil {
		return *q.Missing, true
	}
	weight := v.Float()
	return weight, weight >= 0
}
