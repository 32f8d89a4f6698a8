package schema

import (
	"slices"
	"strings"
)

// EntityType is the name of the interface that every asset type has; it is the target of a relationship to anything.
const EntityType TypeName = "Entity"

// Leaf is a property that holds a value (static, live or computed), with its path from the entity.
type Leaf struct {
	Path     Path
	Property *Property
	// Within is the path of the component that holds it, "" at the top: plain names in its template and expression are
	// relative to it.
	Within Path
}

// Leaves returns every property of t that holds a value, those of components with dotted paths, in the order of the
// model. The slice must not be changed.
func (t *AssetType) Leaves() []Leaf { return t.leaves }

// Property returns the property at path, through components: flow, motor.ratedSpeed, motor (a group).
func (t *AssetType) Property(path Path) (*Property, bool) {
	p, ok := t.paths[path]
	return p, ok
}

// Relationship returns the relationship field with that name; that of a component is dotted: motor.drivenBy.
func (t *AssetType) Relationship(field string) (*Relationship, bool) {
	i := slices.IndexFunc(t.Relationships, func(r *Relationship) bool { return r.Field == field })
	if i < 0 {
		return nil, false
	}
	return t.Relationships[i], true
}

// Forward returns the relationship field from which the relation with that name starts at entities of t.
func (t *AssetType) Forward(relation string) (*Relationship, bool) {
	i := slices.IndexFunc(t.Relationships, func(r *Relationship) bool { return !r.Inverse && r.Relation.Name == relation })
	if i < 0 {
		return nil, false
	}
	return t.Relationships[i], true
}

// Join returns the join field with that name.
func (t *AssetType) Join(field string) (*Join, bool) { return findJoin(t.Joins, field) }

// Join returns the join field with that name.
func (c *Component) Join(field string) (*Join, bool) { return findJoin(c.Joins, field) }

// Join returns the join field with that name.
func (r *RecordType) Join(field string) (*Join, bool) { return findJoin(r.Joins, field) }

func findJoin(joins []*Join, field string) (*Join, bool) {
	i := slices.IndexFunc(joins, func(j *Join) bool { return j.Field == field })
	if i < 0 {
		return nil, false
	}
	return joins[i], true
}

// Property returns the column with that name.
func (r *RecordType) Property(name string) (*Property, bool) { return findProperty(r.Properties, name) }

// Property returns the property of c itself with that name; Model.ComponentProperty follows dotted paths.
func (c *Component) Property(name string) (*Property, bool) { return findProperty(c.Properties, name) }

func findProperty(properties []*Property, name string) (*Property, bool) {
	i := slices.IndexFunc(properties, func(p *Property) bool { return p.Name == name })
	if i < 0 {
		return nil, false
	}
	return properties[i], true
}

// Property returns the property at path of the asset type t, through components.
func (m *Model) Property(t TypeName, path Path) (*Property, bool) {
	at, ok := m.Types[t]
	if !ok {
		return nil, false
	}
	return at.Property(path)
}

// ComponentProperty returns the property at path inside the component c, through components in it.
func (m *Model) ComponentProperty(c TypeName, path Path) (*Property, bool) {
	name, rest, nested := strings.Cut(string(path), ".")
	component, ok := m.Components[c]
	if !ok {
		return nil, false
	}
	p, ok := component.Property(name)
	if !ok || !nested {
		return p, ok
	}
	if p.Kind != Group {
		return nil, false
	}
	return m.ComponentProperty(p.Type.Component, Path(rest))
}

// IsA says whether every t is an ancestor: t itself, one of its ancestors, or Entity.
func (m *Model) IsA(t, ancestor TypeName) bool {
	at, ok := m.Types[t]
	return ok && (t == ancestor || ancestor == EntityType || slices.Contains(at.Ancestors, ancestor))
}

// NearestExposed returns t when it is a GraphQL type, else its nearest ancestor that is one, else Entity.
func (m *Model) NearestExposed(t TypeName) TypeName {
	at, ok := m.Types[t]
	if !ok {
		return EntityType
	}
	if at.Exposed {
		return t
	}
	for _, a := range at.Ancestors {
		if m.Types[a].Exposed {
			return a
		}
	}
	return EntityType
}
