package api

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"

	"mereon/schema/fault"
)

// overlapBudget bounds the selections looked at while merging those of one document.
const overlapBudget = 50_000

// overlapRule replaces gqlparser's OverlappingFieldsCanBeMerged, which compares every pair of fields of one response name: a
// query of 12 kB takes it a second. Here the fields of a response name are a group that is looked at once, in two passes:
// all members have the same shape, and those that can answer for one object are the same field with the same arguments.
// Each pass goes on with the selections of the whole group as one set, so that its work is linear in the selections visited.
// Those are bounded: a document that spreads fragments in ever new combinations is refused.
//
// Source: GraphQL specification, section 5.3.2 "Field Selection Merging"; the specification's pairs and these groups agree,
// since having one shape, and being one field, are equivalences.
func overlapRule(observers *core.Events, addError core.AddErrFunc) {
	m := merger{report: addError, budget: overlapBudget}
	observers.OnOperation(func(walker *core.Walker, operation *ast.OperationDefinition) {
		if m.failed || cyclic(walker.Document.Fragments) {
			return // fragments that spread themselves are another rule's to refuse
		}
		m.schema, m.fragments = walker.Schema, walker.Document.Fragments
		sets := []ast.SelectionSet{operation.SelectionSet}
		m.merge(sets, m.sameShape)
		m.merge(sets, m.sameField)
	})
}

type merger struct {
	schema    *ast.Schema
	fragments ast.FragmentDefinitionList
	report    core.AddErrFunc
	budget    int
	failed    bool // one conflict is reported
}

// merge hands every group of the sets, which answer one response object, to check.
func (m *merger) merge(sets []ast.SelectionSet, check func(group []*ast.Field)) {
	c := collector{merger: m, groups: map[string][]*ast.Field{}, spread: map[string]bool{}}
	for _, set := range sets {
		c.collect(set)
	}
	for _, name := range c.order {
		if m.failed {
			return
		}
		check(c.groups[name])
	}
}

// collector gathers fields by response name, in the order of the first of each.
type collector struct {
	*merger
	groups map[string][]*ast.Field
	order  []string
	spread map[string]bool
}

func (c *collector) collect(set ast.SelectionSet) {
	for _, s := range set {
		if c.budget--; c.budget < 0 {
			c.exceeded(s)
			return
		}
		switch s := s.(type) {
		case *ast.Field:
			if s.ObjectDefinition == nil || s.Definition == nil {
				continue // unknown: another rule says so
			}
			if c.groups[s.Alias] == nil {
				c.order = append(c.order, s.Alias)
			}
			c.groups[s.Alias] = append(c.groups[s.Alias], s)
		case *ast.InlineFragment:
			c.collect(s.SelectionSet)
		case *ast.FragmentSpread:
			if f := c.fragments.ForName(s.Name); f != nil && !c.spread[s.Name] {
				c.spread[s.Name] = true
				c.collect(f.SelectionSet)
			}
		}
	}
}

// sameShape checks that all fields of a group can stand for one another in a response, down to the leaves.
func (m *merger) sameShape(group []*ast.Field) {
	first := group[0]
	for _, f := range group[1:] {
		if !m.shapesAgree(first.Definition.Type, f.Definition.Type) {
			m.conflict(f, "they return conflicting types "+first.Definition.Type.String()+" and "+f.Definition.Type.String())
			return
		}
	}
	m.descend(group, m.sameShape)
}

// sameField checks that the fields of a group that can answer for one object are the same. Fields of two object types never
// answer for one object; a field of an interface may answer for any.
func (m *merger) sameField(group []*ast.Field) {
	objects, abstract := byObject(group)
	if len(objects) == 0 {
		m.sameFields(abstract)
	}
	for _, fields := range objects {
		m.sameFields(slices.Concat(abstract, fields))
	}
}

func (m *merger) sameFields(group []*ast.Field) {
	if m.failed {
		return
	}
	first := group[0]
	for _, f := range group[1:] {
		switch {
		case f.Name != first.Name:
			m.conflict(f, first.Name+" and "+f.Name+" are different fields")
			return
		case !sameArguments(first.Arguments, f.Arguments):
			m.conflict(f, "they have differing arguments")
			return
		}
	}
	m.descend(group, m.sameField)
}

// byObject divides a group by the object types of the fields' parents, in order; those of interfaces and unions are abstract.
func byObject(group []*ast.Field) (objects [][]*ast.Field, abstract []*ast.Field) {
	index := map[string]int{}
	for _, f := range group {
		parent := f.ObjectDefinition
		if parent.Kind != ast.Object {
			abstract = append(abstract, f)
			continue
		}
		i, ok := index[parent.Name]
		if !ok {
			i = len(objects)
			index[parent.Name] = i
			objects = append(objects, nil)
		}
		objects[i] = append(objects[i], f)
	}
	return objects, abstract
}

func (m *merger) descend(group []*ast.Field, check func([]*ast.Field)) {
	var sets []ast.SelectionSet
	for _, f := range group {
		if len(f.SelectionSet) > 0 {
			sets = append(sets, f.SelectionSet)
		}
	}
	if len(sets) > 0 && !m.failed {
		m.merge(sets, check)
	}
}

// shapesAgree compares the wrappers of two types, and the types themselves where one of them is a leaf.
func (m *merger) shapesAgree(a, b *ast.Type) bool {
	if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Elem != nil {
		return m.shapesAgree(a.Elem, b.Elem)
	}
	return a.NamedType == b.NamedType || m.schema.Types[a.NamedType].IsCompositeType() && m.schema.Types[b.NamedType].IsCompositeType()
}

func (m *merger) conflict(f *ast.Field, why string) {
	m.failed = true
	m.report(core.Message("Fields %q conflict because %s. Use different aliases on the fields to fetch both if this was intentional.", f.Alias, why), core.At(f.Position))
}

func (m *merger) exceeded(s ast.Selection) {
	if m.failed {
		return
	}
	m.failed = true
	m.report(core.Message("the document merges more than %d fields; spread fragments less often", overlapBudget), core.At(s.GetPosition()), func(err *gqlerror.Error) {
		err.Extensions = map[string]any{"code": fault.Limit}
	})
}

func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		y := b.ForName(x.Name)
		if y == nil || !sameValue(x.Value, y.Value) {
			return false
		}
	}
	return true
}

// sameValue compares two values as written; the order of an object's fields does not matter.
func sameValue(a, b *ast.Value) bool {
	if a.Kind != b.Kind || a.Raw != b.Raw || len(a.Children) != len(b.Children) {
		return false
	}
	for i, x := range a.Children {
		y := b.Children[i].Value
		if a.Kind == ast.ObjectValue {
			y = b.Children.ForName(x.Name)
		}
		if y == nil || !sameValue(x.Value, y) {
			return false
		}
	}
	return true
}

// cyclic says whether a fragment spreads itself, by whatever way.
func cyclic(fragments ast.FragmentDefinitionList) bool {
	visited := map[string]int{} // 1 on the way, 2 done
	var visit func(set ast.SelectionSet) bool
	visit = func(set ast.SelectionSet) bool {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				if visit(s.SelectionSet) {
					return true
				}
			case *ast.InlineFragment:
				if visit(s.SelectionSet) {
					return true
				}
			case *ast.FragmentSpread:
				f := fragments.ForName(s.Name)
				if f == nil || visited[s.Name] == 2 {
					continue
				}
				if visited[s.Name] == 1 {
					return true
				}
				visited[s.Name] = 1
				if visit(f.SelectionSet) {
					return true
				}
				visited[s.Name] = 2
			}
		}
		return false
	}
	for _, f := range fragments {
		if visit(ast.SelectionSet{&ast.FragmentSpread{Name: f.Name}}) {
			return true
		}
	}
	return false
}
