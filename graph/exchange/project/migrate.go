package project

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// migrate brings stored entities from the old model to the new one as the new model says, and refuses to orphan data.
// Entities of the folder are written by it; of them only what the model no longer knows is taken away.
func (p *Plan) migrate(ctx context.Context, view graph.View, old *schema.Model) error {
	m := &migrator{plan: p, view: view, old: old, migration: schema.Migrate(old, p.checked.Model), written: map[graph.EntityID]bool{}, deleted: map[graph.EntityID]bool{}}
	for _, in := range p.checked.Entities {
		m.written[in.ID] = true
	}
	for _, c := range p.changes.Entities {
		if c.Op == graph.Delete {
			m.deleted[c.ID] = true
		}
	}
	for _, name := range old.TypeNames {
		if err := m.entities(ctx, name); err != nil {
			return err
		}
	}
	return m.orphans(ctx)
}

type migrator struct {
	plan             *Plan
	view             graph.View
	old              *schema.Model
	migration        *schema.Migration
	written, deleted map[graph.EntityID]bool
}

// entities migrates those of one type.
func (m *migrator) entities(ctx context.Context, name schema.TypeName) error {
	steps := m.migration.Types[name]
	gone := m.gone(name, steps)
	if steps == nil && len(gone) == 0 {
		return nil
	}
	columns := []schema.Path{graph.ColumnID}
	for _, leaf := range m.old.Types[name].Leaves() {
		if leaf.Property.Kind == schema.Static {
			columns = append(columns, leaf.Path)
		}
	}
	found, err := m.view.Select(ctx, graph.Selection{Types: []schema.TypeName{name}, Page: graph.Page{All: true}, Columns: columns})
	if err != nil {
		return err
	}
	for i := range found.Rows {
		values := map[schema.Path]schema.Value{}
		for c := 1; c < len(columns); c++ {
			if v := found.Cell(c, i); !v.IsNull() {
				values[columns[c]] = v
			}
		}
		m.entity(graph.EntityID(found.Cell(0, i).Text()), values, gone, steps)
	}
	if steps == nil {
		return nil
	}
	return m.relations(ctx, found, steps)
}

// gone lists the stored paths of a type that its successor does not have.
func (m *migrator) gone(name schema.TypeName, steps *schema.TypeMigration) []schema.Path {
	successor := name
	if steps != nil && steps.To != "" {
		successor = steps.To
	}
	t := m.plan.checked.Model.Types[successor]
	var gone []schema.Path
	for _, leaf := range m.old.Types[name].Leaves() {
		if leaf.Property.Kind != schema.Static {
			continue
		}
		if t != nil {
			if p, ok := t.Property(leaf.Path); ok && p.Kind == schema.Static {
				continue
			}
		}
		gone = append(gone, leaf.Path)
	}
	return gone
}

func (m *migrator) entity(id graph.EntityID, values map[schema.Path]schema.Value, gone []schema.Path, steps *schema.TypeMigration) {
	if m.deleted[id] {
		return
	}
	change := graph.EntityChange{Op: graph.Update, ID: id}
	switch {
	case m.written[id]:
		for _, path := range gone {
			if _, stored := values[path]; stored {
				change.Values = append(change.Values, graph.PathValue{Path: path})
			}
		}
	case steps == nil:
		return
	case steps.Delete:
		m.deleted[id] = true
		m.plan.changes.Entities = append(m.plan.changes.Entities, graph.EntityChange{Op: graph.Delete, ID: id, Children: graph.DetachChildren})
		return
	default:
		change.Values = changed(values, steps.Properties(values))
		if steps.To != "" {
			change.Op, change.Type = graph.Retype, steps.To
		}
	}
	if len(change.Values) > 0 || change.Op == graph.Retype {
		m.plan.changes.Entities = append(m.plan.changes.Entities, change)
	}
}

func changed(before, after map[schema.Path]schema.Value) []graph.PathValue {
	var list []graph.PathValue
	for _, path := range slices.Sorted(maps.Keys(before)) {
		if _, stays := after[path]; !stays {
			list = append(list, graph.PathValue{Path: path})
		}
	}
	for _, path := range slices.Sorted(maps.Keys(after)) {
		v, had := before[path]
		if !had || v.Kind() != after[path].Kind() || !schema.Equal(v, after[path]) {
			list = append(list, graph.PathValue{Path: path, Value: after[path]})
		}
	}
	return list
}

// relations renames and drops relationships of entities the folder does not write.
func (m *migrator) relations(ctx context.Context, found *graph.Batch, steps *schema.TypeMigration) error {
	for _, name := range steps.DropRelations {
		if err := m.relation(ctx, found, schema.RelationMove{From: name}); err != nil {
			return err
		}
	}
	for _, move := range steps.Relations {
		if err := m.relation(ctx, found, move); err != nil {
			return err
		}
	}
	return nil
}

func (m *migrator) relation(ctx context.Context, found *graph.Batch, move schema.RelationMove) error {
	var props []schema.Path
	if r := m.old.Relations[move.From]; r != nil && r.Props != "" {
		for _, p := range m.old.Components[r.Props].Properties {
			props = append(props, schema.Path(p.Name))
		}
	}
	targets, err := m.view.Expand(ctx, graph.Expansion{
		From: found.Rows, Steps: []graph.Step{{Relation: move.From, Direction: graph.Out}},
		Page: graph.Page{All: true}, Columns: []schema.Path{graph.ColumnID}, Props: props,
	})
	if err != nil {
		return err
	}
	for g := range found.Rows {
		from := graph.EntityID(found.Cell(0, g).Text())
		if m.deleted[from] || m.written[from] {
			continue
		}
		first, last := targets.Group(g)
		for i := first; i < last; i++ {
			to := graph.EntityID(targets.Cell(0, i).Text())
			m.plan.changes.Relationships = append(m.plan.changes.Relationships, graph.RelationshipChange{Op: graph.Unrelate, From: from, Relation: move.From, To: to})
			if move.To == "" || m.deleted[to] {
				continue
			}
			values := map[schema.Path]schema.Value{}
			for c, path := range props {
				if v := targets.Props[c*len(targets.Rows)+i]; !v.IsNull() {
					values[path] = v
				}
			}
			m.plan.changes.Relationships = append(m.plan.changes.Relationships, graph.RelationshipChange{
				Op: graph.Relate, From: from, Relation: move.To, To: to, Props: changed(nil, move.Properties(values)),
			})
		}
	}
	return nil
}

// orphans refuses a model that leaves stored data without a place, with what to write instead.
func (m *migrator) orphans(ctx context.Context) error {
	var problems fault.List
	for _, d := range m.plan.Model {
		total := 0
		var examples []string
		for _, stored := range d.Stored {
			ids, err := m.endangered(ctx, stored)
			if err != nil {
				return err
			}
			total += len(ids)
			for _, id := range ids[:min(len(ids), 3)] {
				examples = append(examples, string(id))
			}
		}
		if total == 0 {
			continue
		}
		problems = append(problems, fault.Problem{
			Position: d.Position, Hint: d.Fix,
			Message: fmt.Sprintf("%s: %s would orphan stored data of %d entities (%s ...)", d.Subject, d.Message, total, strings.Join(examples[:min(len(examples), 3)], ", ")),
		})
	}
	problems.Sort()
	return problems.Err()
}

// endangered lists the entities with data that fits no more, without those the folder writes or deletes.
func (m *migrator) endangered(ctx context.Context, s schema.Stored) ([]graph.EntityID, error) {
	found, err := m.view.Select(ctx, graph.Selection{
		Types: []schema.TypeName{s.Type}, Where: s.Condition(), Page: graph.Page{All: true}, Columns: []schema.Path{graph.ColumnID},
	})
	if err != nil {
		return nil, err
	}
	if s.Relation != "" {
		return m.related(ctx, found, s)
	}
	var ids []graph.EntityID
	for i := range found.Rows {
		if id := graph.EntityID(found.Cell(0, i).Text()); !m.written[id] && !m.deleted[id] {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// related lists the entities of found whose relationships are in danger: all, those with a property, or missing ones.
func (m *migrator) related(ctx context.Context, found *graph.Batch, s schema.Stored) ([]graph.EntityID, error) {
	expansion := graph.Expansion{From: found.Rows, Steps: []graph.Step{{Relation: s.Relation, Direction: graph.Out}}, Page: graph.Page{All: true}}
	if s.Path != "" {
		expansion.Props = []schema.Path{s.Path}
	}
	targets, err := m.view.Expand(ctx, expansion)
	if err != nil {
		return nil, err
	}
	var ids []graph.EntityID
	for g := range found.Rows {
		first, last := targets.Group(g)
		has := first < last
		if s.Path != "" {
			has = slices.ContainsFunc(targets.Props[first:last], func(v schema.Value) bool { return !v.IsNull() })
		}
		if id := graph.EntityID(found.Cell(0, g).Text()); has != s.Missing && !m.written[id] && !m.deleted[id] {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
