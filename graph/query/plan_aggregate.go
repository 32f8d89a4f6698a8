package query

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph"
	"mereon/graph/query/sdl"
	"mereon/schema"
	"mereon/schema/fault"
)

// cutLevel adds the level of groups of a connection; field is nil for aggregate.
func (p *planner) cutLevel(of *level, m merged, field *ast.Field) *level {
	key := of.key + " aggregate"
	if field != nil {
		key = of.key + " " + levelKey(field)
	}
	k, isNew := p.newLevel(of.parent, key, of.field, m.guards, of.parentTypes)
	if isNew {
		k.name, k.rows, k.cut = of.name+"."+m.field.Name, cutSource{of.rows}, &cut{of: of, field: field}
		k.types, k.shown, k.record, k.list, k.grouped = of.types, of.shown, of.record, true, of.grouped
		of.cuts = append(of.cuts, k)
		if of.grouped {
			k.name = of.name
		}
	}
	return k
}

// aggregate plans what all matches of a connection are together.
func (p *planner) aggregate(of *level, m merged) emit {
	k := p.cutLevel(of, m, nil)
	fields := p.aggregateFields(k, "", m)
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[k.id]
		if out, lost := w.cutLost(f, i); lost {
			return out
		}
		at := -1
		if from, to := f.group(i); from < to {
			at = from
		}
		return w.object(fields, f, at)
	}
}

// groups plans the groups of the matches of a connection.
func (p *planner) groups(of *level, m merged) emit {
	k := p.cutLevel(of, m, m.field)
	fields := p.aggregateFields(k, "", m)
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[k.id]
		if out, lost := w.cutLost(f, i); lost {
			return out
		}
		w.undecidedGroups(f, i)
		from, to := f.group(i)
		return w.list(to-from, true, func(n int) outcome { return w.object(fields, f, from+n) })
	}
}

// groupRoot plans a grouped root field: the groups of a connection of which nothing else is asked.
func (p *planner) groupRoot(top *level, m merged, r root) emit {
	var of *level
	if r.record != nil {
		of = p.recordLevel(top, m, r.record, recordSource{}, nil)
	} else {
		target := schema.TypeName("")
		if r.entity != nil {
			target = r.entity.Name
		}
		of = p.entityLevel(top, m, selectSource{}, target, nil)
	}
	of.list, of.grouped = true, true
	return p.groups(of, m)
}

// cutLost says that groups could not be made: a mistake, or a source that failed.
func (w *writer) cutLost(f *frame, i int) (outcome, bool) {
	if f.err != nil {
		return w.lost(f), true
	}
	if f.level.record == nil || f.groupIndex(i) < 0 {
		return wrote, false
	}
	status := f.factsOf(i).status
	w.sourceFailure(f.level.record.Connector, status)
	return isNull, !known(status)
}

// aggregateFields plans a selection on groups, or on the measures of a component.
func (p *planner) aggregateFields(k *level, prefix schema.Path, m merged) []outField {
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		if p.err != nil {
			return nil
		}
		fields = append(fields, p.outField(s, p.aggregateField(k, prefix, s)))
	}
	return fields
}

func (p *planner) aggregateField(k *level, prefix schema.Path, m merged) emit {
	switch name := m.field.Name; {
	case name == "__typename":
		return constantText(typenameOf(m.field))
	case prefix == "" && name == "key":
		return p.groupKey(k, m)
	case prefix == "" && name == "count":
		return func(w *writer, f *frame, i int) outcome {
			w.buf = strconv.AppendInt(w.buf, int64(f.sum(i).count), 10)
			return wrote
		}
	case prefix == "" && name == "incomplete":
		return func(w *writer, f *frame, i int) outcome { return w.bool(f.sum(i).incomplete) }
	}
	if join, ok := p.joinedField(k, prefix, m.field.Name); ok {
		return p.joinedAggregate(k, m, join)
	}
	found, ok := p.catalog.aggregateMember(k, prefix, m.field.Name, sdl.AggregateField)
	if ok && (found.relationship != nil || found.join != nil) {
		return p.relatedAggregate(k, m, found)
	}
	if !ok || found.property == nil {
		p.fail(fault.New(fault.Internal, "field %s of an aggregate has no meaning in the model", m.field.Name))
		return nil
	}
	if found.property.Kind == schema.Group {
		inner := p.aggregateFields(k, found.path, m)
		return func(w *writer, f *frame, i int) outcome { return w.object(inner, f, i) }
	}
	return p.measures(k, m, found)
}

// measures plans the measures of one property.
func (p *planner) measures(k *level, m merged, found member) emit {
	need := k.cut.need(found.path, found.property)
	unit := m.field.Arguments.ForName("unit")
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		k.cut.measures[need].want(s.field.Name)
		fields = append(fields, p.outField(s, p.measureField(s, need, found.property, unit)))
	}
	return func(w *writer, f *frame, i int) outcome {
		for _, missing := range f.sum(i).cell(need).missing {
			w.sourceFailure(missing.connector, missing.status)
		}
		return w.object(fields, f, i)
	}
}

func (p *planner) measureField(m merged, need int, property *schema.Property, unit *ast.Argument) emit {
	switch m.field.Name {
	case "count":
		return func(w *writer, f *frame, i int) outcome {
			w.buf = strconv.AppendInt(w.buf, f.sum(i).cell(need).fold.Count(), 10)
			return wrote
		}
	case "incomplete":
		return func(w *writer, f *frame, i int) outcome { return w.bool(f.sum(i).cell(need).incomplete) }
	case "stale":
		return func(w *writer, f *frame, i int) outcome {
			w.buf = strconv.AppendInt(w.buf, int64(f.sum(i).cell(need).stale), 10)
			return wrote
		}
	case "unit":
		return measureUnit(property, unit)
	case "min", "max", "avg", "sum":
		return p.measureValue(m, need, property, unit)
	}
	return constantText(typenameOf(m.field))
}

func measureUnit(property *schema.Property, unit *ast.Argument) emit {
	return func(w *writer, _ *frame, _ int) outcome {
		if unit != nil {
			if v, err := literal(unit.Value, w.x.variables); err == nil {
				if name, ok := v.(string); ok {
					return w.text(name)
				}
			}
		}
		return w.optional(property.Unit)
	}
}

var foldFunctions = map[string]schema.FoldFunc{"min": schema.FoldMin, "max": schema.FoldMax, "avg": schema.FoldAvg, "sum": schema.FoldSum}

// measureValue writes one measure, in the unit asked for.
func (p *planner) measureValue(m merged, need int, property *schema.Property, unit *ast.Argument) emit {
	function := foldFunctions[m.field.Name]
	whole := property.Type.Scalar == schema.Int || property.Type.Scalar == schema.Long
	value := func(f *frame, i int) schema.Value {
		v := f.sum(i).cell(need).fold.Of(function)
		if whole && function == schema.FoldSum && v.Kind() == schema.FloatValue {
			return schema.Null // beyond what a Long holds
		}
		return v
	}
	if unit == nil || property.Unit == "" {
		return func(w *writer, f *frame, i int) outcome { return w.value(value(f, i)) }
	}
	convert := p.conversion(property.Unit, unit.Value)
	return func(w *writer, f *frame, i int) outcome {
		v, err := convert(w.x, value(f, i))
		if err == nil && function == schema.FoldSum && !v.IsNull() {
			v, err = shifted(w.x, v, f.sum(i).cell(need).fold.Count(), convert)
		}
		if err != nil {
			w.fail(err)
			return isNull
		}
		return w.value(v)
	}
}

// shifted corrects a converted sum of count values where the scales of the units begin at different points: each value was
// to be moved, the sum was moved once.
func shifted(x *execution, sum schema.Value, count int64, convert func(*execution, schema.Value) (schema.Value, error)) (schema.Value, error) {
	zero, err := convert(x, schema.FloatOf(0))
	if err != nil || zero.Float() == 0 || count < 2 {
		return sum, err
	}
	whole := schema.FloatOf(rounded(sum.Float() + float64(count-1)*zero.Float()))
	if sum.Kind() == schema.DecimalValue {
		return schema.ParseValue(whole, schema.ValueType{Scalar: schema.Decimal}, nil)
	}
	return whole, nil
}

// groupKey plans what the members of a group have in common; null where nothing was grouped.
func (p *planner) groupKey(k *level, m merged) emit {
	if k.cut.of == nil { // joined records
		return func(*writer, *frame, int) outcome { return isNull }
	}
	fields := p.keyFields(k, "", m)
	return func(w *writer, f *frame, i int) outcome {
		if k.cut.field == nil {
			return isNull
		}
		return w.object(fields, f, i)
	}
}

func (p *planner) keyFields(k *level, prefix schema.Path, m merged) []outField {
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		if p.err != nil {
			return nil
		}
		fields = append(fields, p.outField(s, p.keyField(k, prefix, s)))
	}
	return fields
}

func (p *planner) keyField(k *level, prefix schema.Path, m merged) emit {
	name := m.field.Name
	if name == "__typename" {
		return constantText(typenameOf(m.field))
	}
	if name == "above" && prefix == "" && k.record == nil {
		return p.keyEntity(k, m, "above", "")
	}
	if name == "along" && prefix == "" {
		return p.keyEntity(k, m, "along", "")
	}
	found, ok := p.catalog.aggregateMember(k, prefix, name, sdl.KeyField)
	field := join(prefix, name)
	switch {
	case !ok:
		p.fail(fault.New(fault.Internal, "field %s of a key has no meaning in the model", name))
		return nil
	case found.relationship != nil:
		return p.keyEntity(k, m, field, found.relationship.Target)
	case found.join != nil:
		return p.keyEntity(k, m, field, found.join.Target)
	case found.property.Kind == schema.Group:
		inner := p.keyFields(k, found.path, m)
		return func(w *writer, f *frame, i int) outcome { return w.object(inner, f, i) }
	}
	return func(w *writer, f *frame, i int) outcome {
		at := w.x.question(k).cut.keyAt(field)
		if at < 0 || i < 0 {
			return isNull
		}
		return w.value(f.sum(i).values[at])
	}
}

// keyEntity plans a key that is an entity: a level of its own, read in one batch for all groups.
func (p *planner) keyEntity(k *level, m merged, field schema.Path, target schema.TypeName) emit {
	child, isNew := p.newLevel(k, "key "+string(field), m.field, m.guards, nil)
	if isNew {
		child.rows, child.shown, child.types, child.wanted = keySource{field}, target, p.catalog.concrete(target), true
		if child.shown == "" {
			child.shown = schema.EntityType
		}
		child.column(graph.ColumnType)
	}
	inner := p.entity(child, "", p.children(m.uses), child.types)
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		from, to := f.group(i)
		if from == to {
			return isNull
		}
		return inner.entity(w, f, from)
	}
}
