package query

import (
	"mereon/connectors"
	"mereon/schema"
	"mereon/schema/fault"
)

// join plans a field that reaches records or entities by equal values, from an entity or a record.
func (p *planner) join(lv *level, prefix schema.Path, m merged, j *schema.Join, types typeSet) emit {
	for _, pair := range j.On {
		lv.column(inside(prefix, pair.Ours))
	}
	record := p.catalog.model.Records[j.Target]
	if record == nil {
		source := p.entityJoin(j, prefix)
		if j.Many {
			return p.many(lv, m, source, j.Target, types)
		}
		return p.one(lv, m, source, j.Target, types)
	}
	child := p.recordLevel(lv, m, record, recordSource{join: j, prefix: prefix}, types)
	child.list = j.Many
	if j.Many {
		return p.recordConnection(child, m)
	}
	return p.oneRecord(child, m)
}

func (p *planner) recordLevel(lv *level, m merged, record *schema.RecordType, source recordSource, types typeSet) *level {
	child, isNew := p.newLevel(lv, levelKey(m.field), m.field, m.guards, restrict(lv, types))
	if isNew {
		child.rows, child.record = source, record
	}
	return child
}

func (p *planner) oneRecord(child *level, m merged) emit {
	child.wanted = true
	fields := p.recordProgram(child, m)
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		w.sourceFailure(child.record.Connector, f.factsOf(i).status)
		from, to := f.group(i)
		if from == to {
			return isNull
		}
		return w.object(fields, f, from)
	}
}

// recordProgram plans the selection on rows of a record type.
func (p *planner) recordProgram(child *level, m merged) []outField {
	fields := merge(p.children(m.uses))
	out := make([]outField, 0, len(fields))
	for _, s := range fields {
		if p.err != nil {
			return nil
		}
		out = append(out, p.outField(s, p.recordField(child, s)))
	}
	return out
}

func (p *planner) recordField(child *level, m merged) emit {
	if m.field.Name == "__typename" {
		return constantText(string(child.record.Name))
	}
	found, ok := recordMember(child.record, m.field.Name)
	if !ok {
		p.fail(fault.New(fault.Internal, "field %s has no meaning in the model", m.field.Name))
		return nil
	}
	if found.join != nil {
		return p.join(child, "", m, found.join, nil)
	}
	if m.field.Arguments.ForName("unit") != nil && found.property.Unit != "" {
		return p.stored(child, m, found)
	}
	path := found.path
	child.column(path)
	return func(w *writer, f *frame, i int) outcome { return w.value(f.cell(f.columnOf(path), i)) }
}

// recordConnection plans a connection of records: null but for its status when the source failed.
func (p *planner) recordConnection(child *level, m merged) emit {
	selected := merge(p.children(m.uses))
	fields := make([]outField, 0, len(selected))
	for _, s := range selected {
		e := p.recordConnectionField(child, s)
		if s.field.Name != "status" && s.field.Name != "incomplete" && !ofGroups(s.field.Name) {
			e = unlessFailed(e)
		}
		fields = append(fields, p.outField(s, e))
	}
	connector := child.record.Connector
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		w.sourceFailure(connector, f.recordFacts(i).status)
		w.undecided(f, i)
		return w.object(fields, f, i)
	}
}

// recordFacts is what is known of the rows of parent row i; a parent that lacks a value has none.
func (f *frame) recordFacts(i int) groupFacts {
	if f.groupIndex(i) < 0 {
		return groupFacts{status: connectors.NotBound, total: 0}
	}
	return f.factsOf(i)
}

func unlessFailed(e emit) emit {
	return func(w *writer, f *frame, i int) outcome {
		if from, to := f.group(i); !f.recordFacts(i).decidable(to > from) {
			return isNull
		}
		return e(w, f, i)
	}
}

func (p *planner) recordConnectionField(child *level, m merged) emit {
	child.asked = child.asked || !ofGroups(m.field.Name)
	switch m.field.Name {
	case "nodes":
		child.wanted = true
		fields := p.recordProgram(child, m)
		return func(w *writer, f *frame, i int) outcome {
			from, to := f.group(i)
			return w.list(to-from, true, func(k int) outcome { return w.object(fields, f, from+k) })
		}
	case "edges":
		return p.recordEdges(child, m)
	case "pageInfo":
		return p.pageInfo(child, m)
	case "status":
		return func(w *writer, f *frame, i int) outcome { return w.text(string(f.recordFacts(i).status)) }
	}
	return p.connectionFact(child, m)
}

func (p *planner) recordEdges(child *level, m merged) emit {
	child.wanted = true
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		switch s.field.Name {
		case "cursor":
			child.cursors = true
			fields = append(fields, p.outField(s, func(w *writer, f *frame, i int) outcome { return w.cursor(f, i) }))
		case "node":
			inner := p.recordProgram(child, s)
			fields = append(fields, p.outField(s, func(w *writer, f *frame, i int) outcome { return w.object(inner, f, i) }))
		default:
			fields = append(fields, p.outField(s, constantText(s.field.ObjectDefinition.Name)))
		}
	}
	return func(w *writer, f *frame, i int) outcome {
		from, to := f.group(i)
		return w.list(to-from, true, func(k int) outcome { return w.object(fields, f, from+k) })
	}
}
