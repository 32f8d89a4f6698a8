package neo4j

import (
	"context"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

// walk fetches relationships frontier by frontier: one statement for all that is asked about at one depth, for every
// direction in which steps go. What was fetched once is not asked again.
type walk struct {
	v      *View
	p      *patch
	steps  []graph.Step
	near   map[graph.EntityID][]graph.EntityID // neighbours over any step, of every entity asked about
	rounds int                                 // expansions so far
	rings  [][]*record.Entity                  // around one start, when no more is known than who is how far away
}

func newWalk(v *View, p *patch, steps []graph.Step) *walk {
	return &walk{v: v, p: p, steps: steps, near: map[graph.EntityID][]graph.EntityID{}}
}

// hops are the statements that the steps need: relations followed in one direction share one.
func (w *walk) hops() (hops []hop) {
	var relations [3][]string
	for _, s := range w.steps {
		if w.v.relates(s.Relation) {
			relations[s.Direction] = append(relations[s.Direction], s.Relation)
		}
	}
	if len(relations[graph.Both]) > 0 || len(relations[graph.Out]) > 0 && len(relations[graph.In]) > 0 {
		// One statement that brings too much beats two.
		all := append(append(relations[graph.Out], relations[graph.In]...), relations[graph.Both]...)
		return []hop{{all, graph.Both}}
	}
	for d, names := range relations {
		if len(names) > 0 {
			hops = append(hops, hop{names, graph.Direction(d)})
		}
	}
	return hops
}

// goes says whether the steps lead over an edge from one end to the other.
func (w *walk) goes(relation string, in bool) bool {
	for _, s := range w.steps {
		if s.Relation == relation && (s.Direction == graph.Both || (s.Direction == graph.In) == in) {
			return true
		}
	}
	return false
}

// expand fetches the neighbours of entities that were not asked about before.
func (w *walk) expand(ctx context.Context, ids []graph.EntityID) error {
	missing := w.unasked(ids)
	if w.rounds++; w.rounds > 1 && len(missing) > 0 && len(missing) <= furtherFrom {
		if err := w.further(ctx, missing); err != nil {
			return err
		}
		missing = w.unasked(missing)
	}
	if len(missing) == 0 {
		return nil
	}
	for _, id := range missing {
		w.near[id] = nil
	}
	asked := make(map[graph.EntityID]bool, len(missing))
	for _, id := range missing {
		asked[id] = true
	}
	for _, h := range w.hops() {
		edges, err := w.v.fetch.edges(ctx, idsOf(missing), h)
		if err != nil {
			return err
		}
		for i := range edges {
			w.note(&edges[i], asked)
		}
	}
	return nil
}

// unasked are those that were not asked about before, each once.
func (w *walk) unasked(ids []graph.EntityID) (missing []graph.EntityID) {
	seen := make(map[graph.EntityID]bool, len(ids))
	for _, id := range ids {
		if _, asked := w.near[id]; !asked && !seen[id] {
			seen[id] = true
			missing = append(missing, id)
		}
	}
	return missing
}

func (w *walk) note(r *record.Relationship, asked map[graph.EntityID]bool) {
	out, in := w.goes(r.Relation, false), w.goes(r.Relation, true)
	e := edgeOf(r)
	if out && asked[r.From] {
		w.near[r.From] = append(w.near[r.From], r.To)
		w.p.edges[e] = *r
	}
	if in && asked[r.To] {
		w.near[r.To] = append(w.near[r.To], r.From)
		w.p.edges[e] = *r
	}
}

// all returns what can be reached from the starts, them excluded unless one leads to another; depth > 0 bounds the steps.
func (w *walk) all(ctx context.Context, starts []graph.EntityID, depth, budget int) ([]graph.EntityID, error) {
	b := newBreadth(starts, depth, budget)
	for !b.ended() {
		if err := w.expand(ctx, b.level); err != nil {
			return nil, err
		}
		b.advance(w, nil)
	}
	return b.met, w.v.whole(ctx)
}

// breadth is one search in breadth over what a walk has fetched.
type breadth struct {
	seen   map[graph.EntityID]bool
	level  []graph.EntityID
	met    []graph.EntityID
	depth  int
	most   int           // depth, 0 for no bound
	budget int           // entities that count, 0 for no bound
	past   *graph.Cursor // a place by depth and id: what is met up to it does not count
	counts int
}

func newBreadth(starts []graph.EntityID, most, budget int) *breadth {
	b := &breadth{seen: map[graph.EntityID]bool{}, level: starts, most: most, budget: budget}
	for _, id := range starts {
		b.seen[id] = true
	}
	return b
}

func (b *breadth) ended() bool {
	return len(b.level) == 0 || b.most > 0 && b.depth >= b.most || b.budget > 0 && b.counts > b.budget
}

// next lists what the level leads to and was not seen before.
func (b *breadth) next(w *walk) (fresh []graph.EntityID) {
	for _, id := range b.level {
		for _, other := range w.near[id] {
			if !b.seen[other] {
				b.seen[other] = true
				fresh = append(fresh, other)
			}
		}
	}
	return fresh
}

// advance goes one step further, over those that through lets pass; nil lets all.
func (b *breadth) advance(w *walk, through map[graph.EntityID]bool) {
	fresh := b.next(w)
	if through != nil {
		kept := fresh[:0]
		for _, id := range fresh {
			if through[id] {
				kept = append(kept, id)
			}
		}
		fresh = kept
	}
	b.level, b.met, b.depth = fresh, append(b.met, fresh...), b.depth+1
	for _, id := range fresh {
		if b.past == nil || int64(b.depth) > b.past.Keys[0].Int() || int64(b.depth) == b.past.Keys[0].Int() && id > b.past.ID {
			b.counts++
		}
	}
}

// load fetches entities into the patch with what a condition on them looks at.
func (v *View) load(ctx context.Context, p *patch, ids []graph.EntityID, conditions ...*schema.Condition) error {
	found, err := v.known(ctx, ids)
	if err != nil {
		return err
	}
	for _, e := range found {
		p.entities[e.ID] = e
	}
	for _, c := range conditions {
		if err := v.satisfy(ctx, p, ids, c); err != nil {
			return err
		}
	}
	return nil
}
