package api

import (
	"context"
	"maps"
	"slices"

	"mereon/graph"
	"mereon/schema"
	"mereon/web/api/control/generated"
)

// typeInfos describes every type of a model, asset types first, then components, records and enums, each by name.
func typeInfos(ctx context.Context, store graph.Store, m *schema.Model) ([]*generated.TypeInfo, error) {
	view, err := store.View(ctx)
	if err != nil {
		return nil, err
	}
	defer view.Close()
	counts, err := view.Counts(ctx)
	if err != nil {
		return nil, err
	}
	infos := []*generated.TypeInfo{}
	for _, name := range m.TypeNames {
		t := m.Types[name]
		infos = append(infos, &generated.TypeInfo{
			Name: string(name), Kind: generated.TypeKindAsset, Singular: &t.Singular, Plural: &t.Plural, Abstract: t.Abstract,
			Description: optional(t.Description), Parents: names(t.Parents), Concrete: names(t.Concrete),
			Fields: fields(m, t.Fields, t.Properties, t.Relationships, t.Joins, true), Count: int64(counts[name]),
		})
	}
	for _, name := range slices.Sorted(maps.Keys(m.Components)) {
		c := m.Components[name]
		infos = append(infos, &generated.TypeInfo{
			Name: string(name), Kind: generated.TypeKindComponent, Abstract: c.Abstract, Description: optional(c.Description),
			Parents: names(c.Parents), Concrete: []string{}, Fields: fields(m, c.Fields, c.Properties, c.Relationships, c.Joins, true),
		})
	}
	for _, name := range slices.Sorted(maps.Keys(m.Records)) {
		r := m.Records[name]
		infos = append(infos, &generated.TypeInfo{
			Name: string(name), Kind: generated.TypeKindRecord, Singular: &r.Singular, Plural: &r.Plural, Description: optional(r.Description),
			Parents: []string{}, Concrete: []string{}, Fields: fields(m, r.Fields, r.Properties, nil, r.Joins, true),
		})
	}
	for _, name := range slices.Sorted(maps.Keys(m.Enums)) {
		e := m.Enums[name]
		infos = append(infos, &generated.TypeInfo{
			Name: string(name), Kind: generated.TypeKindEnum, Description: optional(e.Description),
			Parents: []string{}, Concrete: []string{}, Fields: []*generated.FieldInfo{},
		})
	}
	return infos, nil
}

func names(list []schema.TypeName) []string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = string(n)
	}
	return texts
}

// fields describes fields in the order of the model; those of components one level deep.
func fields(m *schema.Model, order []string, properties []*schema.Property, relationships []*schema.Relationship, joins []*schema.Join, deep bool) []*generated.FieldInfo {
	byName := map[string]*generated.FieldInfo{}
	for _, p := range properties {
		byName[p.Name] = propertyField(m, p, deep)
	}
	for _, r := range relationships {
		kind := generated.FieldKindRelationship
		if r.Inverse {
			kind = generated.FieldKindInverse
		}
		byName[r.Field] = &generated.FieldInfo{Name: r.Field, Kind: kind, Type: string(r.Target), List: r.Many, Required: r.NonNull, Description: optional(r.Description), Hierarchy: optional(r.Relation.Hierarchy)}
	}
	for _, j := range joins {
		byName[j.Field] = &generated.FieldInfo{Name: j.Field, Kind: generated.FieldKindRecords, Type: string(j.Target), List: j.Many, Description: optional(j.Description)}
	}
	infos := []*generated.FieldInfo{}
	for _, name := range order {
		if f := byName[name]; f != nil {
			infos = append(infos, f)
			delete(byName, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		infos = append(infos, byName[name])
	}
	return infos
}

func propertyField(m *schema.Model, p *schema.Property, deep bool) *generated.FieldInfo {
	kinds := [...]generated.FieldKind{schema.Static: generated.FieldKindStatic, schema.Live: generated.FieldKindLive, schema.Computed: generated.FieldKindComputed, schema.Group: generated.FieldKindComponent}
	f := &generated.FieldInfo{
		Name: p.Name, Kind: kinds[p.Kind], Type: p.Type.Scalar.String(), List: p.Type.List, Required: p.Type.NonNull,
		Unit: optional(p.Unit), Description: optional(p.Description), Min: p.Min, Max: p.Max,
	}
	if p.Live != nil {
		f.Connector = &p.Live.Connector
	}
	if e := m.Enums[p.Type.Enum]; e != nil {
		f.Type = string(p.Type.Enum)
		for _, v := range e.Values {
			f.Values = append(f.Values, v.Name)
		}
	}
	if c := m.Components[p.Type.Component]; p.Kind == schema.Group && c != nil {
		f.Type = string(p.Type.Component)
		if deep {
			f.Fields = fields(m, c.Fields, c.Properties, c.Relationships, c.Joins, false)
		}
	}
	return f
}
