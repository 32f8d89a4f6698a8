package query

import (
	"context"

	"mereon/graph"
	"mereon/schema/access"
	"mereon/schema/fault"
)

// appliedChange is what one mutation did.
type appliedChange struct {
	graph.Commit
	dryRun      bool
	base        graph.Revision // whose values are the old ones of differences
	differences []difference
}

// change makes the change of a mutation once, however often it is repeated with its idempotency key. It returns the entities
// that the answer is about.
func (m *mutation) change(ctx context.Context, r Request) ([]graph.EntityID, *appliedChange, error) {
	args, err := argumentsOf(m.merged.field, r.Variables)
	if err != nil {
		return nil, nil, err
	}
	key, err := m.keyOf(ctx, r, args)
	if err != nil || key == "" {
		return m.first(ctx, args, key, err)
	}
	if subjects, done, err := m.again(ctx, args, key); done || err != nil {
		return subjects.ids, subjects.commit, err
	}
	ids, commit, err := m.first(ctx, args, key, nil)
	if err != nil { // perhaps another attempt with this key was faster
		if subjects, done, _ := m.again(ctx, args, key); done {
			return subjects.ids, subjects.commit, nil
		}
	}
	return ids, commit, err
}

// first drafts the change, checks it and commits it.
func (m *mutation) first(ctx context.Context, args map[string]any, key string, err error) ([]graph.EntityID, *appliedChange, error) {
	if err != nil {
		return nil, nil, err
	}
	e := m.answer.engine
	view, err := e.store.View(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer view.Close()
	d := e.drafting(view, key)
	if err := m.draft(ctx, d, args); err != nil {
		return nil, nil, err
	}
	changes, problems, err := d.ChangeSet(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := problems.Err(); err != nil {
		return nil, nil, err
	}
	changes.By, changes.Origin = access.FromContext(ctx).Name, graph.FromAPI
	changes.DryRun, changes.IdempotencyKey = args["dryRun"] == true, key
	commit, err := e.store.Apply(ctx, changes)
	if err != nil {
		return nil, nil, err
	}
	if key != "" {
		if err := d.fits(commit); err != nil {
			return nil, nil, err
		}
	}
	applied := &appliedChange{Commit: commit, dryRun: changes.DryRun, base: view.Revision()}
	if m.shows {
		applied.differences, err = differencesOf(ctx, view, &changes, &commit)
	}
	return d.subjects, applied, err
}

// draft writes the arguments of the mutation into a draft.
func (m *mutation) draft(ctx context.Context, d *drafting, args map[string]any) error {
	switch m.verb {
	case "create":
		for _, in := range m.inputs(args, "input", "inputs") {
			d.subjects = append(d.subjects, d.create(m.of, in.value, in.place, 0))
		}
	case "update":
		return m.draftUpdates(ctx, d, args)
	case "delete":
		return m.draftDeletes(ctx, d, args)
	case "relate", "unrelate":
		d.subjects = append(d.subjects, d.relate(m.verb, args, ""))
	default:
		for i, item := range listOf(args["changes"]) {
			d.change(item, i)
		}
	}
	return d.tooMany()
}

func (m *mutation) draftUpdates(ctx context.Context, d *drafting, args map[string]any) error {
	changes := []input{{args, ""}}
	ids := []input{{args["id"], "id"}}
	if m.many {
		changes = m.inputs(args, "", "inputs")
		ids = ids[:0]
		for _, in := range changes {
			ids = append(ids, input{fieldsOf(in.value)["id"], in.place + ".id"})
		}
	}
	known, err := d.mustBe(ctx, m.of, ids)
	if err != nil {
		return err
	}
	for i, in := range changes {
		id := graph.EntityID(plainText(ids[i].value))
		d.subjects = append(d.subjects, id)
		if known[i] {
			d.update(m.of, id, fieldsOf(in.value), in.place)
		}
	}
	return d.tooMany()
}

// draftDeletes drafts the removal of one entity, of ids that share their arguments, or of inputs that have their own.
func (m *mutation) draftDeletes(ctx context.Context, d *drafting, args map[string]any) error {
	ids := m.inputs(args, "id", "ids")
	own := make([]map[string]any, len(ids))
	for i := range own {
		own[i] = args
	}
	if m.many && (args["ids"] == nil) == (args["inputs"] == nil) {
		return fault.New(fault.Invalid, "give either ids or inputs: [{id: ..., ifRevision: ...}]")
	}
	if m.many && args["inputs"] != nil {
		ids, own = ids[:0], own[:0]
		for _, in := range m.inputs(args, "", "inputs") {
			fields := fieldsOf(in.value)
			ids, own = append(ids, input{fields["id"], in.place + ".id"}), append(own, fields)
		}
	}
	for _, in := range ids {
		d.subjects = append(d.subjects, graph.EntityID(plainText(in.value)))
	}
	known, err := d.mustBe(ctx, m.of, ids)
	if err != nil {
		return err
	}
	for i, in := range ids {
		if known[i] {
			d.delete(d.subjects[i], own[i], in.place)
		}
	}
	return d.tooMany()
}

// input is one input of a mutation, and where it is among the arguments.
type input struct {
	value any
	place string
}

// inputs returns the argument of a mutation of one, or the elements of that of many.
func (m *mutation) inputs(args map[string]any, one, many string) []input {
	if !m.many {
		return []input{{args[one], one}}
	}
	var list []input
	for i, v := range listOf(args[many]) {
		list = append(list, input{v, element(many, i)})
	}
	return list
}

func (d *drafting) tooMany() error {
	if limit := d.engine.limits.First; d.size > limit {
		return fault.New(fault.Limit, "a mutation changes at most %d entities at once (limits.first); use several", limit)
	}
	return nil
}
