package api

import (
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph/query"
	"mereon/schema/fault"
)

// route is how one operation is executed: its root fields, each with the plane that answers it. It depends on no variable,
// so it is made once.
type route struct {
	operation *ast.OperationDefinition
	legs      []leg
	keys      []string // response names of the root fields, in document order
	schema    bool     // only the schema is asked for: the answer never changes while the snapshot lives
}

// leg is the part of an operation that one plane answers: either a plan of the data plane, or an operation with nothing but
// fields of the control plane. Legs of a query run side by side; those of a mutation one after the other.
type leg struct {
	plan    *query.Plan
	control *ast.OperationDefinition
}

type router struct {
	snapshot  *Snapshot
	operation *ast.OperationDefinition
	fragments ast.FragmentDefinitionList
	atOnce    *ast.QueryDocument // for the control plane
	data      bool               // the data plane owns a root field
}

func newRoute(s *Snapshot, d *document, op *ast.OperationDefinition) (*route, error) {
	r := &router{snapshot: s, operation: op, fragments: d.parsed.Fragments, atOnce: d.atOnce}
	keys, fields := r.roots(op.SelectionSet)
	for _, key := range keys {
		r.data = r.data || s.Engine.Owns(op.Operation, fields[key].Name)
	}
	route := &route{operation: op, keys: keys, schema: op.Operation == ast.Query && len(op.VariableDefinitions) == 0}
	for _, key := range keys {
		name := fields[key].Name
		route.schema = route.schema && (name == "__schema" || name == "__type")
		if op.Operation == ast.Subscription && !s.Engine.Owns(op.Operation, name) {
			return nil, fault.New(fault.Invalid, "this field cannot be subscribed to")
		}
	}
	for _, share := range r.shares(keys, fields) {
		leg, err := r.leg(share)
		if err != nil {
			return nil, err
		}
		route.legs = append(route.legs, leg)
	}
	return route, nil
}

// share is the response names that one leg answers.
type share struct {
	data bool
	keys map[string]bool
}

// shares divides root fields: a query has one share for each plane, a mutation one for each run of fields of one plane.
func (r *router) shares(keys []string, fields map[string]*ast.Field) []share {
	var list []share
	for _, key := range keys {
		data := r.owns(fields[key])
		at := len(list) - 1
		if r.operation.Operation != ast.Mutation && at == 1 && list[0].data == data {
			at = 0
		}
		if at < 0 || list[at].data != data {
			list = append(list, share{data, map[string]bool{}})
			at = len(list) - 1
		}
		list[at].keys[key] = true
	}
	return list
}

// owns says whether the data plane answers a root field. Its queries know __typename too.
func (r *router) owns(f *ast.Field) bool {
	if f.Name == "__typename" {
		return r.data && r.operation.Operation == ast.Query
	}
	return r.snapshot.Engine.Owns(r.operation.Operation, f.Name)
}

func (r *router) leg(s share) (leg, error) {
	mine := func(f *ast.Field) bool { return s.keys[f.Alias] }
	if s.data {
		plan, err := r.snapshot.Engine.Plan(r.snapshot.schema, r.operation, r.fragments, mine)
		return leg{plan: plan}, err
	}
	own := *r.atOnce.Operations.ForName(r.operation.Name)
	control := router{fragments: r.atOnce.Fragments}
	own.SelectionSet = control.only(own.SelectionSet, mine)
	return leg{control: &own}, nil
}

// roots returns the response names of the root fields in document order, and the first field of each.
func (r *router) roots(set ast.SelectionSet) (keys []string, fields map[string]*ast.Field) {
	fields = map[string]*ast.Field{}
	r.only(set, func(f *ast.Field) bool {
		if fields[f.Alias] == nil {
			fields[f.Alias] = f
			keys = append(keys, f.Alias)
		}
		return false
	})
	return keys, fields
}

// order returns the response names of the root fields in the order of the answer: a field stands where the first use of it stands
// that no directive leaves out.
//
// Source: GraphQL specification, "Field Collection".
func (o *operation) order() []string {
	var keys []string
	seen := make(map[string]bool, len(o.keys))
	o.collect(o.operation.SelectionSet, func(key string) {
		if !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	})
	return keys
}

func (o *operation) collect(set ast.SelectionSet, found func(key string)) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if o.included(s.Directives) {
				found(s.Alias)
			}
		case *ast.InlineFragment:
			if o.included(s.Directives) {
				o.collect(s.SelectionSet, found)
			}
		case *ast.FragmentSpread:
			if f := o.document.parsed.Fragments.ForName(s.Name); f != nil && o.included(s.Directives) {
				o.collect(f.SelectionSet, found)
			}
		}
	}
}

// included says whether @skip and @include leave a selection in.
func (o *operation) included(directives ast.DirectiveList) bool {
	for _, d := range directives {
		if d.Name != "skip" && d.Name != "include" {
			continue
		}
		holds := false
		if argument := d.Arguments.ForName("if"); argument != nil {
			v, err := argument.Value.Value(o.variables)
			holds = err == nil && v == true
		}
		if holds == (d.Name == "skip") {
			return false
		}
	}
	return true
}

// only returns the root fields that keep accepts, inside the fragments that carry their conditions.
func (r *router) only(set ast.SelectionSet, keep func(*ast.Field) bool) ast.SelectionSet {
	var kept ast.SelectionSet
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if keep(s) {
				kept = append(kept, s)
			}
		case *ast.InlineFragment:
			inner := *s
			if inner.SelectionSet = r.only(s.SelectionSet, keep); len(inner.SelectionSet) > 0 {
				kept = append(kept, &inner)
			}
		case *ast.FragmentSpread:
			f := r.fragments.ForName(s.Name)
			inner := &ast.InlineFragment{TypeCondition: f.TypeCondition, Directives: s.Directives, ObjectDefinition: s.ObjectDefinition, Position: s.Position}
			if inner.SelectionSet = r.only(f.SelectionSet, keep); len(inner.SelectionSet) > 0 {
				kept = append(kept, inner)
			}
		}
	}
	return kept
}
