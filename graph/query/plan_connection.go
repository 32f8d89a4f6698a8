package query

import (
	"strconv"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// connection plans the fields of a connection of entities.
func (p *planner) connection(child *level, m merged) emit {
	fields := make([]outField, 0, 4)
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.connectionField(child, s)))
	}
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		w.undecided(f, i)
		return w.object(fields, f, i)
	}
}

// connectionField plans one field of a connection; the emitted row is that of the parent.
func (p *planner) connectionField(child *level, m merged) emit {
	child.asked = child.asked || !ofGroups(m.field.Name)
	switch m.field.Name {
	case "nodes":
		child.wanted = true
		inner := p.entity(child, "", p.children(m.uses), child.types)
		return func(w *writer, f *frame, i int) outcome {
			from, to := f.group(i)
			return w.list(to-from, true, func(k int) outcome { return inner.entity(w, f, from+k) })
		}
	case "edges":
		return p.edges(child, m)
	case "pageInfo":
		return p.pageInfo(child, m)
	}
	return p.connectionFact(child, m)
}

// connectionFact plans what a connection says of itself.
func (p *planner) connectionFact(child *level, m merged) emit {
	switch m.field.Name {
	case "totalCount":
		child.count = true
		return func(w *writer, f *frame, i int) outcome {
			total := f.factsOf(i).total
			if total < 0 {
				return isNull
			}
			w.buf = strconv.AppendInt(w.buf, int64(total), 10)
			return wrote
		}
	case "incomplete":
		child.wanted = true
		return func(w *writer, f *frame, i int) outcome { return w.bool(f.factsOf(i).incomplete) }
	case "truncated":
		child.wanted = true
		return func(w *writer, f *frame, i int) outcome { return w.bool(f.factsOf(i).truncated) }
	case "aggregate":
		return p.aggregate(child, m)
	case "groups":
		return p.groups(child, m)
	case "__typename":
		return constantText(m.field.ObjectDefinition.Name)
	}
	p.fail(fault.New(fault.Internal, "field %s of a connection has no meaning", m.field.Name))
	return nil
}

func (p *planner) edges(child *level, m merged) emit {
	child.wanted = true
	fields := make([]outField, 0, 3)
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.edgeField(child, s)))
	}
	return func(w *writer, f *frame, i int) outcome {
		from, to := f.group(i)
		return w.list(to-from, true, func(k int) outcome { return w.object(fields, f, from+k) })
	}
}

func (p *planner) edgeField(child *level, m merged) emit {
	switch m.field.Name {
	case "cursor":
		child.cursors = true
		return func(w *writer, f *frame, i int) outcome { return w.cursor(f, i) }
	case "node":
		inner := p.entity(child, "", p.children(m.uses), child.types)
		return func(w *writer, f *frame, i int) outcome { return inner.entity(w, f, i) }
	case "props":
		p.edgeProperties(child)
		return func(w *writer, f *frame, i int) outcome { return w.props(f, i) }
	}
	return constantText(m.field.ObjectDefinition.Name)
}

// edgeProperties makes the level read the properties of the relationship it follows.
func (p *planner) edgeProperties(child *level) {
	source, ok := child.rows.(expandSource)
	if !ok || child.edge != nil {
		return
	}
	relation := p.catalog.model.Relations[source.steps[0].Relation]
	if relation == nil {
		return
	}
	child.edge = p.catalog.model.Components[relation.Props]
	if child.edge == nil {
		return
	}
	for _, property := range child.edge.Properties {
		if property.Kind == schema.Static {
			child.props = append(child.props, schema.Path(property.Name))
		}
	}
}

// props writes relationship properties as an object; null when there are none.
func (w *writer) props(f *frame, i int) outcome {
	start := len(w.buf)
	for k, path := range f.level.props {
		v := f.props[k*f.n+i]
		if v.IsNull() {
			continue
		}
		w.buf = append(w.buf, "{,"[b2i(len(w.buf) > start)])
		w.buf = append(schema.AppendJSONString(w.buf, string(path)), ':')
		w.buf = v.AppendJSON(w.buf)
	}
	if len(w.buf) == start {
		return isNull
	}
	w.buf = append(w.buf, '}')
	return wrote
}

func (p *planner) pageInfo(child *level, m merged) emit {
	child.wanted = true
	fields := make([]outField, 0, 4)
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, pageInfoField(child, s)))
	}
	return func(w *writer, f *frame, i int) outcome { return w.object(fields, f, i) }
}

func pageInfoField(child *level, m merged) emit {
	switch m.field.Name {
	case "hasNextPage":
		return func(w *writer, f *frame, i int) outcome { return w.bool(f.factsOf(i).more) }
	case "hasPreviousPage":
		return func(w *writer, f *frame, i int) outcome { return w.bool(f.factsOf(i).before) }
	case "startCursor", "endCursor":
		child.cursors = true
		end := m.field.Name == "endCursor"
		return func(w *writer, f *frame, i int) outcome {
			from, to := f.group(i)
			if from == to {
				return isNull
			}
			if end {
				return w.cursor(f, to-1)
			}
			return w.cursor(f, from)
		}
	}
	return constantText(m.field.ObjectDefinition.Name)
}

// cursor writes the position of row i in the order of its level.
func (w *writer) cursor(f *frame, i int) outcome {
	q := w.x.questions[f.level.id]
	id := f.columnOf(f.level.idColumn())
	if id < 0 {
		return isNull
	}
	w.buf = append(w.buf, '"')
	w.buf = w.x.engine.catalog.appendCursor(w.buf, orderHash(f.level, q.order), func(k int) schema.Value {
		if c := f.columnOf(q.order[k].path); c >= 0 && !q.order[k].federated {
			return f.cell(c, i)
		}
		return f.orderKey(k, i)
	}, len(q.order), f.cell(id, i).Text())
	w.buf = append(w.buf, '"')
	return wrote
}

// idColumn is the column that makes an order total.
func (lv *level) idColumn() schema.Path {
	if lv.record != nil {
		return schema.Path(lv.record.Key)
	}
	return graph.ColumnID
}
