package graph

import (
	"context"
	"slices"

	"mereon/schema"
)

var settableColumns = []schema.Path{ColumnName, ColumnExternalIDs, ColumnBindings, ColumnRules, ColumnSource}

// diff compares what is put with what is there, type by type in a few batches, and writes only what differs.
func (d *Draft) diff(ctx context.Context, puts []*putEntity) error {
	byType := map[schema.TypeName][]*putEntity{}
	var types []schema.TypeName
	for _, p := range puts {
		if byType[p.was] == nil {
			types = append(types, p.was)
		}
		byType[p.was] = append(byType[p.was], p)
	}
	for _, t := range types {
		if err := d.diffValues(ctx, t, byType[t]); err != nil {
			return err
		}
		if err := d.diffRelations(ctx, byType[t]); err != nil {
			return err
		}
	}
	return nil
}

func (d *Draft) diffValues(ctx context.Context, was schema.TypeName, puts []*putEntity) error {
	columns := slices.Clone(settableColumns)
	columns = append(columns, ColumnEdited)
	seen := map[schema.Path]bool{}
	for _, t := range append([]schema.TypeName{was}, typesOf(puts)...) {
		if f := d.fieldsOf(t); f != nil {
			for _, leaf := range f.leaves {
				if !seen[leaf] {
					seen[leaf] = true
					columns = append(columns, leaf)
				}
			}
		}
	}
	cells, err := d.view.Read(ctx, rowsOf(puts), columns)
	if err != nil {
		return err
	}
	for i, p := range puts {
		change := EntityChange{Op: Update, ID: p.id}
		if p.kind != p.was {
			change.Op, change.Type = Retype, p.kind
		}
		edited := false
		for c, path := range columns {
			stored, wanted := cells[c*len(puts)+i], p.values[path]
			if path == ColumnEdited {
				edited = stored.Bool()
				continue
			}
			if stored.Kind() != wanted.Kind() || !schema.Equal(stored, wanted) {
				change.Values = append(change.Values, PathValue{path, wanted})
			}
		}
		if len(change.Values) > 0 || change.Op == Retype || edited {
			d.set.Entities = append(d.set.Entities, change)
		}
	}
	return nil
}

// diffRelations marks wanted relationships that are there already and removes those nobody wants any more.
func (d *Draft) diffRelations(ctx context.Context, puts []*putEntity) error {
	for _, relation := range d.view.Layout().Relations {
		props := d.propPaths(relation.Props)
		found, err := d.view.Expand(ctx, Expansion{
			From: rowsOf(puts), Steps: []Step{{relation.Name, Out}}, Page: Page{All: true},
			Columns: []schema.Path{ColumnID}, Props: props,
		})
		if err != nil {
			return err
		}
		for g, p := range puts {
			from, to := found.Group(g)
			for i := from; i < to; i++ {
				key := relationKey{p.id, relation.Name, EntityID(found.Cell(0, i).Text())}
				wanted := d.wanted(key)
				if wanted == nil {
					d.set.Relationships = append(d.set.Relationships, RelationshipChange{Op: Unrelate, From: key.from, Relation: key.relation, To: key.to})
					continue
				}
				if sameProps(wanted.props, props, found.Props, i, len(found.Rows)) {
					wanted.setPresent()
				}
			}
		}
	}
	return nil
}

func (d *Draft) propPaths(name schema.TypeName) []schema.Path {
	component := d.model.Components[name]
	if component == nil {
		return nil
	}
	f := &typeFields{properties: map[schema.Path]*schema.Property{}}
	f.add(d.model, "", component.Properties)
	return f.leaves
}

func sameProps(wanted []PathValue, paths []schema.Path, cells []schema.Value, row, rows int) bool {
	matched := 0
	for c, path := range paths {
		stored := cells[c*rows+row]
		i := slices.IndexFunc(wanted, func(v PathValue) bool { return v.Path == path })
		if i < 0 {
			if !stored.IsNull() {
				return false
			}
			continue
		}
		matched++
		if stored.Kind() != wanted[i].Value.Kind() || !schema.Equal(stored, wanted[i].Value) {
			return false
		}
	}
	return matched == len(wanted)
}

func rowsOf(puts []*putEntity) []Row {
	rows := make([]Row, len(puts))
	for i, p := range puts {
		rows[i] = p.row
	}
	return rows
}

func typesOf(puts []*putEntity) []schema.TypeName {
	var types []schema.TypeName
	for _, p := range puts {
		if !slices.Contains(types, p.kind) {
			types = append(types, p.kind)
		}
	}
	return types
}
