package graph

import (
	"context"
	"slices"

	"mereon/schema"
	"mereon/schema/fault"
)

// parentLink is one step up in a hierarchy.
type parentLink struct {
	parent   EntityID
	relation string
	added    int // of desired, -1 for a stored one
}

// forest is a hierarchy as the draft leaves it, around the entities that it gives parents.
type forest struct {
	*relations
	name    string
	up      []Step
	parents map[EntityID][]parentLink
	links   []int // of desired: those of the hierarchy
}

// maxAncestors is how many ancestors of an entity are looked at; cycles in longer chains are found by the store.
const maxAncestors = 1000

// checkHierarchy reports second parents, cycles and children left behind in a hierarchy.
func (r *relations) checkHierarchy(ctx context.Context, layout *Layout, name string) error {
	f := &forest{relations: r, name: name, parents: map[EntityID][]parentLink{}}
	for _, down := range stepsDown(layout, name) {
		if down.Direction == In {
			down.Direction = Out
		} else {
			down.Direction = In
		}
		f.up = append(f.up, down)
	}
	f.adds(func(i int, w *desiredRelation) {
		if w.field.Relation.Hierarchy == name {
			f.links = append(f.links, i)
		}
	})
	if len(f.links) > 0 {
		if err := f.readAncestors(ctx); err != nil {
			return err
		}
		for _, i := range f.links {
			f.addParent(i)
		}
		f.checkCycles()
	}
	return f.checkOrphans(ctx, layout)
}

// childOf returns both ends of a wanted relationship of the hierarchy.
func childOf(w *desiredRelation) (child, parent EntityID) {
	if w.field.Relation.ToParent {
		return w.from, w.to
	}
	return w.to, w.from
}

// readAncestors reads everything above the ends of added relationships, with one question.
func (f *forest) readAncestors(ctx context.Context) error {
	var ids []EntityID
	for _, i := range f.links {
		ids = append(ids, f.desired[i].from, f.desired[i].to)
	}
	ids, rows, err := f.rowsOf(ctx, ids)
	if err != nil || len(rows) == 0 {
		return err
	}
	above, err := f.view.Reach(ctx, Reach{From: rows, Steps: f.up, Page: Page{All: true}, Columns: []schema.Path{ColumnID}, Paths: true, Budget: maxAncestors})
	if err != nil {
		return err
	}
	seen := map[EntityID]bool{}
	for g, id := range ids {
		from, to := above.Group(g)
		for i := from; i < to; i++ {
			child := id
			if via := above.Via[i]; via >= 0 {
				child = EntityID(above.Cell(0, int(via)).Text())
			}
			if parent := EntityID(above.Cell(0, i).Text()); !seen[child] {
				seen[child] = true
				f.addStored(child, parent, above.ViaRelation[i])
			}
		}
	}
	return nil
}

func (f *forest) addStored(child, parent EntityID, relation string) {
	key := relationKey{child, relation, parent}
	if i := slices.IndexFunc(f.up, func(s Step) bool { return s.Relation == relation }); i >= 0 && f.up[i].Direction == In {
		key.from, key.to = parent, child
	}
	if f.kept(key) {
		f.parents[child] = append(f.parents[child], parentLink{parent, relation, -1})
	}
}

// addParent adds a wanted relationship, or reports why it cannot be.
func (f *forest) addParent(i int) {
	w := &f.desired[i]
	child, parent := childOf(w)
	if child == parent {
		f.refuseAdded(i, "", "%s cannot be its own parent in the hierarchy %s", child, f.name)
		return
	}
	had := f.parents[child]
	for _, link := range had {
		if link.parent == parent && link.relation == w.field.Relation.Name {
			return // its properties are replaced
		}
	}
	if len(had) > 0 {
		f.refuseAdded(i, "Remove one of them.", "%s would have two parents in the hierarchy %s, %s and %s", child, f.name, had[0].parent, parent)
	}
	f.parents[child] = append(had, parentLink{parent, w.field.Relation.Name, i})
}

// checkCycles walks up from every child that gets a parent; each entity is looked at once. A cycle is reported at the last of
// the relationships that the draft adds to it.
func (f *forest) checkCycles() {
	const open, closed = 1, 2
	state := map[EntityID]int{}
	type step struct {
		id   EntityID
		next int // of its parents
	}
	for _, i := range f.links {
		child, _ := childOf(&f.desired[i])
		if state[child] != 0 {
			continue
		}
		way := []step{{id: child}}
		state[child] = open
		for len(way) > 0 {
			at := &way[len(way)-1]
			links := f.parents[at.id]
			if at.next == len(links) {
				state[at.id] = closed
				way = way[:len(way)-1]
				continue
			}
			link := links[at.next]
			at.next++
			switch state[link.parent] {
			case 0:
				state[link.parent] = open
				way = append(way, step{id: link.parent})
			case open:
				from := slices.IndexFunc(way, func(s step) bool { return s.id == link.parent })
				last := -1
				for _, s := range way[from:] {
					last = max(last, f.parents[s.id][s.next-1].added)
				}
				f.refuseCycle(last)
			}
		}
	}
}

func (f *forest) refuseCycle(i int) {
	if i < 0 {
		return
	}
	child, parent := childOf(&f.desired[i])
	f.refuseAdded(i, "", "%s would be above itself in the hierarchy %s: with the parent %s it closes a cycle", child, f.name, parent)
}

// checkOrphans reports deleted entities that leave children behind without having been told to.
func (f *forest) checkOrphans(ctx context.Context, layout *Layout) error {
	deleted := map[EntityID]*draftOp{}
	var ids []EntityID
	for i := range f.ops {
		op := &f.ops[i]
		if op.kind != draftDelete || !f.gone[op.in.ID] || deleted[op.in.ID] != nil { // twice is a mistake of its own
			continue
		}
		if deleted[op.in.ID] = op; op.children == RefuseChildren {
			ids = append(ids, op.in.ID)
		}
	}
	ids, rows, err := f.rowsOf(ctx, ids)
	if err != nil || len(rows) == 0 {
		return err
	}
	enough := len(f.left) + len(f.desired) + 1 // those may have been told to go, or given a parent
	below, err := f.view.Expand(ctx, Expansion{From: rows, Steps: stepsDown(layout, f.name), Page: Page{First: enough}, Columns: []schema.Path{ColumnID}, Count: true})
	if err != nil {
		return err
	}
	for g, id := range ids {
		from, to := below.Group(g)
		for i := from; i < to; i++ {
			child := EntityID(below.Cell(0, i).Text())
			if f.left[child] || len(f.parents[child]) > 0 {
				continue
			}
			f.refuse(fault.Conflict, deleted[id], "id", "Delete its children too, detach them, or move them first.",
				"it has children in the hierarchy %s, such as %s", f.name, child)
			break
		}
	}
	return nil
}
