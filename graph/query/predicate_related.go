package query

import (
	"maps"
	"slices"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// relationship reads the filter of a relationship field. It is pure when the condition on its targets is.
func (s filterScope) relationship(r *schema.Relationship, v any) (*predicate, error) {
	target := filterScope{catalog: s.catalog, shown: r.Target, at: s.at + r.Field + "."}
	return target.quantified(s.relationshipShape(r), r.Many, v)
}

// relationshipShape says where a relationship field leads.
func (s filterScope) relationshipShape(r *schema.Relationship) relatedPredicate {
	step := graph.Step{Relation: r.Relation.Name}
	if r.Inverse {
		step.Direction = graph.In
	}
	return relatedPredicate{field: r.Field, steps: []graph.Step{step}, types: s.catalog.concrete(r.Target), shown: r.Target}
}

// joined reads the filter of a join. It is never pure: rows of another system decide.
func (s filterScope) joined(j *schema.Join, v any) (*predicate, error) {
	shape := s.joinShape(j)
	target := filterScope{catalog: s.catalog, record: shape.record, shown: shape.shown, at: s.at + j.Field + "."}
	return target.quantified(shape, j.Many, v)
}

// joinShape says where a join leads.
func (s filterScope) joinShape(j *schema.Join) relatedPredicate {
	shape := relatedPredicate{field: j.Field, join: j, prefix: s.prefix, record: s.catalog.model.Records[j.Target]}
	if shape.record == nil {
		shape.types, shape.shown = s.catalog.concrete(j.Target), j.Target
	}
	return shape
}

// quantified reads some, every, none and count; for at most one target the filter stands alone and means some.
func (s filterScope) quantified(shape relatedPredicate, many bool, v any) (*predicate, error) {
	in, ok := v.(map[string]any)
	if !ok {
		return nil, fault.New(fault.Invalid, "the filter of %s must be an object", shape.field)
	}
	if !many {
		return s.single(shape, in)
	}
	var parts []*predicate
	for _, name := range slices.Sorted(maps.Keys(in)) {
		part, err := s.below(name).quantifier(shape, name, in[name])
		if err != nil {
			return nil, err
		}
		if part != nil {
			parts = append(parts, part)
		}
	}
	return allOf(parts...), nil
}

func (s filterScope) single(shape relatedPredicate, in map[string]any) (*predicate, error) {
	var parts []*predicate
	if absent, given := in["isNull"].(bool); given {
		q := schema.Some
		if absent {
			q = schema.NoneOf
		}
		parts = append(parts, shape.with(q, nil, nil))
		in = maps.Clone(in)
		delete(in, "isNull")
	}
	where, err := s.parse(in)
	if err != nil {
		return nil, err
	}
	if where != nil || len(parts) == 0 || says(in) {
		parts = append(parts, shape.with(schema.Some, where, nil))
	}
	return allOf(parts...), nil
}

// says is whether a filter has any part, be it one that always holds: then it is about a target that is there.
func says(in map[string]any) bool {
	for _, v := range in {
		if v != nil {
			return true
		}
	}
	return false
}

func (s filterScope) quantifier(shape relatedPredicate, name string, v any) (*predicate, error) {
	if v == nil {
		return nil, nil
	}
	if name == "count" {
		in, ok := v.(map[string]any)
		if !ok {
			return nil, fault.New(fault.Invalid, "count of %s must be an object", shape.field)
		}
		where, err := s.parse(in["where"])
		if err != nil {
			return nil, err
		}
		count, err := s.comparisons(&schema.Property{Type: schema.ValueType{Scalar: schema.Int}}, "count", in)
		if err != nil || count == nil {
			return nil, err
		}
		return shape.with(schema.CountOf, where, count), nil
	}
	where, err := s.parse(v)
	if err != nil {
		return nil, err
	}
	switch name {
	case "every":
		return shape.with(schema.Every, where, nil), nil
	case "none":
		return shape.with(schema.NoneOf, where, nil), nil
	}
	return shape.with(schema.Some, where, nil), nil
}

func (r relatedPredicate) with(q schema.Quantifier, where *predicate, count *schema.Condition) *predicate {
	if inner, ok := where.condition(); ok && r.join == nil {
		return pure(&schema.Condition{Op: schema.RelatedTo, Related: &schema.Related{
			Relation: r.steps[0].Relation, Inverse: r.steps[0].Direction == graph.In,
			Types: r.types, Where: inner, Quantifier: q, Count: count,
		}})
	}
	r.quantifier, r.where, r.count = q, where, count
	return &predicate{op: schema.RelatedTo, related: &r}
}
