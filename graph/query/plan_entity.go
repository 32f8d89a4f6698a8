package query

import (
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

type typeSet = []schema.TypeName

// node writes entities of a level. Types that satisfy the same type conditions share a program, so that an interface
// with a thousand types costs as many programs as the operation tells apart.
type node struct {
	only   []outField // when there is one program
	byType map[schema.TypeName][]outField
}

// entity writes the entity in row i of f.
func (n *node) entity(w *writer, f *frame, i int) outcome {
	if !f.present(i) {
		return isNull
	}
	if n.byType == nil {
		return w.object(n.only, f, i)
	}
	fields, known := n.byType[f.typeOf(i)]
	if !known {
		fields = n.only
	}
	return w.object(fields, f, i)
}

// entity plans a selection on the entities of lv, or on a component of them, and returns what writes it.
func (p *planner) entity(lv *level, prefix schema.Path, uses []use, types typeSet) *node {
	if len(lv.columns) == 0 {
		lv.column(graph.ColumnType)
	}
	conditions := conditionsOf(uses)
	if len(conditions) == 0 {
		return &node{only: p.program(lv, prefix, merge(uses), types)}
	}
	n := &node{byType: map[schema.TypeName][]outField{}}
	if types == nil {
		n.only = p.program(lv, prefix, merge(p.untyped(uses)), typeSet{})
	}
	for _, class := range p.classes(types, conditions) {
		var own []use
		for _, u := range uses {
			if len(p.catalog.matching(class[:1], u.on)) == 1 {
				own = append(own, u)
			}
		}
		fields := p.program(lv, prefix, merge(own), class)
		for _, t := range class {
			n.byType[t] = fields
		}
	}
	return n
}

// untyped returns what is selected on entities whose type the model does not know.
func (p *planner) untyped(uses []use) []use {
	return slices.DeleteFunc(slices.Clone(uses), func(u use) bool {
		return slices.ContainsFunc(u.on, func(c string) bool {
			return c != "Node" && c != "Entity" && c != p.catalog.api.Object("")
		})
	})
}

func conditionsOf(uses []use) []string {
	var all []string
	for _, u := range uses {
		for _, c := range u.on {
			if c != "Node" && c != "Entity" && !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	return all
}

// classes splits types (nil: all) by which conditions they satisfy.
func (p *planner) classes(types typeSet, conditions []string) []typeSet {
	if types == nil {
		types = p.catalog.all
	}
	at := map[string]int{}
	var classes []typeSet
	var truth strings.Builder
	for _, t := range types {
		truth.Reset()
		for _, c := range conditions {
			_, is := slices.BinarySearch(p.catalog.conditions[c], t)
			truth.WriteByte("01"[b2i(is)])
		}
		i, ok := at[truth.String()]
		if !ok {
			i = len(classes)
			at[truth.String()] = i
			classes = append(classes, nil)
		}
		classes[i] = append(classes[i], t)
	}
	return classes
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (p *planner) program(lv *level, prefix schema.Path, fields []merged, types typeSet) []outField {
	out := make([]outField, 0, len(fields))
	for _, m := range fields {
		if p.err != nil {
			return nil
		}
		out = append(out, p.outField(m, p.entityField(lv, prefix, m, types)))
	}
	return out
}

// entityField plans one field of entities of the given types.
func (p *planner) entityField(lv *level, prefix schema.Path, m merged, types typeSet) emit {
	name := m.field.Name
	if name == "__typename" {
		return p.typename(m, types)
	}
	if prefix == "" {
		if c, ok := builtin(name); ok {
			return column(lv.column(c))
		}
		if e := p.common(lv, m, types); e != nil {
			return e
		}
	}
	found, ok := p.memberOf(types, prefix, name)
	if !ok {
		p.fail(fault.New(fault.Internal, "field %s has no meaning in the model", name))
		return nil
	}
	switch {
	case found.relationship != nil:
		return p.relationship(lv, m, found.relationship, types)
	case found.join != nil:
		return p.join(lv, prefix, m, found.join, types)
	}
	return p.property(lv, m, found, types)
}

// memberOf finds a field on the first of types that has it: within one selection a field means the same on all.
func (p *planner) memberOf(types typeSet, prefix schema.Path, name string) (member, bool) {
	if types == nil {
		types = p.catalog.all
	}
	for _, t := range types {
		if found, ok := p.catalog.entityMember(t, prefix, name); ok {
			return found, true
		}
	}
	return member{}, false
}

func (p *planner) property(lv *level, m merged, found member, types typeSet) emit {
	switch found.property.Kind {
	case schema.Group:
		var uses []use
		for _, u := range m.uses {
			uses = p.inline(uses, u.field.SelectionSet, nil, u.guard)
		}
		inner := p.entity(lv, found.path, uses, types)
		required := p.requiredColumns(lv, found)
		return func(w *writer, f *frame, i int) outcome {
			for _, c := range required {
				if f.cell(c, i).IsNull() {
					return isNull
				}
			}
			return inner.entity(w, f, i)
		}
	case schema.Live:
		return p.series(lv, m, found, types)
	case schema.Computed:
		return p.computed(lv, m, found, types)
	}
	return p.stored(lv, m, found)
}

// requiredColumns are the values without which a component that may be left out is not there.
func (p *planner) requiredColumns(lv *level, group member) []int {
	component := p.catalog.model.Components[group.property.Type.Component]
	if component == nil || group.property.Type.NonNull {
		return nil
	}
	var columns []int
	for _, property := range component.Properties {
		if property.Kind == schema.Static && property.Type.NonNull {
			columns = append(columns, lv.column(join(group.path, property.Name)))
		}
	}
	return columns
}

// typename writes the GraphQL object type of an entity or component.
func (p *planner) typename(m merged, types typeSet) emit {
	if o := m.field.ObjectDefinition; o != nil && !p.catalog.entityName(o.Name) && p.catalog.conditions[o.Name] == nil {
		return constantText(o.Name)
	}
	if types != nil && len(types) > 0 {
		object := p.catalog.api.Object(types[0])
		if !slices.ContainsFunc(types, func(t schema.TypeName) bool { return p.catalog.api.Object(t) != object }) {
			return constantText(object)
		}
	}
	api := p.catalog.api
	return func(w *writer, f *frame, i int) outcome { return w.text(api.Object(f.typeOf(i))) }
}

// stored writes a stored property, in the unit asked for.
func (p *planner) stored(lv *level, m merged, found member) emit {
	c := lv.column(found.path)
	unit := m.field.Arguments.ForName("unit")
	if unit == nil || found.property.Unit == "" {
		return column(c)
	}
	convert := p.conversion(found.property.Unit, unit.Value)
	return func(w *writer, f *frame, i int) outcome {
		v, err := convert(w.x, f.cell(c, i))
		if err != nil {
			w.fail(err)
			return broken
		}
		return w.value(v)
	}
}
