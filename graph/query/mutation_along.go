package query

import (
	"maps"
	"slices"

	"mereon/graph"
	"mereon/graph/query/sdl"
	"mereon/schema"
	"mereon/schema/fault"
)

// along drafts the entities under "new" in the fields of an entity of type t: they are created in the same change and
// related to it. It takes "new" out of fields and writes forward relationships into them, so that what is required is found
// there. after drafts what needs the entity itself first.
func (d *drafting) along(t schema.TypeName, id graph.EntityID, fields map[string]any, place string, depth int, created bool) (after func()) {
	typ := d.engine.catalog.model.Types[t]
	given, present := fields[sdl.Along]
	if !present || !takesNeighbours(typ) {
		return func() {}
	}
	delete(fields, sdl.Along)
	place += "." + sdl.Along
	wanted, ok := given.(map[string]any)
	if !ok && given != nil {
		d.Refuse(fault.Invalid, place, "", "must be an object: relationship -> what to create")
	}
	var later []func()
	for _, field := range slices.Sorted(maps.Keys(wanted)) {
		r := relationshipOf(typ, field)
		if r == nil {
			d.Refuse(fault.Invalid, place+"."+field, "", "%s has no relationship %s", t, field)
			continue
		}
		n := neighbour{drafting: d, of: r, owner: id, fields: fields, created: created}
		for k, v := range listOf(wanted[field]) {
			n.place = place + "." + field
			if r.Many {
				n.place = element(n.place, k)
			}
			if f := n.add(v, depth); f != nil {
				later = append(later, f)
			}
		}
	}
	return func() {
		for _, f := range later {
			f()
		}
	}
}

func relationshipOf(t *schema.AssetType, field string) *schema.Relationship {
	for _, r := range t.Relationships {
		if r.Field == field && slices.Contains(t.Fields, field) {
			return r
		}
	}
	return nil
}

// neighbour is one relationship at whose other end entities are created.
type neighbour struct {
	*drafting
	of      *schema.Relationship
	owner   graph.EntityID
	fields  map[string]any // of the owner
	place   string
	created bool // the owner is created too
}

// add drafts one new entity and its relationship; what is returned is to be done once the owner is drafted.
func (n *neighbour) add(v any, depth int) (later func()) {
	t, input, props, ok := n.read(v)
	if !ok {
		return nil
	}
	if n.of.Inverse {
		return n.addInverse(t, input, props, depth)
	}
	other := n.create(t.Name, input, n.place+"."+t.Singular, depth+1)
	target := graph.Target{To: other, Props: props, Place: n.place}
	if n.of.Many && !n.created && n.fields[n.of.Field] == nil { // beside those that are
		return func() { n.RelateAt(n.owner, n.of.Field, target) }
	}
	n.target(n.fields, n.of, other, props)
	return nil
}

// addInverse drafts an entity whose own relationship leads to the owner.
func (n *neighbour) addInverse(t *schema.AssetType, input any, props map[string]any, depth int) func() {
	fields, ok := input.(map[string]any)
	if !ok {
		n.Refuse(fault.Invalid, n.place, "", "must be an object")
		return nil
	}
	fields, place := maps.Clone(fields), n.place
	for _, forward := range t.Relationships {
		if !forward.Inverse && forward.Relation == n.of.Relation {
			n.target(fields, forward, n.owner, props)
			return func() { n.create(t.Name, fields, place+"."+t.Singular, depth+1) }
		}
	}
	return func() {
		other := n.create(t.Name, fields, place+"."+t.Singular, depth+1)
		n.RelateAt(other, n.of.Relation.Name, graph.Target{To: n.owner, Props: props, Place: place})
	}
}

// target adds a target to a relationship among the fields of an input.
func (n *neighbour) target(fields map[string]any, r *schema.Relationship, to graph.EntityID, props map[string]any) {
	target := graph.Target{To: to, Props: props, Place: n.place}
	if r.Many {
		fields[r.Field] = append(slices.Clone(listOf(fields[r.Field])), target)
		return
	}
	if fields[r.Field] != nil {
		n.Refuse(fault.Invalid, n.place, "Give one of them.", "%s has one target, and another is given", r.Field)
		return
	}
	fields[r.Field] = target
}

// read takes a New input apart: the one type that is given, its input, and the properties of the relationship.
func (n *neighbour) read(v any) (t *schema.AssetType, input any, props map[string]any, ok bool) {
	in, _ := v.(map[string]any)
	for name, value := range in {
		if name == "props" {
			if props, ok = value.(map[string]any); !ok && value != nil {
				n.Refuse(fault.Invalid, n.place+".props", "", "props must be an object")
			}
			continue
		}
		r := n.engine.catalog.roots[name]
		if value == nil {
			continue
		}
		if r.entity == nil || r.many || t != nil {
			t = nil
			break
		}
		t, input = r.entity, value
	}
	if t == nil {
		n.Refuse(fault.Invalid, n.place, "Write {pump: {...}}, with the type to create.", "takes exactly one asset type with its input")
	}
	return t, input, props, t != nil
}
