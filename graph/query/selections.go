package query

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema"
)

// use is one field of a selection with fragments inlined: with the type conditions that must hold for the entity it is
// selected on, and the guard under which it is wanted.
type use struct {
	field *ast.Field
	on    []string
	guard uint64
	// anchors are the deferred fragments that the field stands in at its object.
	anchors []*deferral
}

func (u use) key() string {
	if u.field.Alias != "" {
		return u.field.Alias
	}
	return u.field.Name
}

// flatten inlines the fragments of a selection. Conditions on types that are no entities are always true: the field they
// stand under has exactly that type.
func (p *planner) flatten(set ast.SelectionSet, on []string, guard uint64) []use {
	return p.inline(nil, set, on, guard)
}

func (p *planner) inline(uses []use, set ast.SelectionSet, on []string, guard uint64) []use {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if mask, wanted := p.guarded(s.Directives, guard); wanted {
				uses = append(uses, use{field: s, on: on, guard: mask})
			}
		case *ast.InlineFragment:
			if mask, wanted := p.guarded(s.Directives, guard); wanted {
				uses = p.inlineFragment(uses, s, s.Directives, s.SelectionSet, p.narrow(on, s.TypeCondition), mask)
			}
		case *ast.FragmentSpread:
			definition := p.fragments.ForName(s.Name)
			if mask, wanted := p.guarded(s.Directives, guard); wanted && definition != nil {
				uses = p.inlineFragment(uses, s, s.Directives, definition.SelectionSet, p.narrow(on, definition.TypeCondition), mask)
			}
		}
	}
	p.count(len(set))
	return uses
}

func (p *planner) guarded(directives ast.DirectiveList, guard uint64) (uint64, bool) {
	if len(directives) == 0 {
		return guard, true
	}
	mask, wanted, err := p.guardOf(directives, guard)
	if err != nil {
		p.fail(err)
		return 0, false
	}
	return mask, wanted
}

func (p *planner) narrow(on []string, condition string) []string {
	if p.catalog.conditions[condition] == nil && !p.catalog.entityName(condition) || slices.Contains(on, condition) {
		return on
	}
	return append(slices.Clip(on), condition)
}

// entityName says whether a GraphQL type stands for entities, even when there can be none.
func (c *catalog) entityName(name string) bool {
	if _, plain := c.api.Plain(name); plain {
		return true
	}
	_, is := c.model.Types[schema.TypeName(name)]
	return is
}

// children flattens the selections of several uses of one field.
func (p *planner) children(uses []use) []use {
	var all []use
	for _, u := range uses {
		all = p.inline(all, u.field.SelectionSet, nil, u.guard)
	}
	return all
}

// merged is every use of one response key.
type merged struct {
	key      string
	field    *ast.Field
	uses     []use
	guards   guards
	place    int       // among those it was merged with
	sequence *sequence // nil: in the order of their places, whatever holds
}

// merge groups uses by response key, in the order of their first.
func merge(uses []use) []merged {
	list := make([]merged, 0, len(uses))
	at := make(map[string]int, len(uses))
	for _, u := range uses {
		i, ok := at[u.key()]
		if !ok {
			i = len(list)
			at[u.key()] = i
			list = append(list, merged{key: u.key(), field: u.field, place: i})
		}
		list[i].uses = append(list[i].uses, u)
		list[i].guards = list[i].guards.or(u.guard)
	}
	if o := sequenceOf(uses, at, list); o != nil {
		for i := range list {
			list[i].sequence = o
		}
	}
	return list
}
