package sdl

import (
	"fmt"
	"maps"
	"slices"

	"mereon/schema"
)

// ordered are the scalars whose filters have lt, lte, gt and gte.
var ordered = []schema.Scalar{schema.Int, schema.Long, schema.Float, schema.Decimal, schema.Date, schema.DateTime, schema.Duration}

// filter writes the filter input of a type, and the inputs that relationships to it take.
func (w *writer) filter(d declared, entity bool) {
	w.block("input "+string(d.name)+"Filter", func() {
		w.line("  and: [%[1]sFilter!]\n  or: [%[1]sFilter!]\n  not: %[1]sFilter", d.name)
		w.describe("  ", "For a relationship, a join or a component: whether there is none.")
		w.line("  isNull: Boolean")
		if entity {
			w.line("  id: IDFilter\n  name: StringFilter\n  assetType: StringFilter\n  revision: LongFilter\n  createdAt: DateTimeFilter\n  updatedAt: DateTimeFilter")
		}
		d.visit(w.propertyFilter, w.relationshipFilter, w.joinFilter)
	})
	if w.model.Components[d.name] == nil {
		w.quantified(string(d.name))
	}
}

func (w *writer) quantified(name string) {
	w.block("input "+name+"RelationFilter", func() {
		w.line("  some: %[1]sFilter\n  every: %[1]sFilter\n  none: %[1]sFilter\n  count: %[1]sCountFilter", name)
	})
	w.block("input "+name+"CountFilter", func() {
		w.line("  where: %sFilter\n  eq: Int\n  ne: Int\n  lt: Int\n  lte: Int\n  gt: Int\n  gte: Int", name)
	})
}

func (w *writer) propertyFilter(p *schema.Property) {
	switch {
	case p.Kind == schema.Group:
		w.line("  %s: %sFilter", p.Name, p.Type.Component)
	case p.Type.List:
		w.lists[Base(p.Type)] = true
		w.line("  %s: %sListFilter", p.Name, Base(p.Type))
	case p.Kind == schema.Static:
		w.line("  %s: %sFilter", p.Name, Base(p.Type))
	default:
		w.line("  %s: %sSeriesFilter", p.Name, Base(p.Type))
	}
}

func (w *writer) relationshipFilter(r *schema.Relationship) {
	w.line("  %s: %s%sFilter", r.Field, w.Shown(r.Target), many(r.Many))
}

func (w *writer) joinFilter(j *schema.Join) {
	target := j.Target
	if w.model.Records[target] == nil {
		target = w.Shown(target)
	}
	w.line("  %s: %s%sFilter", j.Field, target, many(j.Many))
}

func many(is bool) string {
	if is {
		return "Relation"
	}
	return ""
}

// isField is the field of EntityFilter that compares what only some types have; there is none without types.
func (w *writer) isField() string {
	if len(w.exposed) == 0 {
		return ""
	}
	return "  \"Whether it is of a type and fulfils a filter of that type: {Pump: {ratedFlow: {gt: 10}}}.\"\n  is: EntityIs\n"
}

func (w *writer) isFilter() {
	if len(w.exposed) == 0 {
		return
	}
	w.describe("", "A filter for entities of one type; of several, all must hold.")
	w.block("input EntityIs", func() {
		for _, t := range w.exposed {
			w.line("  %[1]s: %[1]sFilter", t.Name)
		}
	})
}

// orderBy writes the order input of a type. Every type has one: components without anything to order by get none.
func (w *writer) orderBy(d declared, entity bool) {
	keys := w.orderKeys(d)
	if len(keys) == 0 && !entity {
		return
	}
	w.describe("", "Exactly one key; nulls come last, equal keys are ordered by id.")
	w.block("input "+string(d.name)+"OrderBy @oneOf", func() {
		if entity {
			w.line("  id: Order\n  name: Order\n  assetType: Order\n  revision: Order\n  createdAt: Order\n  updatedAt: Order")
		}
		for _, k := range keys {
			w.line("  %s", k)
		}
	})
}

func (w *writer) orderKeys(d declared) []string {
	var keys []string
	d.visit(func(p *schema.Property) {
		switch {
		case p.Kind == schema.Group:
			if c := w.model.Components[p.Type.Component]; c != nil && len(w.orderKeys(declaredByComponent(c))) > 0 {
				keys = append(keys, fmt.Sprintf("%s: %sOrderBy", p.Name, p.Type.Component))
			}
		case !p.Type.List && p.Type.Scalar != schema.JSON:
			keys = append(keys, p.Name+": Order")
		}
	}, func(r *schema.Relationship) {
		keys = append(keys, orderOf(r.Field, w.Shown(r.Target), r.Many))
	}, func(j *schema.Join) {
		target := j.Target
		if w.model.Records[target] == nil {
			target = w.Shown(target)
		}
		keys = append(keys, orderOf(j.Field, target, j.Many))
	})
	return keys
}

// orderOf orders by what one target has, or by how many targets there are.
func orderOf(field string, target schema.TypeName, many bool) string {
	if many {
		return field + ": OrderByCount"
	}
	return fmt.Sprintf("%s: %sOrderBy", field, target)
}

// scalarFilters writes the filters of ordered scalars and of lists in use.
func (w *writer) scalarFilters() {
	for _, s := range ordered {
		w.block("input "+s.String()+"Filter", func() {
			w.comparisons(s.String())
			if s == schema.Float || s == schema.Decimal {
				w.describe("  ", "Unit of the values given; the property's own when left out.")
				w.line("  unit: String")
			}
		})
	}
	for _, base := range slices.Sorted(maps.Keys(w.lists)) {
		w.block("input "+base+"ListFilter", func() {
			w.line("  has: %[1]s\n  hasAny: [%[1]s!]\n  isEmpty: Boolean\n  isNull: Boolean", base)
		})
	}
}

func (w *writer) comparisons(base string) {
	w.line("  eq: %[1]s\n  ne: %[1]s\n  in: [%[1]s!]\n  notIn: [%[1]s!]", base)
	w.line("  lt: %[1]s\n  lte: %[1]s\n  gt: %[1]s\n  gte: %[1]s\n  isNull: Boolean", base)
}
