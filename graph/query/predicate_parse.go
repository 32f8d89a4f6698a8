package query

import (
	"fmt"
	"maps"
	"slices"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// filterScope is what a filter input is read against: an entity type, a component of it, or a record type.
type filterScope struct {
	catalog *catalog
	shown   schema.TypeName
	prefix  schema.Path
	record  *schema.RecordType
	at      string // what leads here, for errors: workOrders.some.
}

// below is the scope of what a field, a quantifier or an element leads to.
func (s filterScope) below(step string) filterScope {
	s.at += step + "."
	return s
}

var filterOps = map[string]schema.ConditionOp{
	"eq": schema.Eq, "ne": schema.Ne, "in": schema.In, "notIn": schema.NotIn, "lt": schema.Lt, "lte": schema.Lte, "gt": schema.Gt,
	"gte": schema.Gte, "startsWith": schema.StartsWith, "contains": schema.Contains, "isNull": schema.IsNull,
	"has": schema.Has, "hasAny": schema.HasAny, "isEmpty": schema.IsEmpty,
}

// parse reads a filter input; nil holds always. The order of the parts is that of their names.
func (s filterScope) parse(v any) (*predicate, error) {
	if v == nil {
		return nil, nil
	}
	in, ok := v.(map[string]any)
	if !ok {
		return nil, fault.New(fault.Invalid, "a filter must be an object")
	}
	var parts []*predicate
	for _, name := range slices.Sorted(maps.Keys(in)) {
		part, err := s.part(name, in[name])
		if err != nil {
			return nil, err
		}
		if part != nil {
			parts = append(parts, part)
		}
	}
	return allOf(parts...), nil
}

func (s filterScope) part(name string, v any) (*predicate, error) {
	if v == nil {
		return nil, nil
	}
	switch name {
	case "and", "or":
		return s.several(name, listOf(v))
	case "not":
		inner, err := s.below("not").parse(v)
		if err != nil {
			return nil, err
		}
		return not(inner), nil
	case "isNull":
		return s.absent(v == true), nil
	case "is":
		if s.record == nil && s.shown == schema.EntityType && s.prefix == "" {
			return s.is(v)
		}
	}
	if s.record != nil {
		found, ok := recordMember(s.record, name)
		if !ok {
			return nil, fault.New(fault.Invalid, "%s has no field %s", s.record.Name, name)
		}
		return s.member(found, v)
	}
	if c, ok := builtin(name); ok && s.prefix == "" {
		return s.compare(builtinProperty(c), c, v)
	}
	found, ok := s.catalog.entityMember(s.shown, s.prefix, name)
	if !ok {
		return nil, fault.New(fault.Invalid, "%s has no field %s", s.shown, join(s.prefix, name))
	}
	return s.member(found, v)
}

func (s filterScope) several(name string, list []any) (*predicate, error) {
	out := &predicate{op: schema.And}
	if name == "or" {
		out.op = schema.Or
	}
	for i, item := range list {
		part, err := s.below(fmt.Sprintf("%s[%d]", name, i)).parse(item)
		if err != nil {
			return nil, err
		}
		if part == nil {
			part = pure(&schema.Condition{Op: schema.And})
		}
		out.args = append(out.args, part)
	}
	return out, nil
}

// is reads filters by type: an entity must be of the type and fulfil its filter.
func (s filterScope) is(v any) (*predicate, error) {
	in, _ := v.(map[string]any)
	var parts []*predicate
	for _, name := range slices.Sorted(maps.Keys(in)) {
		t := schema.TypeName(name)
		inner, err := filterScope{catalog: s.catalog, shown: t, at: s.at + "is." + name + "."}.parse(in[name])
		if err != nil {
			return nil, err
		}
		var types []schema.Value
		for _, concrete := range s.catalog.concrete(t) {
			types = append(types, schema.StringOf(string(concrete)))
		}
		parts = append(parts, pure(&schema.Condition{Op: schema.In, Path: graph.ColumnType, Value: schema.ListOf(types)}), inner)
	}
	return allOf(parts...), nil
}

func not(p *predicate) *predicate {
	if p == nil {
		p = pure(&schema.Condition{Op: schema.And})
	}
	return &predicate{op: schema.Not, args: []*predicate{p}}
}

// absent is isNull where the thing itself is there: for a component, whether all its stored values are null.
func (s filterScope) absent(want bool) *predicate {
	c := &schema.Condition{Op: schema.And}
	if s.prefix != "" {
		for _, leaf := range s.catalog.model.Types[s.shown].Leaves() {
			if leaf.Property.Kind == schema.Static && (leaf.Within == s.prefix || hasPrefix(leaf.Within, s.prefix)) {
				c.Args = append(c.Args, &schema.Condition{Op: schema.IsNull, Path: leaf.Path, Value: schema.BoolOf(true)})
			}
		}
	} else {
		c.Op = schema.Or
	}
	if !want {
		c = &schema.Condition{Op: schema.Not, Args: []*schema.Condition{c}}
	}
	return pure(c)
}

func hasPrefix(p, prefix schema.Path) bool {
	return len(p) > len(prefix) && p[:len(prefix)] == prefix && p[len(prefix)] == '.'
}

func (s filterScope) member(found member, v any) (*predicate, error) {
	switch {
	case found.relationship != nil:
		return s.relationship(found.relationship, v)
	case found.join != nil:
		return s.joined(found.join, v)
	case found.property.Kind == schema.Group:
		inner := s
		inner.prefix = found.path
		return inner.parse(v)
	}
	return s.compare(found.property, found.path, v)
}

// compare reads the filter of one value.
func (s filterScope) compare(p *schema.Property, path schema.Path, v any) (*predicate, error) {
	in, ok := v.(map[string]any)
	if !ok {
		return nil, fault.New(fault.Invalid, "the filter of %s%s must be an object", s.at, path)
	}
	test, err := s.comparisons(p, path, in)
	if err != nil {
		return nil, fault.Wrap(fault.CodeOf(err), err, "filter of %s%s", s.at, path)
	}
	if p.Kind == schema.Static {
		return pure(test), nil
	}
	out := &predicate{op: schema.Eq, path: path, computed: p.Kind == schema.Computed, test: test}
	if status, ok := in["status"].(map[string]any); ok {
		out.status, err = s.comparisons(&schema.Property{Type: schema.ValueType{Scalar: schema.String}}, "status", status)
	}
	if out.test == nil && out.status == nil {
		return nil, err
	}
	return out, err
}

func (s filterScope) comparisons(p *schema.Property, path schema.Path, in map[string]any) (*schema.Condition, error) {
	unit, _ := in["unit"].(string)
	all := &schema.Condition{Op: schema.And}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		op, ok := filterOps[name]
		if !ok || in[name] == nil && name != "eq" && name != "ne" {
			continue
		}
		value, err := s.operand(p, op, in[name], unit)
		if err != nil {
			return nil, err
		}
		all.Args = append(all.Args, &schema.Condition{Op: op, Path: path, Value: value})
	}
	switch len(all.Args) {
	case 0:
		return nil, nil
	case 1:
		return all.Args[0], nil
	}
	return all, nil
}

func (s filterScope) operand(p *schema.Property, op schema.ConditionOp, v any, unit string) (schema.Value, error) {
	t := p.Type
	switch op {
	case schema.IsNull, schema.IsEmpty:
		t = schema.ValueType{Scalar: schema.Boolean}
	case schema.In, schema.NotIn, schema.HasAny:
		t.List, t.Elements = true, true
		v = listOf(v)
	default:
		t.List = false
	}
	value, err := schema.ParseValue(v, t, s.catalog.model)
	if err != nil || unit == "" || op == schema.IsNull {
		return value, err
	}
	return convertValue(value, unit, p.Unit)
}

func builtinProperty(c schema.Path) *schema.Property {
	p := &schema.Property{Name: string(c), Type: schema.ValueType{Scalar: schema.String}}
	switch c {
	case graph.ColumnRevision:
		p.Type.Scalar = schema.Long
	case graph.ColumnCreatedAt, graph.ColumnUpdatedAt:
		p.Type.Scalar = schema.DateTime
	}
	return p
}
