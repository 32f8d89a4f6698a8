package query

import (
	"slices"
	"strings"

	"mereon/connectors"
	"mereon/schema"
)

// A record that leads to at most one other record of the same system is not asked for apart where the system joins by itself:
// the other record's columns come with the row. They are called name.column, and name/name.column when they are further away.
// Filters and orders over them are then decided by the source, before it cuts the page.

// joinSet is the joins of one question to a source.
type joinSet struct {
	record *schema.RecordType
	list   []connectors.Join
}

// under is the name of a column of the target of the join called name.
func under(name string, column schema.Path) schema.Path {
	if at := strings.LastIndexByte(string(column), '.'); at >= 0 {
		return schema.Path(name + "/" + string(column))
	}
	return schema.Path(name + "." + string(column))
}

// inlines says whether j leads from rows of one record type to at most one row, known by its key, of the same system.
func (x *execution) inlines(from *schema.RecordType, j *schema.Join) (*schema.RecordType, bool) {
	to := x.engine.catalog.model.Records[j.Target]
	if to == nil || from == nil || j.Many || to.Connector != from.Connector || len(j.On) != 1 || string(j.On[0].Theirs) != to.Key {
		return nil, false
	}
	d, err := x.engine.source.Descriptor(x.ctx, to.Connector)
	return to, err == nil && d.Joins
}

// inlinable says whether p over rows of a record type (nil: entities) may hold, at any depth, a condition over what one record
// leads to in its own system.
func (c *catalog) inlinable(p *predicate, record *schema.RecordType) (found bool) {
	p.visit(func(p *predicate) {
		r := p.related
		if r == nil {
			return
		}
		found = found || record != nil && r.record != nil && !r.join.Many && r.record.Connector == record.Connector || c.inlinable(r.where, r.record)
	})
	return found
}

// add joins the target of j, and what is joined to it.
func (s *joinSet) add(name string, j *schema.Join, to *schema.RecordType, further []connectors.Join) {
	own := connectors.Join{Name: name, Collection: to.Collection, On: [][2]string{{string(j.On[0].Ours), to.Key}}}
	all := []connectors.Join{own}
	for _, f := range further {
		f.Name = name + "/" + f.Name
		f.On = [][2]string{{string(under(name, schema.Path(f.On[0][0]))), f.On[0][1]}}
		all = append(all, f)
	}
	for _, one := range all {
		if !slices.ContainsFunc(s.list, func(have connectors.Join) bool { return have.Name == one.Name }) {
			s.list = append(s.list, one)
		}
	}
}

// inlined returns p over rows of s.record (nil: entities) with every condition that the source can decide by joins as a
// condition over joined columns.
func (x *execution) inlined(p *predicate, s *joinSet) *predicate {
	switch {
	case p == nil || p.pure != nil || p.path != "":
		return p
	case p.related != nil:
		return x.inlinedRelated(p, s)
	}
	out := *p
	out.args = make([]*predicate, len(p.args))
	for i, a := range p.args {
		out.args[i] = x.inlined(a, s)
	}
	return &out
}

func (x *execution) inlinedRelated(p *predicate, s *joinSet) *predicate {
	r := *p.related
	own := joinSet{record: r.record}
	r.where = x.inlined(r.where, &own)
	r.joins = own.list
	if r.join != nil && r.record != nil && r.prefix == "" {
		if to, ok := x.inlines(s.record, r.join); ok {
			if c, ok := inlineCondition(&r, to); ok {
				s.add(r.field, r.join, to, own.list)
				return pure(c)
			}
		}
	}
	return &predicate{op: p.op, related: &r}
}

// inlineCondition is r over joined columns. Where there is no target its key is null, and the condition false, not unknown.
func inlineCondition(r *relatedPredicate, to *schema.RecordType) (*schema.Condition, bool) {
	absent := func(want bool) *schema.Condition {
		return &schema.Condition{Op: schema.IsNull, Path: under(r.field, schema.Path(to.Key)), Value: schema.BoolOf(want)}
	}
	where, ok := r.where.condition()
	switch {
	case !ok:
		return nil, false
	case r.quantifier == schema.NoneOf && where == nil:
		return absent(true), true
	case r.quantifier != schema.Some:
		return nil, false
	case where == nil:
		return absent(false), true
	}
	return &schema.Condition{Op: schema.And, Args: []*schema.Condition{absent(false), renamed(where, r.field)}}, true
}

// renamed is c over the columns of the target of a join.
func renamed(c *schema.Condition, name string) *schema.Condition {
	out := *c
	if c.Op >= schema.Eq && c.Op != schema.RelatedTo {
		out.Path = under(name, c.Path)
	}
	out.Args = make([]*schema.Condition, len(c.Args))
	for i, a := range c.Args {
		out.Args[i] = renamed(a, name)
	}
	return &out
}

// inlinedOrder returns the keys of an order with those that joins give as columns.
func (x *execution) inlinedOrder(keys []orderKey, s *joinSet) []orderKey {
	out := slices.Clone(keys)
	for i := range out {
		if x.inlineKey(&out[i], s) {
			out[i].federated, out[i].related = false, nil
		}
	}
	return out
}

// inlineKey adds the joins that a key takes; false when the source cannot give it.
func (x *execution) inlineKey(k *orderKey, s *joinSet) bool {
	if k.related == nil {
		return !k.federated
	}
	if k.related.inner == nil || k.related.to.record == nil {
		return false
	}
	to, ok := x.inlines(s.record, k.related.to.join)
	inner := joinSet{record: to}
	if !ok || !x.inlineKey(k.related.inner, &inner) {
		return false
	}
	s.add(k.related.to.field, k.related.to.join, to, inner.list)
	return true
}

// joinedColumn returns the property of a column of a record type, also of one that a join gives.
func (c *catalog) joinedColumn(record *schema.RecordType, column schema.Path) (*schema.Property, bool) {
	at := strings.LastIndexByte(string(column), '.')
	if at < 0 {
		return record.Property(string(column))
	}
	for _, name := range strings.Split(string(column[:at]), "/") {
		j, ok := record.Join(name)
		if !ok || c.model.Records[j.Target] == nil {
			return nil, false
		}
		record = c.model.Records[j.Target]
	}
	return record.Property(string(column[at+1:]))
}
