package api

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"

	"mereon/schema/fault"
)

// overlapBudget bounds the fields looked at while merging the selections of one document.
const overlapBudget = 50_000

// overlapRule replaces gqlparser's OverlappingFieldsCanBeMerged, which is quadratic in the number of equal fields
// (a query of 12 kB takes a second). Fields are grouped by response name; every group is compared with its first member,
// then the selections of the whole group are merged as one set. A group whose members may be of different object types only
// needs the same shape. The work is linear in the fields visited, and those are bounded: a document that spreads fragments
// in ever new combinations is refused.
//
// Source: GraphQL specification, section 5.3.2 "Field Selection Merging".
func overlapRule(observers *core.Events, addError core.AddErrFunc) {
	observers.OnOperation(func(walker *core.Walker, operation *ast.OperationDefinition) {
		m := merger{fragments: walker.Document.Fragments, report: addError, budget: overlapBudget}
		m.merge([]selection{{set: operation.SelectionSet}}, true)
	})
}

type selection struct {
	set    ast.SelectionSet
	parent *ast.Definition // of an enclosing fragment, nil for that of the fields
}

type merger struct {
	fragments ast.FragmentDefinitionList
	report    core.AddErrFunc
	budget    int
	failed    bool
}

type occurrence struct {
	field  *ast.Field
	parent *ast.Definition
}

// merge checks the fields of several selection sets that answer one response object. same says that parents may be of
// different object types and only shapes must agree when it is false.
func (m *merger) merge(sets []selection, sameParents bool) {
	groups := map[string][]occurrence{}
	var order []string
	seen := map[string]bool{}
	for _, s := range sets {
		m.collect(s.set, groups, &order, seen)
	}
	for _, name := range order {
		if m.failed {
			return
		}
		m.group(name, groups[name], sameParents)
	}
}

func (m *merger) collect(set ast.SelectionSet, groups map[string][]occurrence, order *[]string, seen map[string]bool) {
	for _, s := range set {
		if m.budget--; m.budget < 0 {
			m.fail(s)
			return
		}
		switch s := s.(type) {
		case *ast.Field:
			key := s.Alias
			if groups[key] == nil {
				*order = append(*order, key)
			}
			groups[key] = append(groups[key], occurrence{s, s.ObjectDefinition})
		case *ast.InlineFragment:
			m.collect(s.SelectionSet, groups, order, seen)
		case *ast.FragmentSpread:
			if f := m.fragments.ForName(s.Name); f != nil && !seen[s.Name] {
				seen[s.Name] = true
				m.collect(f.SelectionSet, groups, order, seen)
			}
		}
	}
}

func (m *merger) fail(s ast.Selection) {
	if m.failed {
		return
	}
	m.failed = true
	m.report(core.Message("the document merges more than %d fields; spread fragments less often", overlapBudget), core.At(s.GetPosition()), func(err *gqlerror.Error) {
		err.Extensions = map[string]any{"code": fault.Limit}
	})
}

func (m *merger) group(name string, fields []occurrence, sameParents bool) {
	if len(fields) > 1 {
		// Fields of the same parent type, or of a parent that is an interface, must be the same field; objects of different
		// types never answer together.
		first := map[*ast.Definition]*ast.Field{}
		var abstract *ast.Field
		for _, o := range fields {
			reference := fields[0].field
			if same := first[o.parent]; same != nil {
				reference = same
			} else {
				first[o.parent] = o.field
			}
			if o.parent != nil && o.parent.IsAbstractType() && abstract == nil {
				abstract = o.field
			}
			exact := sameParents && (reference != fields[0].field || o.parent == fields[0].parent || abstract != nil)
			if abstract != nil && sameParents {
				reference = abstract
			}
			if !m.compatible(name, reference, o.field, exact) {
				return
			}
		}
	}
	m.descend(fields, sameParents)
}

// descend merges the selections of a group: all of them for shape, and those that can answer together for sameness.
func (m *merger) descend(fields []occurrence, sameParents bool) {
	var sets []selection
	objects := map[*ast.Definition]bool{}
	for _, o := range fields {
		if len(o.field.SelectionSet) > 0 {
			sets = append(sets, selection{set: o.field.SelectionSet})
			if o.parent != nil && !o.parent.IsAbstractType() {
				objects[o.parent] = true
			}
		}
	}
	if len(sets) == 0 {
		return
	}
	if !sameParents || len(objects) <= 1 {
		m.merge(sets, sameParents)
		return
	}
	m.merge(sets, false)
	for object := range objects {
		var together []selection
		for _, o := range fields {
			if o.parent == object || o.parent == nil || o.parent.IsAbstractType() {
				together = append(together, selection{set: o.field.SelectionSet})
			}
		}
		m.merge(together, true)
	}
}

func (m *merger) compatible(name string, a, b *ast.Field, exact bool) bool {
	if a == b {
		return true
	}
	conflict := func(why string) bool {
		m.report(core.Message("Fields %q conflict because %s. Use different aliases on the fields to fetch both if this was intentional.", name, why), core.At(b.Position))
		m.failed = true
		return false
	}
	if a.Definition != nil && b.Definition != nil && !sameShape(a.Definition.Type, b.Definition.Type, a.Definition, b.Definition, len(a.SelectionSet) > 0, len(b.SelectionSet) > 0) {
		return conflict("they return conflicting types " + a.Definition.Type.String() + " and " + b.Definition.Type.String())
	}
	if !exact {
		return true
	}
	if a.Name != b.Name {
		return conflict(a.Name + " and " + b.Name + " are different fields")
	}
	if !sameArguments(a.Arguments, b.Arguments) {
		return conflict("they have differing arguments")
	}
	return true
}

func sameShape(a, b *ast.Type, _, _ *ast.FieldDefinition, aComposite, bComposite bool) bool {
	if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Elem != nil {
		return sameShape(a.Elem, b.Elem, nil, nil, aComposite, bComposite)
	}
	if aComposite || bComposite {
		return aComposite == bComposite
	}
	return a.NamedType == b.NamedType
}

func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		y := b.ForName(x.Name)
		if y == nil || x.Value.String() != y.Value.String() {
			return false
		}
	}
	return true
}
