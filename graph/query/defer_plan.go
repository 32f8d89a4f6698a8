package query

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/fault"
)

// deferral is one fragment with @defer. Its fields are planned twice, as guards tell apart: at once, for those who take whole
// answers, and late. So one plan serves both, and everything that reads follows the guards.
type deferral struct {
	label     string
	condition *ast.Value // the argument if; nil is true
	enclosing uint64     // what must hold for the fragment to be reached
	now, late uint64     // the guard bits: delivered with the rest, delivered later
	number    int
}

// maxDeferrals bounds the fragments that are delivered late; further ones are delivered with the rest.
const maxDeferrals = 16

type deferralKey struct {
	fragment  ast.Selection
	enclosing uint64
}

// deferred returns the deferral of a fragment, nil when it has none.
func (p *planner) deferred(s ast.Selection, directives ast.DirectiveList, enclosing uint64) *deferral {
	directive := directives.ForName("defer")
	if directive == nil || p.wholly || p.plan.operation.Operation != ast.Query {
		return nil
	}
	key := deferralKey{s, enclosing}
	if d := p.deferrals[key]; d != nil {
		return d
	}
	d := &deferral{enclosing: enclosing, number: len(p.plan.deferrals)}
	if label := directive.Arguments.ForName("label"); label != nil && label.Value.Kind != ast.NullValue {
		d.label = label.Value.Raw
		p.checkLabel(label.Value, s)
	}
	if argument := directive.Arguments.ForName("if"); argument != nil {
		d.condition = argument.Value
	}
	if d.number == maxDeferrals || len(p.plan.conditions)+2 > maxConditions {
		return nil
	}
	d.now = 1 << len(p.plan.conditions)
	d.late = d.now << 1
	p.plan.conditions = append(p.plan.conditions, condition{deferral: d}, condition{deferral: d, want: true})
	p.plan.deferrals = append(p.plan.deferrals, d)
	if p.deferrals == nil {
		p.deferrals, p.lateOf = map[deferralKey]*deferral{}, map[ast.Selection]uint64{}
	}
	p.deferrals[key] = d
	p.lateOf[s] |= d.late
	return d
}

// checkLabel refuses labels that cannot tell fragments apart.
//
// Source: GraphQL specification, RFC "Defer and Stream", "Defer And Stream Directive Labels Are Unique".
func (p *planner) checkLabel(label *ast.Value, s ast.Selection) {
	if label.Kind == ast.Variable {
		p.fail(fault.New(fault.Invalid, "the label of @defer must be written out, not be a variable"))
		return
	}
	if other, taken := p.labels[label.Raw]; taken && other != s {
		p.fail(fault.New(fault.Invalid, "two fragments have the @defer label %q; give each its own", clipped(label.Raw)))
		return
	}
	if p.labels == nil {
		p.labels = map[string]ast.Selection{}
	}
	p.labels[label.Raw] = s
}

// inlineFragment adds what a fragment selects; when it is deferred, at once and late.
func (p *planner) inlineFragment(uses []use, s ast.Selection, directives ast.DirectiveList, set ast.SelectionSet, on []string, mask uint64) []use {
	d := p.deferred(s, directives, mask)
	if d == nil {
		return p.inline(uses, set, on, mask)
	}
	uses = p.inline(uses, set, on, mask|d.now)
	late := p.inline(nil, set, on, mask|d.late)
	for i := range late {
		late[i].anchors = append(slices.Clip(late[i].anchors), d)
	}
	return append(uses, late...)
}

// whole flattens the selections of uses that cannot be delivered in parts.
func (p *planner) whole(uses []use) []use {
	before := p.wholly
	p.wholly = true
	defer func() { p.wholly = before }()
	return p.children(uses)
}

// noteDeferrals tells a field which deferrals begin at its object, and which have something inside it.
func (p *planner) noteDeferrals(f *outField, m merged) {
	if len(p.plan.deferrals) == 0 {
		return
	}
	var late uint64
	for _, d := range p.plan.deferrals {
		late |= d.late
	}
	for _, u := range m.uses {
		for _, d := range u.anchors {
			if !slices.Contains(f.anchors, d) {
				f.anchors = append(f.anchors, d)
			}
		}
		if len(u.field.SelectionSet) > 0 { // parts of it may be delivered earlier
			f.inner |= u.guard&late | p.lateInside(u.field.SelectionSet, 0)
		}
	}
}

// lateInside returns the late bits of all deferrals in a selection, at any depth.
func (p *planner) lateInside(set ast.SelectionSet, depth int) (bits uint64) {
	if depth > 4*p.engine.limits.Depth {
		return 0 // fragments that spread themselves are no valid document
	}
	for _, s := range set {
		bits |= p.lateOf[s]
		switch s := s.(type) {
		case *ast.Field:
			bits |= p.lateInside(s.SelectionSet, depth+1)
		case *ast.InlineFragment:
			bits |= p.lateInside(s.SelectionSet, depth+1)
		case *ast.FragmentSpread:
			if definition := p.fragments.ForName(s.Name); definition != nil {
				bits |= p.lateInside(definition.SelectionSet, depth+1)
			}
		}
	}
	return bits
}

// wanted says whether the fragment is to be delivered late with these variables.
func (d *deferral) wanted(p *Plan, variables map[string]any) bool {
	if d.condition == nil {
		return true
	}
	if d.condition.Kind != ast.Variable {
		return d.condition.Raw != "false"
	}
	if value, given := variables[d.condition.Raw].(bool); given {
		return value
	}
	if v := p.operation.VariableDefinitions.ForName(d.condition.Raw); v != nil && v.DefaultValue != nil {
		return v.DefaultValue.Raw == "true"
	}
	return true
}

// Defers says whether something of the plan may be delivered late.
func (p *Plan) Defers() bool { return len(p.deferrals) > 0 }

// late returns the guard bits of an execution that delivers in parts, before any late part, and those of its late parts.
func (p *Plan) late(variables map[string]any, bits uint64) (first, all uint64) {
	for _, d := range p.deferrals {
		if d.wanted(p, variables) {
			bits &^= d.now
			all |= d.late
		}
	}
	return bits, all
}

// linked returns the deferrals whose reading shares something with that of d: levels or values that both want.
func (p *Plan) linked(d *deferral) uint64 {
	var bits uint64
	note := func(g guards) {
		var all uint64
		for _, mask := range g {
			all |= mask
		}
		if all&d.late != 0 {
			bits |= all
		}
	}
	for _, lv := range p.levels {
		note(lv.guards)
		note(lv.states)
		for _, need := range lv.live {
			note(need.guards)
		}
		for _, need := range lv.history {
			note(need.guards)
			for _, live := range lv.live { // a series is written with what is known of its newest value
				if live.path == need.path {
					note(append(slices.Clone(need.guards), live.guards...))
				}
			}
		}
	}
	return bits
}
