package graph

import (
	"context"
	"fmt"
	"slices"

	"mereon/schema"
	"mereon/schema/fault"
)

// CheckStored makes ChangeSet also report what a store would refuse one by one: taken ids, unknown ids, revisions that have
// moved on, unique values that are in use, second parents and targets, cycles, children that would be left behind. All come
// at once, each with its field and code. The store decides all the same: somebody may write meanwhile.
func (d *Draft) CheckStored() { d.strict = true }

func (d *Draft) checkStored(ctx context.Context) error {
	if !d.strict {
		return nil
	}
	if err := d.checkRevisions(ctx); err != nil {
		return err
	}
	if err := d.checkUnique(ctx); err != nil {
		return err
	}
	return d.checkRelations(ctx)
}

func (d *Draft) coded(code fault.Code, in EntityInput, field, hint, format string, args ...any) {
	p := problemAt(in, field, hint, format, args...)
	p.Code = code
	d.problems = append(d.problems, p)
}

// refuse reports a mistake in an argument of an operation itself.
func (d *Draft) refuse(code fault.Code, op *draftOp, argument, hint, format string, args ...any) {
	in, place := op.argument(argument)
	d.coded(code, in, place, hint, format, args...)
}

// checkExistence reports ids that are taken or unknown, in the order of the operations, and notes what is deleted.
func (d *Draft) checkExistence(ctx context.Context) error {
	if !d.strict {
		return nil
	}
	made := map[EntityID]bool{}
	for i := range d.ops {
		op, id := &d.ops[i], d.ops[i].in.ID
		there := made[id] || d.existing[id].kind != "" && !d.gone[id]
		switch op.kind {
		case draftCreate:
			if there && !made[id] { // used twice is reported already
				d.refuse(fault.Conflict, op, "id", "Choose another id, or update the entity.", "the id is taken")
			}
			made[id] = true
			delete(d.gone, id)
		case draftUpdate:
			if !there {
				d.refuse(fault.NotFound, op, "id", "", "there is no entity with this id")
			}
		case draftDelete:
			if !there {
				d.refuse(fault.NotFound, op, "id", "", "there is no entity with this id")
				continue
			}
			if err := d.remove(ctx, op, made); err != nil {
				return err
			}
		}
	}
	for i := range d.ops {
		if op := &d.ops[i]; d.gone[op.in.ID] && (op.kind == draftRelate || op.kind == draftUnrelate) {
			d.refuse(fault.NotFound, op, "from", "", "it is deleted by the same change")
		}
	}
	d.set.Relationships = slices.DeleteFunc(d.set.Relationships, func(c RelationshipChange) bool { return c.Op == Clear && d.gone[c.From] })
	return nil
}

// remove notes that an entity is deleted, with what is below it where that was asked for.
func (d *Draft) remove(ctx context.Context, op *draftOp, made map[EntityID]bool) error {
	level := []EntityID{op.in.ID}
	for len(level) > 0 {
		var rows []Row
		for _, id := range level {
			d.gone[id], d.left[id] = true, true
			delete(made, id)
			if row := d.stored(id).row; row != NoRow {
				rows = append(rows, row)
			}
		}
		if op.children != DeleteChildren || len(rows) == 0 {
			return nil
		}
		below, err := d.view.Expand(ctx, Expansion{From: rows, Steps: stepsDown(d.view.Layout(), ""), Page: Page{All: true}, Columns: []schema.Path{ColumnID, ColumnType}})
		if err != nil {
			return err
		}
		level = level[:0:0]
		for i, row := range below.Rows {
			if id := EntityID(below.Cell(0, i).Text()); !d.left[id] {
				d.left[id] = true
				d.existing[id] = existingEntity{row: row, kind: schema.TypeName(below.Cell(1, i).Text())}
				level = append(level, id)
			}
		}
	}
	return nil
}

// stepsDown returns the steps from parents to children of a hierarchy, "" for all.
func stepsDown(l *Layout, hierarchy string) []Step {
	var steps []Step
	for _, r := range l.Relations {
		if r.Hierarchy == "" || hierarchy != "" && r.Hierarchy != hierarchy {
			continue
		}
		step := Step{r.Name, Out}
		if r.ToParent {
			step.Direction = In
		}
		steps = append(steps, step)
	}
	return steps
}

// checkRevisions reports entities that were changed since their input was made.
func (d *Draft) checkRevisions(ctx context.Context) error {
	var rows []Row
	var ops []*draftOp
	for i := range d.ops {
		op := &d.ops[i]
		if op.in.IfRevision == nil {
			continue
		}
		if e := d.existing[op.in.ID]; e.kind != "" {
			rows, ops = append(rows, e.row), append(ops, op)
		} else if d.known[op.in.ID] != "" && *op.in.IfRevision != 0 {
			d.refuse(fault.Conflict, op, "ifRevision", "Leave it out.", "it is made by the same change, and not at revision %d", *op.in.IfRevision)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	cells, err := d.view.Read(ctx, rows, []schema.Path{ColumnRevision})
	if err != nil {
		return err
	}
	for i, op := range ops {
		if at := Revision(cells[i].Int()); at != *op.in.IfRevision {
			d.refuse(fault.Conflict, op, "ifRevision", "Read it again, then retry.", "it is at revision %d, not %d: somebody changed it", at, *op.in.IfRevision)
		}
	}
	return nil
}

// claim is one unique value that an input gives.
type claim struct {
	in    EntityInput
	value schema.Value
}

// checkUnique reports values of unique properties that two inputs give, or that another entity has.
func (d *Draft) checkUnique(ctx context.Context) error {
	for _, key := range LayoutOf(d.model).Unique {
		claims, freed := d.claims(&key)
		if len(claims) == 0 {
			continue
		}
		values := make([]schema.Value, len(claims))
		for i, c := range claims {
			values[i] = c.value
		}
		holders, err := d.view.ByKey(ctx, key.Scope, key.Path, values, []schema.Path{ColumnID})
		if err != nil {
			return err
		}
		first := map[string]EntityID{}
		for i, c := range claims {
			text := string(c.value.AppendJSON(nil))
			if other, twice := first[text]; twice {
				d.coded(fault.Conflict, c.in, string(key.Path), "", "%s %s is given to %s too, and is unique", key.Path, text, other)
				continue
			}
			first[text] = c.in.ID
			if holders.Rows[i] == NoRow {
				continue
			}
			if holder := EntityID(holders.Cell(0, i).Text()); holder != c.in.ID && !d.left[holder] && !freed[holder] {
				d.coded(fault.Conflict, c.in, string(key.Path), fmt.Sprintf("Choose another, or change %s first.", holder), "%s %s is that of %s, and is unique", key.Path, text, holder)
			}
		}
	}
	return nil
}

// claims returns the values that entities have under a key because of the draft, and whose value it changes.
func (d *Draft) claims(key *UniqueKey) (claims []claim, changed map[EntityID]bool) {
	changed = map[EntityID]bool{}
	last := map[EntityID]int{}
	for i, c := range d.set.Entities {
		if c.Op == Delete || d.gone[c.ID] || !slices.Contains(key.Types, d.typeOf(c.ID)) {
			continue
		}
		for _, v := range c.Values {
			if v.Path != key.Path {
				continue
			}
			changed[c.ID] = changed[c.ID] || c.Op != Create
			at, again := last[c.ID]
			if !again {
				at = len(claims)
				last[c.ID] = at
				claims = append(claims, claim{})
			}
			claims[at] = claim{d.ops[d.by[i]].in, v.Value}
		}
	}
	return slices.DeleteFunc(claims, func(c claim) bool { return c.value.IsNull() }), changed
}
