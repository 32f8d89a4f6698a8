package rules

import (
	"fmt"
	"strings"

	"mereon/schema"
	"mereon/schema/fault"
)

// Route is where a value is, seen from an entity: over relationships with one target, then a property.
type Route struct {
	Hops     []Hop
	Type     schema.TypeName  // the declared type of the entity that has the value; "Entity" when it can be any
	Path     schema.Path      // there
	Property *schema.Property // nil for id, name and assetType
}

// Hop is one relationship followed.
type Hop struct {
	Relation string
	Inverse  bool
}

// maxHops bounds the relationships of one input; each costs a look-up per entity when the graph changes.
const maxHops = 4

// FindRoute resolves a dotted path from an asset type. It fails with Invalid, naming the part that leads nowhere.
func FindRoute(m *schema.Model, from schema.TypeName, path schema.Path) (Route, error) {
	r := Route{Type: from}
	segments := strings.Split(string(path), ".")
	at := fieldsOf(m, from)
	var inside []string // components entered
	for i, name := range segments {
		last := i == len(segments)-1
		if last && len(inside) == 0 && builtIn(name) {
			r.Path = schema.Path(name)
			return r, nil
		}
		if p := at.property(name); p != nil {
			inside = append(inside, name)
			switch {
			case p.Kind == schema.Group && !last:
				at = componentFields(m, p.Type.Component)
				continue
			case p.Kind == schema.Group:
				return Route{}, fault.New(fault.Invalid, "%s is a component: name one of its properties%s", path, at.example(m, p, path))
			case !last:
				return Route{}, fault.New(fault.Invalid, "%s is a value and has no parts", strings.Join(segments[:i+1], "."))
			}
			r.Path, r.Property = schema.Path(strings.Join(inside, ".")), p
			return r, nil
		}
		next, err := follow(m, at, name, segments[:i+1], last)
		if err != nil {
			return Route{}, err
		}
		if len(r.Hops) == maxHops {
			return Route{}, fault.New(fault.Invalid, "%s follows more than %d relationships", path, maxHops)
		}
		r.Hops = append(r.Hops, Hop{Relation: next.Relation.Name, Inverse: next.Inverse})
		r.Type, inside = next.Target, nil
		at = fieldsOf(m, next.Target)
	}
	return r, nil
}

func follow(m *schema.Model, at fields, name string, given []string, last bool) (*schema.Relationship, error) {
	where := strings.Join(given, ".")
	rel := at.relationship(name)
	switch {
	case rel == nil && at.join(name) != nil:
		return nil, fault.New(fault.Invalid, "%s reaches records: count them with {count: %s}", where, name)
	case rel == nil:
		message := fmt.Sprintf("%s has no value %q", at.title, name)
		if near := fault.Suggest(name, at.names()); near != "" {
			message += fmt.Sprintf("; did you mean %q?", near)
		}
		return nil, fault.New(fault.Invalid, "%s", message)
	case rel.Many:
		return nil, fault.New(fault.Invalid, "%s has many targets; an input follows relationships with one, or counts: {count: %s}", where, name)
	case last:
		return nil, fault.New(fault.Invalid, "%s is a relationship: name a value of its target, such as %s.name", where, where)
	}
	return rel, nil
}

func builtIn(name string) bool { return name == "id" || name == "name" || name == "assetType" }

// fields is what an asset type or a component has.
type fields struct {
	title         string
	properties    []*schema.Property
	relationships []*schema.Relationship
	joins         []*schema.Join
}

func fieldsOf(m *schema.Model, t schema.TypeName) fields {
	f := fields{title: string(t)}
	if a := m.Types[t]; a != nil {
		f.properties, f.relationships, f.joins = a.Properties, a.Relationships, a.Joins
	}
	return f
}

func componentFields(m *schema.Model, t schema.TypeName) fields {
	f := fields{title: string(t)}
	if c := m.Components[t]; c != nil {
		f.properties, f.relationships, f.joins = c.Properties, c.Relationships, c.Joins
	}
	return f
}

func (f fields) property(name string) *schema.Property {
	for _, p := range f.properties {
		if p.Name == name {
			return p
		}
	}
	return nil
}

func (f fields) relationship(name string) *schema.Relationship {
	for _, r := range f.relationships {
		if r.Field == name {
			return r
		}
	}
	return nil
}

func (f fields) join(name string) *schema.Join {
	for _, j := range f.joins {
		if j.Field == name {
			return j
		}
	}
	return nil
}

func (f fields) names() []string {
	names := []string{"id", "name", "assetType"}
	for _, p := range f.properties {
		names = append(names, p.Name)
	}
	for _, r := range f.relationships {
		names = append(names, r.Field)
	}
	for _, j := range f.joins {
		names = append(names, j.Field)
	}
	return names
}

func (f fields) example(m *schema.Model, p *schema.Property, path schema.Path) string {
	c := m.Components[p.Type.Component]
	if c == nil || len(c.Fields) == 0 {
		return ""
	}
	return fmt.Sprintf(", such as %s.%s", path, c.Fields[0])
}
