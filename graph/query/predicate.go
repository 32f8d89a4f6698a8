package query

import (
	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
)

// predicate is a where that may need federated values. What the graph (or, over records, the connector) can decide alone
// is a pure condition; everything else is decided by the engine on candidates, in three-valued logic.
type predicate struct {
	op   schema.ConditionOp // And, Or, Not; any other is a leaf
	args []*predicate

	pure     *schema.Condition // a whole part decided outside the engine
	path     schema.Path       // a live or computed property
	computed bool
	test     *schema.Condition // over its value; nil: only status
	status   *schema.Condition // over its status; nil: any
	related  *relatedPredicate
}

// relatedPredicate is a condition over what a relationship or a join leads to.
type relatedPredicate struct {
	field      string
	steps      []graph.Step // a relationship
	types      typeSet
	join       *schema.Join // a join
	prefix     schema.Path
	record     *schema.RecordType // target of the join, nil for entities
	shown      schema.TypeName
	where      *predicate
	joins      []connectors.Join // of the records, that where looks at
	quantifier schema.Quantifier
	loose      bool // false and unknown are not the same here: a negation is above, or a count
	count      *schema.Condition
	also       func(needs) // what is read of the targets beside what deciding takes; nil: nothing
}

func pure(c *schema.Condition) *predicate {
	if c == nil {
		return nil
	}
	return &predicate{op: schema.Eq, pure: c}
}

// allOf joins predicates; nil holds always.
func allOf(parts ...*predicate) *predicate {
	out := &predicate{op: schema.And}
	for _, p := range parts {
		switch {
		case p == nil:
		case p.op == schema.And && p.pure == nil:
			out.args = append(out.args, p.args...)
		default:
			out.args = append(out.args, p)
		}
	}
	switch len(out.args) {
	case 0:
		return nil
	case 1:
		return out.args[0]
	}
	return out
}

// condition returns p as one pure condition, when all of it is.
func (p *predicate) condition() (*schema.Condition, bool) {
	if p == nil {
		return nil, true
	}
	if p.pure != nil {
		return p.pure, true
	}
	if p.op != schema.And && p.op != schema.Or && p.op != schema.Not {
		return nil, false
	}
	out := &schema.Condition{Op: p.op}
	for _, a := range p.args {
		c, ok := a.condition()
		if !ok {
			return nil, false
		}
		out.Args = append(out.Args, c)
	}
	return out, true
}

// split separates what can be decided before federated values are known from the rest.
func (p *predicate) split() (*schema.Condition, *predicate) {
	if c, ok := p.condition(); ok {
		return c, nil
	}
	if p.op != schema.And {
		return nil, p
	}
	push, rest := &schema.Condition{Op: schema.And}, &predicate{op: schema.And}
	for _, a := range p.args {
		if c, ok := a.condition(); ok {
			push.Args = append(push.Args, c)
		} else {
			rest.args = append(rest.args, a)
		}
	}
	if len(push.Args) == 0 {
		return nil, rest
	}
	return push, rest
}

// loosen marks where false and unknown differ for the answer. Elsewhere an unknown target may count as one that fails, so that
// the source need not send it.
func (p *predicate) loosen(loose bool) {
	if p == nil {
		return
	}
	if p.op == schema.Not && p.pure == nil {
		loose = true
	}
	if r := p.related; r != nil {
		r.loose = loose
		r.where.loosen(loose || r.quantifier == schema.NoneOf || r.quantifier == schema.CountOf)
	}
	for _, a := range p.args {
		a.loosen(loose)
	}
}

// pushed is the condition on the targets that need not be sent otherwise: for some, those that fulfil what can be decided
// where they are, and where it matters, those for which that is unknown. For the other quantifiers every target counts.
func (r *relatedPredicate) pushed() *schema.Condition {
	if r.quantifier != schema.Some {
		return nil
	}
	if r.loose {
		return weak(r.where, false)
	}
	push, _ := r.where.split()
	return push
}

// visit calls on for p and everything in it, without going into related predicates.
func (p *predicate) visit(on func(*predicate)) {
	if p == nil {
		return
	}
	on(p)
	for _, a := range p.args {
		a.visit(on)
	}
}

// paths calls on for every path that c compares, without those over related entities.
func conditionPaths(c *schema.Condition, on func(schema.Path)) {
	if c == nil {
		return
	}
	switch c.Op {
	case schema.And, schema.Or, schema.Not:
		for _, a := range c.Args {
			conditionPaths(a, on)
		}
	case schema.RelatedTo:
	default:
		on(c.Path)
	}
}

func relates(c *schema.Condition) bool {
	if c == nil {
		return false
	}
	if c.Op == schema.RelatedTo {
		return true
	}
	for _, a := range c.Args {
		if relates(a) {
			return true
		}
	}
	return false
}
