package query

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/query/sdl"
	"mereon/schema"
	"mereon/schema/fault"
)

// cutQuestion is the arguments of groups, understood.
type cutQuestion struct {
	err     error // a mistake in the arguments of the groups alone
	by      []groupKey
	needs   []measureNeed // what is selected, and what the order takes
	joined  []joinedQuestion
	related []*relatedQuestion
	order   []groupOrder
	first   int
	folded  bool // made here, from what the connection reads
}

// groupKey is one key of groups: a value, or an entity that is related.
type groupKey struct {
	field    schema.Path // as in the key of the answer
	path     schema.Path // of a value
	property *schema.Property
	bucket   connectors.Bucket
	zone     *time.Location
	related  bool
	steps    []graph.Step
	types    typeSet
	far      bool
	join     *schema.Join // of records: the entity it leads to
	along    []*relatedPredicate
}

func (k *groupKey) federated() bool { return k.property != nil && federatedProperty(k.property) }

// groupOrder is one key of the order of groups: all keys, the count, or a measure.
type groupOrder struct {
	by       string // key, count or measure
	need     int
	function schema.FoldFunc
	desc     bool
}

// cutArguments understands by, orderBy, first and timeZone of a level of groups.
func (c *catalog) cutArguments(lv *level, q *question, variables map[string]any, limits *Limits) *cutQuestion {
	out := &cutQuestion{needs: slices.Clone(lv.cut.measures), first: limits.First}
	if lv.cut.field != nil {
		out.err = c.groupArguments(lv, out, variables, limits)
	}
	if out.err == nil {
		out.joined, out.err = c.joinedArguments(lv.cut, variables)
	}
	if out.err == nil {
		out.related, out.err = c.relatedArguments(lv.cut, variables)
	}
	out.folded = q.rest != nil || len(out.joined) > 0 || len(out.related) > 0 || lv.record == nil && !lv.rows.(cutSource).pushes() ||
		slices.ContainsFunc(out.needs, func(n measureNeed) bool { return federatedProperty(n.property) }) ||
		slices.ContainsFunc(out.by, func(k groupKey) bool {
			return k.federated() || k.along != nil || lv.record == nil && k.bucket.Divides()
		})
	return out
}

func (c *catalog) groupArguments(lv *level, out *cutQuestion, variables map[string]any, limits *Limits) error {
	args, err := argumentsOf(lv.cut.field, variables)
	if err != nil {
		return err
	}
	zone, _ := args["timeZone"].(string)
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return fault.New(fault.Invalid, "timeZone %q is not known; write an IANA name such as Europe/Berlin", zone)
	}
	scope := keyScope{catalog: c, lv: lv, zone: location, location: zone}
	for _, item := range listOf(args["by"]) {
		key, err := scope.key("", item)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(out.by, func(k groupKey) bool { return k.field == key.field }) {
			return fault.New(fault.Invalid, "by names %s twice", key.field)
		}
		out.by = append(out.by, key)
	}
	if len(out.by) == 0 {
		return fault.New(fault.Invalid, "by is empty; name what to group by, or ask for aggregate")
	}
	for _, item := range listOf(args["orderBy"]) {
		if err := out.orderBy(c, lv, "", item); err != nil {
			return err
		}
	}
	out.first, err = pageSize("first", args["first"], limits.First)
	return err
}

// keyScope is what the keys of groups are read against.
type keyScope struct {
	catalog  *catalog
	lv       *level
	zone     *time.Location
	location string
}

// key reads one element of by: an object with exactly one field, nested for components.
func (s keyScope) key(prefix schema.Path, v any) (groupKey, error) {
	in, ok := v.(map[string]any)
	if !ok || len(in) != 1 {
		return groupKey{}, fault.New(fault.Invalid, "each element of by must have exactly one field: [{category: VALUE}, {location: ENTITY}]")
	}
	for name, how := range in {
		if name == "above" && prefix == "" && s.lv.record == nil {
			return s.above(how)
		}
		if name == "along" && prefix == "" {
			return s.along(how)
		}
		member, ok := s.catalog.aggregateMember(s.lv, prefix, name, sdl.KeyField)
		field := join(prefix, name)
		switch {
		case !ok:
			return groupKey{}, fault.New(fault.Invalid, "there is nothing called %s to group by", field)
		case member.relationship != nil:
			step := graph.Step{Relation: member.relationship.Relation.Name}
			if member.relationship.Inverse {
				step.Direction = graph.In
			}
			return groupKey{field: field, related: true, steps: []graph.Step{step}, types: s.catalog.concrete(member.relationship.Target)}, nil
		case member.join != nil:
			return groupKey{field: field, related: true, join: member.join, types: s.catalog.concrete(member.join.Target)}, nil
		case member.property.Kind == schema.Group:
			return s.key(member.path, how)
		}
		return s.value(field, member, how)
	}
	return groupKey{}, nil
}

func (s keyScope) value(field schema.Path, m member, how any) (groupKey, error) {
	k := groupKey{field: field, path: m.path, property: m.property, zone: s.zone}
	unit, _ := how.(string)
	if unit == "VALUE" {
		return k, nil
	}
	if unit == string(connectors.Hour) && m.property.Type.Scalar == schema.Date {
		return k, fault.New(fault.Invalid, "%s holds days, so that it cannot be grouped by HOUR", field)
	}
	k.bucket = connectors.Bucket{Unit: connectors.Unit(unit), Location: s.location}
	return k, nil
}

func (s keyScope) above(v any) (groupKey, error) {
	in, _ := v.(map[string]any)
	name, _ := in["hierarchy"].(string)
	h, err := s.catalog.hierarchy(name)
	if err != nil {
		return groupKey{}, err
	}
	k := groupKey{field: "above", related: true, far: true, steps: hierarchySteps(h, false)}
	if t, ok := in["type"].(string); ok {
		if s.catalog.model.Types[schema.TypeName(t)] == nil {
			return k, unknownName("asset type", t, s.catalog.typeNames())
		}
		k.types = s.catalog.concrete(schema.TypeName(t))
	}
	return k, nil
}

// aggregateMember finds what a field of an aggregate or of its key means. Properties that are called like fields that all
// aggregates have are written with an underscore.
func (c *catalog) aggregateMember(lv *level, prefix schema.Path, field string, written func(string) string) (member, bool) {
	name := field
	if plain, found := strings.CutSuffix(field, "_"); found && written(plain) == field {
		name = plain
	}
	if lv.record != nil {
		return recordMember(lv.record, name)
	}
	if path, ok := builtin(name); ok && prefix == "" {
		return member{path: path, property: builtinProperty(path)}, true
	}
	return c.entityMember(lv.shown, prefix, name)
}

// orderBy reads one element of orderBy.
func (q *cutQuestion) orderBy(c *catalog, lv *level, prefix schema.Path, v any) error {
	in, ok := v.(map[string]any)
	if !ok || len(in) != 1 {
		return fault.New(fault.Invalid, "each element of orderBy must have exactly one field: [{count: DESC}]")
	}
	name := slices.Collect(maps.Keys(in))[0]
	if direction, ok := in[name].(string); ok {
		q.order = append(q.order, groupOrder{by: name, desc: direction == "DESC"})
		return nil
	}
	found, ok := c.aggregateMember(lv, prefix, name, sdl.AggregateField)
	if !ok || found.property == nil {
		return fault.New(fault.Invalid, "groups cannot be ordered by %s", join(prefix, name))
	}
	if found.property.Kind == schema.Group {
		return q.orderBy(c, lv, found.path, in[name])
	}
	return q.orderByMeasure(found, in[name])
}

func (q *cutQuestion) orderByMeasure(found member, v any) error {
	in, ok := v.(map[string]any)
	if !ok || len(in) != 1 {
		return fault.New(fault.Invalid, "order by one measure of %s: {%s: {avg: DESC}}", found.path, found.path)
	}
	for function := range in {
		if (function == "sum" || function == "avg") && !numeric(found.property) {
			return fault.New(fault.Invalid, "%s is no number, so that it has no %s; order by its count, min or max", found.path, function)
		}
	}
	own := cut{measures: q.needs}
	o := groupOrder{by: "measure", need: own.need(found.path, found.property)}
	q.needs = own.measures
	for function, direction := range in {
		q.needs[o.need].want(function)
		o.function, o.desc = schema.FoldFunc(strings.ToUpper(function)), direction == "DESC"
	}
	q.order = append(q.order, o)
	return nil
}

// numeric says whether the values of a property are numbers.
func numeric(p *schema.Property) bool {
	switch p.Type.Scalar {
	case schema.Int, schema.Long, schema.Float, schema.Decimal:
		return true
	}
	return false
}

// arranged orders groups, which come in the order of their keys, and keeps the first of them.
func (q *cutQuestion) arranged(set []groupSum) []groupSum {
	for i := range set {
		set[i].rank = i
	}
	if len(q.order) > 0 {
		slices.SortStableFunc(set, q.compare)
	}
	return set[:min(len(set), q.first)]
}

func (q *cutQuestion) compare(a, b groupSum) int {
	for _, o := range q.order {
		c := 0
		switch o.by {
		case "key":
			c = a.compareKeyed(&b, o.desc)
		case "count":
			c = compareKeys(schema.IntOf(int64(a.count)), schema.IntOf(int64(b.count)), o.desc)
		default:
			c = compareKeys(a.cell(o.need).fold.Of(o.function), b.cell(o.need).fold.Of(o.function), o.desc)
		}
		if c != 0 {
			return c
		}
	}
	return a.rank - b.rank
}

// compareKeyed orders two groups of one set by all their keys, nulls last in each. Which of the first two that differ is the
// lesser says the ascending order, which the set came in.
func (g *groupSum) compareKeyed(other *groupSum, desc bool) int {
	for k := range g.values {
		if g.rows[k] == other.rows[k] && schema.Compare(g.values[k], other.values[k]) == 0 {
			continue
		}
		if c := b2i(g.keyless(k)) - b2i(other.keyless(k)); c != 0 {
			return c
		}
		if desc {
			return other.rank - g.rank
		}
		return g.rank - other.rank
	}
	return 0
}

// keyless says whether key k of a group is null.
func (g *groupSum) keyless(k int) bool { return g.values[k].IsNull() && g.rows[k] == graph.NoRow }

// variable says whether what a level asks depends on variables.
func (lv *level) variable() bool {
	uses := func(f *ast.Field) bool { return f != nil && usesVariables(f.Arguments) }
	cuts := func(k *level) bool {
		return k.cut != nil && (uses(k.cut.field) || k.cut.anyField(uses))
	}
	return uses(lv.field) || cuts(lv) || slices.ContainsFunc(lv.cuts, cuts)
}

// ofGroups says whether a field of a connection tells nothing of its page.
func ofGroups(field string) bool {
	return field == "aggregate" || field == "groups" || field == "__typename"
}

// foldColumns adds what is read of every row for the groups that are made of it.
func (c *catalog) foldColumns(q *question, add needs) {
	for _, cut := range q.folds {
		for n := range cut.needs {
			c.foldColumn(q, cut.needs[n].path, cut.needs[n].property, add)
		}
		for k := range cut.by {
			key := &cut.by[k]
			if key.property != nil {
				c.foldColumn(q, key.path, key.property, add)
			}
			if len(key.along) > 0 && key.along[0].join != nil {
				key.along[0].joined(add)
			}
			if key.join != nil {
				for _, pair := range key.join.On {
					add.column(pair.Ours)
				}
			}
		}
		for _, j := range cut.joined {
			for _, pair := range j.join.On {
				add.column(pair.Ours)
			}
		}
		for _, r := range cut.related {
			r.joins(add)
		}
	}
}

func (c *catalog) foldColumn(q *question, path schema.Path, p *schema.Property, add needs) {
	if federatedProperty(p) {
		c.addProperty(q.types, path, add)
	} else {
		add.column(path)
	}
}
