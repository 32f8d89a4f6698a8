package query

import (
	"mereon/graph"
	"mereon/schema"
)

// A federated filter can be decided from two sides. Graph first: the graph gives the candidates, their keys go to the
// source. Source first: the source gives the rows that a candidate must have one of, their keys go to the graph. What is
// here finds, in a filter, the rows that every candidate which is not surely out must have: a drive.

// drive is one way to find the candidates of a filter from rows of other systems: each candidate for which the filter is
// true or unknown has a row of at least one of the legs.
type drive struct{ legs []*leg }

// leg is rows of one record type that lead to candidates.
type leg struct {
	related *relatedPredicate  // the join to the records
	where   *schema.Condition  // over the columns of the records; nil: any row
	via     []relatedPredicate // relationships from the candidate to the entity that joins, outermost first
}

// drives returns every way to drive p, or with negated its opposite. None of them is needed for the answer: each is enough.
func (p *predicate) drives(negated bool) []drive {
	switch {
	case p == nil || p.pure != nil || p.path != "":
		return nil
	case p.related != nil:
		return p.related.drives(negated)
	case p.op == schema.Not:
		return p.args[0].drives(!negated)
	case (p.op == schema.And) != negated:
		var ways []drive
		for _, a := range p.args {
			ways = append(ways, a.drives(negated)...)
		}
		return ways
	}
	return eitherDrive(p.args, negated)
}

// eitherDrive drives an Or: every part must be driven, and rows of any do.
func eitherDrive(parts []*predicate, negated bool) []drive {
	var all drive
	for _, a := range parts {
		ways := a.drives(negated)
		if len(ways) == 0 {
			return nil
		}
		all.legs = append(all.legs, ways[0].legs...)
	}
	if len(all.legs) == 0 {
		return nil
	}
	return []drive{all}
}

// drives is the heart of it: which targets a candidate must have if the condition on them is not to be false.
func (r *relatedPredicate) drives(negated bool) []drive {
	inner := false // the targets fulfil the opposite of where
	switch r.quantifier {
	case schema.Some, schema.NoneOf:
		if negated != (r.quantifier == schema.NoneOf) {
			return nil
		}
	case schema.Every:
		if !negated {
			return nil
		}
		inner = true
	case schema.CountOf:
		none := countTruth(r.count, 0, 0).low
		if negated {
			none = -none
		}
		if none != schema.False {
			return nil // a candidate without any target may be in the answer
		}
	}
	switch {
	case r.record != nil:
		where := weak(r.where, inner)
		if r.quantifier == schema.Some {
			where = r.pushed() // exactly the rows that the graph's side would be given
		}
		return []drive{{legs: []*leg{{related: r, where: where}}}}
	case r.join == nil:
		return r.through(r.where.drives(inner))
	}
	return nil
}

// through leads the ways to the targets of a relationship on to its sources.
func (r *relatedPredicate) through(ways []drive) []drive {
	out := make([]drive, len(ways))
	for i, way := range ways {
		for _, l := range way.legs {
			longer := *l
			longer.via = append([]relatedPredicate{*r}, l.via...)
			out[i].legs = append(out[i].legs, &longer)
		}
	}
	return out
}

// weak returns a condition that is true wherever p, or with negated its opposite, is true or unknown; nil holds always.
// What other systems or the graph must decide holds in it.
func weak(p *predicate, negated bool) *schema.Condition {
	switch {
	case p == nil && negated:
		return &schema.Condition{Op: schema.Or}
	case p == nil || p.path != "" || p.related != nil:
		return nil
	case p.pure != nil:
		return weakCondition(p.pure, negated)
	case p.op == schema.Not:
		return weak(p.args[0], !negated)
	}
	op := schema.And
	if (p.op == schema.And) == negated {
		op = schema.Or
	}
	out := &schema.Condition{Op: op}
	for _, a := range p.args {
		c := weak(a, negated)
		if c == nil && op == schema.Or {
			return nil
		}
		if c != nil {
			out.Args = append(out.Args, c)
		}
	}
	if op == schema.And && len(out.Args) == 0 {
		return nil
	}
	return out
}

// weakCondition allows every value that is compared to be null, which makes a comparison unknown.
func weakCondition(c *schema.Condition, negated bool) *schema.Condition {
	if comparesNull(c) || relates(c) {
		return nil
	}
	if negated {
		c = &schema.Condition{Op: schema.Not, Args: []*schema.Condition{c}}
	}
	out := &schema.Condition{Op: schema.Or, Args: []*schema.Condition{c}}
	seen := map[schema.Path]bool{}
	conditionPaths(c, func(p schema.Path) {
		if !seen[p] {
			seen[p] = true
			out.Args = append(out.Args, &schema.Condition{Op: schema.IsNull, Path: p, Value: schema.BoolOf(true)})
		}
	})
	return out
}

// comparesNull says whether a comparison of c is with null, so that it is unknown whatever the value.
func comparesNull(c *schema.Condition) bool {
	for _, a := range c.Args {
		if comparesNull(a) {
			return true
		}
	}
	if c.Op < schema.Eq || c.Op == schema.IsNull || c.Op > schema.HasAny {
		return false
	}
	for _, v := range c.Value.List() {
		if v.IsNull() {
			return true
		}
	}
	return c.Value.IsNull()
}

// candidates is the condition on the graph that an entity is reached by one of the keys.
func (l *leg) candidates(keys [][]schema.Value) *schema.Condition {
	c := &schema.Condition{Op: schema.And}
	for k, pair := range l.related.join.On {
		list := make([]schema.Value, len(keys))
		for i, key := range keys {
			list[i] = key[k]
		}
		c.Args = append(c.Args, &schema.Condition{Op: schema.In, Path: inside(l.related.prefix, pair.Ours), Value: schema.ListOf(list)})
	}
	if len(c.Args) == 1 {
		c = c.Args[0]
	}
	for i := len(l.via) - 1; i >= 0; i-- {
		r := l.via[i]
		c = &schema.Condition{Op: schema.RelatedTo, Related: &schema.Related{
			Relation: r.steps[0].Relation, Inverse: r.steps[0].Direction == graph.In, Types: r.types, Where: c, Quantifier: schema.Some,
		}}
	}
	return c
}
