package graph

import (
	"context"
	"slices"

	"mereon/schema"
	"mereon/schema/fault"
)

// unrelation is a relationship that the draft takes away.
type unrelation struct {
	key relationKey
	op  *draftOp
}

// sourceRelation names all targets of a relation of one entity.
type sourceRelation struct {
	from     EntityID
	relation string
}

// relations is what the draft makes of the relationships around those it adds, as far as the rules of the layout need it.
type relations struct {
	*Draft
	removed map[relationKey]bool
	cleared map[sourceRelation]bool
	refused map[int]bool // of desired: reported
}

// checkRelations reports relationships that break the rules of the layout once the draft is applied. It asks the view a few
// questions for each relation and hierarchy that the draft touches.
func (d *Draft) checkRelations(ctx context.Context) error {
	r := &relations{Draft: d, removed: map[relationKey]bool{}, cleared: map[sourceRelation]bool{}, refused: map[int]bool{}}
	if err := r.checkRemoved(ctx); err != nil {
		return err
	}
	layout := LayoutOf(d.model)
	for i := range layout.Relations {
		relation := &layout.Relations[i]
		if relation.Single {
			if err := r.checkSingle(ctx, relation, Out); err != nil {
				return err
			}
		}
		if relation.InverseOne {
			if err := r.checkSingle(ctx, relation, In); err != nil {
				return err
			}
		}
	}
	var done []string
	for _, relation := range layout.Relations {
		if relation.Hierarchy == "" || slices.Contains(done, relation.Hierarchy) {
			continue
		}
		done = append(done, relation.Hierarchy)
		if err := r.checkHierarchy(ctx, layout, relation.Hierarchy); err != nil {
			return err
		}
	}
	return nil
}

// checkRemoved reports relationships that are to be removed and are not there.
func (r *relations) checkRemoved(ctx context.Context) error {
	there, err := r.storedUnrelated(ctx)
	if err != nil {
		return err
	}
	next := 0
	for _, c := range r.set.Relationships { // what is added comes last
		switch c.Op {
		case Clear:
			r.cleared[sourceRelation{c.From, c.Relation}] = true
		case Unrelate:
			u := r.unrelated[next]
			next++
			if (!there[u.key] || !r.kept(u.key)) && !r.gone[u.op.in.ID] {
				r.refuse(fault.NotFound, u.op, "to", "", "it has no relationship %s to %s", u.op.relation, u.op.to)
			}
			r.removed[u.key] = true
		}
	}
	return nil
}

// storedUnrelated says which of the relationships to be removed are stored.
func (r *relations) storedUnrelated(ctx context.Context) (map[relationKey]bool, error) {
	there := map[relationKey]bool{}
	sources := map[string][]EntityID{}
	for _, u := range r.unrelated {
		sources[u.key.relation] = append(sources[u.key.relation], u.key.from)
	}
	for name, from := range sources {
		err := r.expand(ctx, from, Step{name, Out}, func(of, other EntityID) { there[relationKey{of, name, other}] = true })
		if err != nil {
			return nil, err
		}
	}
	return there, nil
}

// kept says whether a stored relationship is left alone by the draft.
func (r *relations) kept(key relationKey) bool {
	return !r.left[key.from] && !r.left[key.to] && !r.removed[key] && !r.cleared[sourceRelation{key.from, key.relation}]
}

// expand lists what is stored at the other ends of a relation, for the entities that are stored.
func (r *relations) expand(ctx context.Context, ids []EntityID, step Step, visit func(of, other EntityID)) error {
	ids, rows, err := r.rowsOf(ctx, ids)
	if err != nil || len(rows) == 0 {
		return err
	}
	found, err := r.view.Expand(ctx, Expansion{From: rows, Steps: []Step{step}, Page: Page{All: true}, Columns: []schema.Path{ColumnID}})
	if err != nil {
		return err
	}
	for g, id := range ids {
		from, to := found.Group(g)
		for i := from; i < to; i++ {
			visit(id, EntityID(found.Cell(0, i).Text()))
		}
	}
	return nil
}

// rowsOf returns which of the entities are stored, each once, and their rows.
func (r *relations) rowsOf(ctx context.Context, ids []EntityID) ([]EntityID, []Row, error) {
	if err := r.find(ctx, ids); err != nil {
		return nil, nil, err
	}
	seen := map[EntityID]bool{}
	var stored []EntityID
	var rows []Row
	for _, id := range ids {
		if row := r.stored(id).row; row != NoRow && !seen[id] {
			seen[id] = true
			stored, rows = append(stored, id), append(rows, row)
		}
	}
	return stored, rows, nil
}

// adds calls visit for every relationship that the draft wants and whose ends are there.
func (r *relations) adds(visit func(i int, wanted *desiredRelation)) {
	for i := range r.desired {
		wanted := &r.desired[i]
		if wanted.replaced() {
			continue
		}
		if !r.barred[i] && r.alive(wanted.from) && r.alive(wanted.to) {
			visit(i, wanted)
		}
	}
}

func (r *relations) alive(id EntityID) bool { return r.typeOf(id) != "" && !r.gone[id] }

func (r *relations) refuseAdded(i int, hint, format string, args ...any) {
	if r.refused[i] {
		return
	}
	r.refused[i] = true
	in, place := r.placeOf(&r.desired[i], int32(i))
	r.coded(fault.Conflict, in, place, hint, format, args...)
}

// checkSingle reports second ends of a relation that may have one: targets (Out) or sources (In).
func (r *relations) checkSingle(ctx context.Context, relation *schema.Relation, direction Direction) error {
	near := func(w *desiredRelation) (EntityID, EntityID) {
		if direction == In {
			return w.to, w.from
		}
		return w.from, w.to
	}
	var ids []EntityID
	r.adds(func(_ int, w *desiredRelation) {
		if w.field.Relation.Name == relation.Name {
			of, _ := near(w)
			ids = append(ids, of)
		}
	})
	has := map[EntityID]EntityID{}
	err := r.expand(ctx, ids, Step{relation.Name, direction}, func(of, other EntityID) {
		key := relationKey{of, relation.Name, other}
		if direction == In {
			key.from, key.to = other, of
		}
		if r.kept(key) {
			has[of] = other
		}
	})
	if err != nil {
		return err
	}
	r.adds(func(i int, w *desiredRelation) {
		if w.field.Relation.Name != relation.Name {
			return
		}
		of, other := near(w)
		switch first, some := has[of]; {
		case !some:
			has[of] = other
		case first == other:
		case direction == Out:
			r.refuseAdded(i, "Replace it, or remove the other.", "%s would have two targets of %s, %s and %s, and can have one", of, relation.Name, first, other)
		default:
			r.refuseAdded(i, "Remove the other first.", "%s would be the %s of two, %s and %s, and can be of one", of, relation.Name, first, other)
		}
	})
	return nil
}
