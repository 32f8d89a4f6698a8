package graph

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"mereon/schema"
)

// LayoutOf returns what a store must know of a model.
func LayoutOf(m *schema.Model) *Layout {
	layout := &Layout{}
	for _, name := range slices.Sorted(maps.Keys(m.Relations)) {
		layout.Relations = append(layout.Relations, *m.Relations[name])
	}
	for _, name := range m.TypeNames {
		layout.addIndexes(m, name, "", m.Types[name].Properties)
	}
	slices.SortFunc(layout.Unique, func(a, b UniqueKey) int {
		if c := strings.Compare(string(a.Scope), string(b.Scope)); c != 0 {
			return c
		}
		return strings.Compare(string(a.Path), string(b.Path))
	})
	slices.SortFunc(layout.Indexes, func(a, b Index) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return layout
}

// SameRules says whether two layouts ask the same of a graph: they may be of different models.
func (l *Layout) SameRules(o *Layout) bool {
	a, b := *l, *o
	a.Model, b.Model = "", ""
	return reflect.DeepEqual(a, b)
}

func (l *Layout) addIndexes(m *schema.Model, t schema.TypeName, prefix schema.Path, properties []*schema.Property) {
	for _, p := range properties {
		path := prefix + schema.Path(p.Name)
		if p.Kind == schema.Group {
			l.addIndexes(m, t, path+".", m.Components[p.Type.Component].Properties)
			continue
		}
		if p.Unique {
			l.addUnique(m, p, t, path)
		}
		if p.Index && m.Types[t].Instantiable {
			l.addIndex(t, path)
		}
	}
}

// addUnique enters a key under the type that declares it; inside a component, under the entity's type.
func (l *Layout) addUnique(m *schema.Model, p *schema.Property, t schema.TypeName, path schema.Path) {
	scope := t
	if of := m.Types[p.UniqueIn]; of != nil {
		scope = p.UniqueIn
	}
	if slices.ContainsFunc(l.Unique, func(k UniqueKey) bool { return k.Scope == scope && k.Path == path }) {
		return
	}
	l.Unique = append(l.Unique, UniqueKey{Scope: scope, Path: path, Types: m.Types[scope].Concrete})
}

func (l *Layout) addIndex(t schema.TypeName, path schema.Path) {
	i := slices.IndexFunc(l.Indexes, func(x Index) bool { return x.Path == path })
	if i < 0 {
		l.Indexes = append(l.Indexes, Index{Path: path})
		i = len(l.Indexes) - 1
	}
	l.Indexes[i].Types = append(l.Indexes[i].Types, t)
}
