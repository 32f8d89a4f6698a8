package sdl

import (
	"maps"
	"slices"
	"strings"

	"mereon/schema"
)

// groupArguments are those of every field that gives groups.
const groupArguments = "first: Int = 100, timeZone: String = \"UTC\""

// Measured says whether what a property holds can be summed up, as numbers, or compared, as dates; its type is then
// <scalar>Measures.
func Measured(p *schema.Property) bool {
	if p.Type.List || p.Type.Enum != "" || p.Kind == schema.Group {
		return false
	}
	return p.Type.Scalar.Numeric() || p.Type.Scalar == schema.Date || p.Type.Scalar == schema.DateTime || p.Type.Scalar == schema.Duration
}

// Groupable says whether the values of a property can be keys of groups.
func Groupable(p *schema.Property) bool {
	return p.Kind != schema.Group && !p.Type.List && p.Type.Scalar != schema.JSON
}

// Timed says whether the values of a property can be divided by time.
func Timed(p *schema.Property) bool {
	return Groupable(p) && p.Type.Enum == "" && (p.Type.Scalar == schema.Date || p.Type.Scalar == schema.DateTime)
}

// AggregateField is the name of the field of an aggregate for a property; a property that is called like what every
// aggregate has gets an underscore.
func AggregateField(name string) string {
	switch name {
	case "key", "count", "incomplete":
		return name + "_"
	}
	return name
}

// KeyField is the name of the field of a key for a property, a relationship or a join.
func KeyField(name string) string {
	if name == "above" || name == "along" {
		return name + "_"
	}
	return name
}

// GroupRoot returns the root field that gives groups of a type with that singular; false when something else has the name.
func (a *API) GroupRoot(singular string) (string, bool) {
	name := singular + "Groups"
	taken := func(one, many string) bool { return name == one || name == many }
	for _, t := range a.exposed {
		if taken(t.Singular, t.Plural) {
			return "", false
		}
	}
	for _, r := range a.model.Records {
		if taken(r.Singular, r.Plural) {
			return "", false
		}
	}
	return name, true
}

// aggregateFields writes the fields that a connection has for what all its matches are together.
func (w *writer) aggregateFields(name, nonNull string) {
	w.describe("  ", "What all matches are together, whatever the page.")
	w.line("  aggregate: %sAggregate%s", name, nonNull)
	w.describe("  ", "All matches in groups, whatever the page: of every combination of keys that occurs. Time is divided in timeZone.")
	w.line("  groups(by: [%[1]sAggregateBy!]!, orderBy: [%[1]sAggregateOrderBy!], %[2]s): [%[1]sAggregate!]%[3]s", name, groupArguments, nonNull)
}

// groupRoot writes the root field that gives groups.
func (w *writer) groupRoot(name, singular, where, nonNull string) {
	if root, free := w.GroupRoot(singular); free {
		w.line("  %s(by: [%[2]sAggregateBy!]!, where: %[2]sFilter, %[3]sorderBy: [%[2]sAggregateOrderBy!], %[4]s): [%[2]sAggregate!]%[5]s",
			root, name, where, groupArguments, nonNull)
	}
}

// aggregate writes what groups of a type have: measures, keys, and the inputs that ask for them. Components have the same
// types, without count and key, for what they hold.
func (w *writer) aggregate(d declared, entity, whole bool) {
	name := string(d.name)
	measures, keys := w.measureFields(d, entity), w.keyFields(d)
	if whole || len(measures) > 0 {
		w.describe("", "What several are together.")
		w.block("type "+name+"Aggregate", func() { w.aggregateHead(name, entity, whole); w.lines(measures) })
		w.block("input "+name+"AggregateOrderBy @oneOf", func() {
			if whole {
				w.line("  count: Order")
				w.describe("  ", "All keys, in the order of by; the default, ascending.")
				w.line("  key: Order")
			}
			if entity {
				w.line("  createdAt: MeasureOrder\n  updatedAt: MeasureOrder")
			}
			w.lines(w.measureOrders(d))
		})
	}
	if whole || len(keys) > 0 {
		w.describe("", "What the members of a group have in common: only what it was grouped by.")
		w.block("type "+name+"AggregateKey", func() { w.keyHead(entity, whole, true); w.lines(keys) })
		w.describe("", "One key of groups: exactly one field.")
		w.block("input "+name+"AggregateBy @oneOf", func() { w.keyHead(entity, whole, false); w.lines(w.keyInputs(d)) })
	}
}

func (w *writer) lines(all []string) {
	for _, l := range all {
		w.line("  %s", l)
	}
}

func (w *writer) aggregateHead(name string, entity, whole bool) {
	if whole {
		w.describe("  ", "Null when nothing was grouped.")
		w.line("  key: %sAggregateKey\n  count: Int!", name)
		w.describe("  ", "True when more may belong here: a value that the filter or the key needs is not known.")
		w.line("  incomplete: Boolean!")
	}
	if entity {
		w.line("  createdAt: DateTimeMeasures!\n  updatedAt: DateTimeMeasures!")
	}
}

func (w *writer) keyHead(entity, whole, output bool) {
	switch {
	case entity && output:
		w.line("  name: String\n  assetType: String\n  createdAt: DateTime\n  updatedAt: DateTime\n  above: Entity")
	case entity:
		w.line("  name: GroupValue\n  assetType: GroupValue\n  createdAt: GroupTime\n  updatedAt: GroupTime")
		w.describe("  ", "An entity above in a hierarchy, over any number of steps.")
		w.line("  above: Above")
	}
	switch {
	case !whole:
		return
	case output:
		w.line("  along: Entity")
		return
	}
	w.describe("  ", "An entity that several relationships and joins lead to.")
	w.line("  along: Along")
}

func (w *writer) measureFields(d declared, entity bool) (fields []string) {
	d.visit(func(p *schema.Property) {
		switch {
		case p.Kind == schema.Group:
			if w.hasMeasures(p) {
				fields = append(fields, AggregateField(p.Name)+": "+string(p.Type.Component)+"Aggregate!")
			}
		case Measured(p):
			argument := ""
			if Convertible(p) {
				argument = "(unit: String)"
			}
			w.measures[p.Type.Scalar.String()] = true
			fields = append(fields, AggregateField(p.Name)+argument+": "+p.Type.Scalar.String()+"Measures!"+deprecation(p.Deprecated))
		}
	}, func(r *schema.Relationship) {
		if entity {
			fields = append(fields, AggregateField(r.Field)+": "+string(w.Shown(r.Target))+"Aggregate")
		}
	}, func(j *schema.Join) {
		switch {
		case entity && w.model.Records[j.Target] != nil:
			fields = append(fields, AggregateField(j.Field)+"(where: "+string(j.Target)+"Filter): "+string(j.Target)+"Aggregate")
		case (entity || d.record) && !j.Many:
			fields = append(fields, AggregateField(j.Field)+": "+w.joinTarget(j)+"Aggregate")
		}
	})
	return fields
}

// joinTarget is the name of what a join leads to.
func (w *writer) joinTarget(j *schema.Join) string {
	if w.model.Records[j.Target] != nil {
		return string(j.Target)
	}
	return string(w.Shown(j.Target))
}

func (w *writer) measureOrders(d declared) (fields []string) {
	d.visit(func(p *schema.Property) {
		switch {
		case p.Kind == schema.Group && w.hasMeasures(p):
			fields = append(fields, AggregateField(p.Name)+": "+string(p.Type.Component)+"AggregateOrderBy")
		case Measured(p):
			fields = append(fields, AggregateField(p.Name)+": MeasureOrder")
		}
	}, func(*schema.Relationship) {}, func(*schema.Join) {})
	return fields
}

func (w *writer) hasMeasures(group *schema.Property) bool {
	c := w.model.Components[group.Type.Component]
	return c != nil && !c.Abstract && slices.ContainsFunc(c.Properties, func(p *schema.Property) bool {
		return Measured(p) || p.Kind == schema.Group && w.hasMeasures(p)
	})
}

func (w *writer) hasKeys(group *schema.Property) bool {
	c := w.model.Components[group.Type.Component]
	return c != nil && !c.Abstract && (len(c.Relationships) > 0 || slices.ContainsFunc(c.Properties, func(p *schema.Property) bool {
		return Groupable(p) || p.Kind == schema.Group && w.hasKeys(p)
	}))
}

// keyFields are the fields of a key as it is given.
func (w *writer) keyFields(d declared) (fields []string) {
	d.visit(func(p *schema.Property) {
		switch {
		case p.Kind == schema.Group && w.hasKeys(p):
			fields = append(fields, KeyField(p.Name)+": "+string(p.Type.Component)+"AggregateKey")
		case Groupable(p):
			fields = append(fields, KeyField(p.Name)+": "+Base(p.Type))
		}
	}, func(r *schema.Relationship) {
		fields = append(fields, KeyField(r.Field)+": "+string(w.Shown(r.Target)))
	}, func(j *schema.Join) {
		if w.KeyJoin(j, d.record) {
			fields = append(fields, KeyField(j.Field)+": "+string(w.Shown(j.Target)))
		}
	})
	return fields
}

// keyInputs are the fields by which a key is asked for.
func (w *writer) keyInputs(d declared) (fields []string) {
	d.visit(func(p *schema.Property) {
		switch {
		case p.Kind == schema.Group && w.hasKeys(p):
			fields = append(fields, KeyField(p.Name)+": "+string(p.Type.Component)+"AggregateBy")
		case Timed(p):
			fields = append(fields, KeyField(p.Name)+": GroupTime")
		case Groupable(p):
			fields = append(fields, KeyField(p.Name)+": GroupValue")
		}
	}, func(r *schema.Relationship) {
		fields = append(fields, KeyField(r.Field)+": GroupEntity")
	}, func(j *schema.Join) {
		if w.KeyJoin(j, d.record) {
			fields = append(fields, KeyField(j.Field)+": GroupEntity")
		}
	})
	return fields
}

// KeyJoin says whether a join can be a key of groups: from records to at most one entity.
func (a *API) KeyJoin(j *schema.Join, ofRecord bool) bool {
	return ofRecord && !j.Many && a.model.Records[j.Target] == nil
}

// measureTypes writes the types of measures in use.
func (w *writer) measureTypes() {
	w.measures[schema.DateTime.String()] = true // of createdAt and updatedAt
	w.measures[schema.Float.String()] = true    // of properties of relationships
	for _, base := range slices.Sorted(maps.Keys(w.measures)) {
		s, _ := schema.ScalarOf(base)
		w.describe("", "What values are together. Values that are null or not known are left out.")
		w.block("type "+base+"Measures", func() {
			w.describe("  ", "The number of values.")
			w.line("  count: Int!\n  min: %[1]s\n  max: %[1]s", base)
			if s.Numeric() {
				w.line("  avg: Float\n  sum: %s", strings.Replace(base, "Int", "Long", 1))
				w.line("  unit: String")
			}
			w.describe("  ", "True when values are missing that are not known: their source gave none.")
			w.line("  incomplete: Boolean!")
			w.describe("  ", "How many of the values are older than they should be.")
			w.line("  stale: Int!")
		})
	}
}
