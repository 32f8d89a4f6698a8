package query

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/fault"
)

// guards say when a field is wanted: when one of the masks has only bits that are set. A plan serves every combination of
// @skip and @include; each distinct condition is one bit, evaluated once per execution.
type guards []uint64

var always = guards{0}

const maxConditions = 64

func (g guards) hold(bits uint64) bool {
	for _, mask := range g {
		if mask&^bits == 0 {
			return true
		}
	}
	return false
}

// or adds another way to be wanted.
func (g guards) or(mask uint64) guards {
	if slices.ContainsFunc(g, func(m uint64) bool { return m&^mask == 0 }) {
		return g
	}
	if mask == 0 {
		return always
	}
	return append(slices.Clone(g), mask)
}

// condition is one guard bit: the variable must be want.
type condition struct {
	variable string
	want     bool
	deferral *deferral // not nil: whether its fields are delivered late (want), or with the rest
}

// guardOf returns the mask of the directives of one selection, added to mask. wanted is false when a constant excludes it.
func (p *planner) guardOf(directives ast.DirectiveList, mask uint64) (_ uint64, wanted bool, _ error) {
	for _, d := range directives {
		if d.Name != "skip" && d.Name != "include" {
			continue
		}
		argument := d.Arguments.ForName("if")
		if argument == nil {
			continue
		}
		want := d.Name == "include"
		if argument.Value.Kind != ast.Variable {
			if (argument.Value.Raw == "true") != want {
				return 0, false, nil
			}
			continue
		}
		bit, err := p.conditionBit(condition{variable: argument.Value.Raw, want: want})
		if err != nil {
			return 0, false, err
		}
		mask |= bit
	}
	return mask, true, nil
}

func (p *planner) conditionBit(c condition) (uint64, error) {
	i := slices.Index(p.plan.conditions, c)
	if i < 0 {
		if len(p.plan.conditions) == maxConditions {
			return 0, fault.New(fault.Limit, "an operation may have at most %d different @skip and @include conditions", maxConditions)
		}
		i = len(p.plan.conditions)
		p.plan.conditions = append(p.plan.conditions, c)
	}
	return 1 << i, nil
}

// guardBits evaluates every condition of the plan.
func (p *Plan) guardBits(variables map[string]any) uint64 {
	var bits uint64
	for i, c := range p.conditions {
		if c.deferral != nil { // whole answers, until ExecuteInParts says otherwise
			bits |= uint64(b2i(!c.want)) << i
			continue
		}
		value, given := variables[c.variable].(bool)
		if !given {
			if d := p.operation.VariableDefinitions.ForName(c.variable); d != nil && d.DefaultValue != nil {
				value = d.DefaultValue.Raw == "true"
			}
		}
		if value == c.want {
			bits |= 1 << i
		}
	}
	return bits
}
