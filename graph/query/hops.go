package query

import (
	"maps"
	"slices"

	"mereon/graph"
	"mereon/graph/query/sdl"
	"mereon/schema"
	"mereon/schema/fault"
)

// hop is one join that a walk follows: from entities of some types, or from records, to records or entities.
type hop struct {
	field string
	join  *schema.Join
	types typeSet            // the asset types that have it; nil when it leads from records
	from  *schema.RecordType // nil: from entities
	to    *schema.RecordType // nil: to entities
}

// affectedBy is what a walk through everything affected follows, and what must hold on the way.
type affectedBy struct {
	hops    []hop
	records map[schema.TypeName]*schema.Condition // what rows must fulfil
	columns map[schema.TypeName][]schema.Path     // what the walk needs of rows: their keys, and what they join by
	stored  []schema.Path                         // what it needs of entities: first the type, then the id
	extra   question                              // what deciding the condition on entities takes
}

// follow understands names: relationships, the fields that follow them backwards, and fields that join.
func (a *affectedBy) follow(c *catalog, names []string, direction graph.Direction) (steps []graph.Step, err error) {
	for _, name := range names {
		before := len(steps) + len(a.hops)
		for _, relation := range slices.Sorted(maps.Keys(c.model.Relations)) {
			switch r := c.model.Relations[relation]; name {
			case relation:
				steps = append(steps, graph.Step{Relation: relation, Direction: direction})
			case r.Inverse:
				steps = append(steps, graph.Step{Relation: relation, Direction: against(direction)})
			}
		}
		a.joins(c, name)
		if len(steps)+len(a.hops) == before {
			return nil, unknownName("relationship or join", name, c.walkable())
		}
	}
	return steps, nil
}

func against(d graph.Direction) graph.Direction {
	switch d {
	case graph.Out:
		return graph.In
	case graph.In:
		return graph.Out
	}
	return d
}

// joins adds the joins of a name: one of every record type, and one of all asset types that join alike.
func (a *affectedBy) joins(c *catalog, field string) {
	named := func(joins []*schema.Join) *schema.Join {
		if i := slices.IndexFunc(joins, func(j *schema.Join) bool { return j.Field == field }); i >= 0 {
			return joins[i]
		}
		return nil
	}
	first := len(a.hops)
	for _, name := range c.all {
		j := named(c.model.Types[name].Joins)
		if j == nil {
			continue
		}
		same := slices.IndexFunc(a.hops[first:], func(h hop) bool { return h.join.Target == j.Target && slices.Equal(h.join.On, j.On) })
		if same < 0 {
			same = len(a.hops) - first
			a.hops = append(a.hops, hop{field: field, join: j, to: c.model.Records[j.Target]})
		}
		a.hops[first+same].types = append(a.hops[first+same].types, name)
	}
	for _, name := range slices.Sorted(maps.Keys(c.model.Records)) {
		if j := named(c.model.Records[name].Joins); j != nil {
			a.hops = append(a.hops, hop{field: field, join: j, from: c.model.Records[name], to: c.model.Records[j.Target]})
		}
	}
}

// walkable lists what affected can follow, for messages.
func (c *catalog) walkable() []string {
	names := slices.Collect(maps.Keys(c.model.Relations))
	add := func(joins []*schema.Join) {
		for _, j := range joins {
			names = append(names, j.Field)
		}
	}
	for _, t := range c.model.Types {
		add(t.Joins)
	}
	for _, r := range c.model.Records {
		add(r.Joins)
	}
	return names
}

// understand reads the argument through of affected: conditions on entities, and on the rows of each record type.
func (a *affectedBy) understand(c *catalog, q *question, v any) error {
	in, _ := v.(map[string]any)
	if err := q.walk.understand(c, map[string]any{"through": in["entity"]}); err != nil {
		return err
	}
	a.records = map[schema.TypeName]*schema.Condition{}
	for name, r := range c.model.Records {
		where, err := filterScope{catalog: c, record: r}.parse(in[sdl.AffectedField(r)])
		if err != nil {
			return err
		}
		push, rest := where.split()
		if rest != nil {
			return fault.New(fault.Invalid, "through of affected compares only columns of %s itself, not %s", name, rest)
		}
		a.records[name] = push
	}
	return nil
}

// read works out which columns the walk needs.
func (a *affectedBy) read(c *catalog, q *question) {
	a.stored, a.columns = []schema.Path{graph.ColumnType, graph.ColumnID}, map[schema.TypeName][]schema.Path{}
	for name, r := range c.model.Records {
		a.columns[name] = []schema.Path{schema.Path(r.Key)}
	}
	add := func(list []schema.Path, path schema.Path) []schema.Path {
		if slices.Contains(list, path) {
			return list
		}
		return append(list, path)
	}
	for _, h := range a.hops {
		for _, pair := range h.join.On {
			if h.from == nil {
				a.stored = add(a.stored, pair.Ours)
			} else {
				a.columns[h.from.Name] = add(a.columns[h.from.Name], pair.Ours)
			}
			if h.to == nil {
				a.stored = add(a.stored, pair.Theirs)
			}
		}
	}
	a.extra = question{columns: a.stored}
	c.predicateColumns(nil, q.walk.decide, &lateNeeds{&a.extra})
	a.stored = a.extra.columns
}
