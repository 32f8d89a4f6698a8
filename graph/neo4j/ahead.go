package neo4j

import (
	"context"
	"slices"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/record"
)

const (
	aheadDepth = 4      // levels fetched by one statement at most
	aheadMost  = 10_000 // relationships of a level that one statement brings at most
	aheadFrom  = 1_000  // entities it begins with at most
)

// levelsOf are the levels that a search begins with: none where something has to be tested on the way.
func (v *View) levelsOf(q *graph.Reach, starts int) levels {
	depth := aheadDepth - 1
	if q.MaxDepth > 0 {
		depth = min(q.MaxDepth, aheadDepth)
	}
	switch {
	case q.Through != nil:
		return levels{}
	case starts == 1 && !q.Paths && !looksAround(q.Where):
		return v.levelsAlong(q.Steps, starts, depth, withDepths)
	}
	return v.levelsAlong(q.Steps, starts, depth, withRelationships)
}

// levelsAlong are those over steps; none where there are too many starts or nothing is followed.
func (v *View) levelsAlong(steps []graph.Step, starts, depth, with int) levels {
	out, in := v.directions(steps)
	if starts == 0 || starts > aheadFrom || out == "" && in == "" {
		return levels{}
	}
	return levels{out, in, depth, with}
}

// ahead fetches the first levels around entities in one statement: their relationships and the entities at the other ends.
// A level that holds too much is left out with those behind it: whoever walks asks for it by itself.
func (w *walk) ahead(ctx context.Context, starts []graph.EntityID, l levels) error {
	if l.depth == 0 {
		return nil
	}
	values, err := w.v.levels(ctx, starts, l)
	if err != nil {
		return err
	}
	if l.with == withDepths {
		return w.around(starts[0], l, values)
	}
	found, err := entitiesOf(values[0])
	if err != nil {
		return err
	}
	w.v.learn(found)
	return w.noteLevels(starts, values[1:], aheadMost)
}

const (
	furtherFrom = 50    // entities from which several levels are fetched at once
	furtherMost = 1_000 // relationships of each of them at most
)

// further fetches several levels at once for a search that has gone a step already and still has few entities to go on from: long
// ways are mostly thin, and a level takes less time than the way to the server. What is not needed stays little.
func (w *walk) further(ctx context.Context, ids []graph.EntityID) error {
	l := w.v.levelsAlong(w.steps, len(ids), aheadDepth, withRelationships)
	if l.depth == 0 {
		return nil
	}
	values, err := w.v.levelsFrom(ctx, ids, l, furtherMost)
	if err != nil {
		return err
	}
	found, err := entitiesOf(values[0])
	if err != nil {
		return err
	}
	w.v.learn(found)
	return w.noteLevels(ids, values[1:], furtherMost)
}

// noteLevels takes the relationships of whole levels, which are those of fewer than most.
func (w *walk) noteLevels(level []graph.EntityID, lists []any, most int) error {
	seen := map[graph.EntityID]bool{}
	for _, list := range lists {
		rows, _ := list.([]any)
		if len(rows) >= most {
			return nil
		}
		asked := make(map[graph.EntityID]bool, len(level))
		for _, id := range level {
			if _, before := w.near[id]; !before {
				w.near[id], asked[id] = nil, true
			}
			seen[id] = true
		}
		for _, row := range rows {
			values, _ := row.([]any)
			r, err := relationshipOf(&driver.Record{Values: values})
			if err != nil {
				return err
			}
			w.note(&r, asked)
		}
		var next []graph.EntityID
		for _, id := range level {
			for _, other := range w.near[id] {
				if !seen[other] {
					seen[other] = true
					next = append(next, other)
				}
			}
		}
		level = next
	}
	return nil
}

// around takes how far entities are from one, for who needs not know over which relationships: one from the level before
// stands for all. They are not those of the graph, so no condition may look at them.
func (w *walk) around(start graph.EntityID, l levels, values []any) error {
	whole := 0 // levels
	for _, n := range values[1:] {
		if size, _ := n.(int64); size >= aheadMost {
			break
		}
		whole++
	}
	found := make([][]*record.Entity, l.depth+1)
	rows, _ := values[0].([]any)
	entities := make([]record.Entity, 0, len(rows))
	for _, row := range rows {
		values, _ := row.([]any)
		e, err := entityOf(&driver.Record{Values: values})
		if err != nil {
			return err
		}
		if e.ID == start {
			continue
		}
		level, _ := values[3].(int64)
		entities = append(entities, e)
		found[level] = append(found[level], &entities[len(entities)-1])
	}
	w.v.learn(entities)
	w.rings = found[1 : whole+1]
	return nil
}

// stand puts what is around a start into the patch, one level behind the other.
func (w *walk) stand(start graph.EntityID) {
	if len(w.rings) == 0 {
		return
	}
	step := w.steps[slices.IndexFunc(w.steps, func(s graph.Step) bool { return w.v.relates(s.Relation) })]
	before := []graph.EntityID{start}
	for _, ring := range w.rings {
		level := make([]graph.EntityID, len(ring))
		for i, e := range ring {
			level[i] = e.ID
		}
		for i, id := range before {
			if w.near[id] = nil; i == 0 {
				w.near[id] = level
			}
		}
		for _, id := range level {
			r := record.Relationship{From: before[0], Relation: step.Relation, To: id}
			if step.Direction == graph.In {
				r.From, r.To = r.To, r.From
			}
			w.p.edges[edgeOf(&r)] = r
		}
		if before = level; len(level) == 0 {
			return
		}
	}
}
