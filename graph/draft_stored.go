package graph

import (
	"context"
	"fmt"
	"slices"

	"mereon/schema"
	"mereon/schema/fault"
)

// CheckStored makes ChangeSet also report what a store would refuse one by one: taken ids, unknown ids, revisions that have
// moved on, unique values that are in use. All come at once, each with its field and code. The store decides all the same:
// somebody may write meanwhile.
func (d *Draft) CheckStored() { d.strict = true }

func (d *Draft) checkStored(ctx context.Context) error {
	if !d.strict {
		return nil
	}
	for _, op := range d.ops {
		if op.kind == draftDelete && op.children == DeleteChildren {
			return d.checkRevisions(ctx) // what else becomes free is only known by the store
		}
	}
	gone, made := map[EntityID]bool{}, map[EntityID]bool{}
	for i := range d.ops {
		d.checkExistence(&d.ops[i], gone, made)
	}
	if err := d.checkRevisions(ctx); err != nil {
		return err
	}
	return d.checkUnique(ctx, gone)
}

func (d *Draft) coded(code fault.Code, in EntityInput, field, hint, format string, args ...any) {
	p := problemAt(in, field, hint, format, args...)
	p.Code = code
	d.problems = append(d.problems, p)
}

// checkExistence reports ids that are taken or unknown, in the order of the operations.
func (d *Draft) checkExistence(op *draftOp, gone, made map[EntityID]bool) {
	id := op.in.ID
	there := made[id] || d.existing[id].kind != "" && !gone[id]
	switch op.kind {
	case draftCreate:
		if there && !made[id] { // used twice is reported already
			d.coded(fault.Conflict, op.in, "id", "Choose another id, or update the entity.", "the id is taken")
		}
		made[id] = true
		delete(gone, id)
	case draftUpdate, draftDelete:
		if !there {
			d.coded(fault.NotFound, op.in, "id", "", "there is no entity with this id")
		}
		if op.kind == draftDelete {
			gone[id] = true
			delete(made, id)
		}
	}
}

// checkRevisions reports entities that were changed since their input was made.
func (d *Draft) checkRevisions(ctx context.Context) error {
	var rows []Row
	var inputs []EntityInput
	for _, op := range d.ops {
		if e := d.existing[op.in.ID]; op.in.IfRevision != nil && e.kind != "" {
			rows, inputs = append(rows, e.row), append(inputs, op.in)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	cells, err := d.view.Read(ctx, rows, []schema.Path{ColumnRevision})
	if err != nil {
		return err
	}
	for i, in := range inputs {
		if at := Revision(cells[i].Int()); at != *in.IfRevision {
			d.coded(fault.Conflict, in, "ifRevision", "Read it again, then retry.", "it is at revision %d, not %d: somebody changed it", at, *in.IfRevision)
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
func (d *Draft) checkUnique(ctx context.Context, gone map[EntityID]bool) error {
	places := map[EntityID]EntityInput{}
	for _, op := range d.ops {
		places[op.in.ID] = op.in
	}
	for _, key := range LayoutOf(d.model).Unique {
		claims, freed := d.claims(&key, places)
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
			if other, twice := first[text]; twice && other != c.in.ID {
				d.coded(fault.Conflict, c.in, string(key.Path), "", "%s %s is given to %s too, and is unique", key.Path, text, other)
				continue
			}
			first[text] = c.in.ID
			if holders.Rows[i] == NoRow {
				continue
			}
			if holder := EntityID(holders.Cell(0, i).Text()); holder != c.in.ID && !gone[holder] && !freed[holder] {
				d.coded(fault.Conflict, c.in, string(key.Path), fmt.Sprintf("Choose another, or change %s first.", holder), "%s %s is that of %s, and is unique", key.Path, text, holder)
			}
		}
	}
	return nil
}

// claims returns the values the draft gives under a key, and whose value it changes.
func (d *Draft) claims(key *UniqueKey, places map[EntityID]EntityInput) (claims []claim, changed map[EntityID]bool) {
	changed = map[EntityID]bool{}
	for _, c := range d.set.Entities {
		if c.Op == Delete || !slices.Contains(key.Types, d.typeOf(c.ID)) {
			continue
		}
		for _, v := range c.Values {
			if v.Path != key.Path {
				continue
			}
			changed[c.ID] = c.Op != Create
			if !v.Value.IsNull() {
				claims = append(claims, claim{places[c.ID], v.Value})
			}
		}
	}
	return claims, changed
}
