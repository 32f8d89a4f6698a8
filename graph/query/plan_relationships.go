package query

import (
	"mereon/graph"
	"mereon/schema"
)

// relationships plans the field relationships.
func (p *planner) relationships(lv *level, m merged, types typeSet) emit {
	child, isNew := p.newLevel(lv, levelKey(m.field), m.field, m.guards, restrict(lv, types))
	if isNew {
		child.rows, child.types = relationshipSource{}, typeSet{}
	}
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.relationshipsField(child, s)))
	}
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		return w.object(fields, f, i)
	}
}

func (p *planner) relationshipsField(child *level, m merged) emit {
	switch m.field.Name {
	case "nodes":
		fields := p.linkProgram(child, m)
		return func(w *writer, f *frame, i int) outcome {
			from, to := f.group(i)
			return w.list(to-from, true, func(k int) outcome { return w.object(fields, f, from+k) })
		}
	case "edges":
		return p.linkEdges(child, m)
	case "pageInfo":
		return p.linkPage(m)
	case "aggregate":
		fields := p.linkSums(m)
		return func(w *writer, f *frame, i int) outcome {
			return w.object(fields, &frame{whole: [][]link{f.linksOf(i)}}, 0)
		}
	case "groups":
		fields := p.linkSums(m)
		return func(w *writer, f *frame, i int) outcome {
			groups := groupedLinks(f.linksOf(i))
			return w.list(len(groups), true, func(k int) outcome { return w.object(fields, &frame{whole: groups}, k) })
		}
	}
	return p.connectionFact(child, m)
}

func (p *planner) linkProgram(child *level, m merged) []outField {
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.linkField(child, s)))
	}
	return fields
}

func (p *planner) linkField(child *level, m merged) emit {
	switch m.field.Name {
	case "name":
		return func(w *writer, f *frame, i int) outcome { return w.text(f.links[i].relation) }
	case "direction":
		return func(w *writer, f *frame, i int) outcome { return w.direction(f.links[i].inverse) }
	case "props":
		return func(w *writer, f *frame, i int) outcome { return w.pathValues(f.links[i].props) }
	case "other":
		return p.one(child, m, linkEndSource{}, "", nil)
	}
	return constantText(typenameOf(m.field))
}

func (w *writer) direction(inverse bool) outcome {
	if inverse {
		return w.text("IN")
	}
	return w.text("OUT")
}

func (w *writer) pathValues(values []graph.PathValue) outcome {
	if len(values) == 0 {
		return isNull
	}
	for k, v := range values {
		w.buf = append(w.buf, "{,"[b2i(k > 0)])
		w.text(string(v.Path))
		w.buf = append(w.buf, ':')
		w.buf = v.Value.AppendJSON(w.buf)
	}
	w.buf = append(w.buf, '}')
	return wrote
}

func (p *planner) linkEdges(child *level, m merged) emit {
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		switch s.field.Name {
		case "cursor":
			fields = append(fields, p.outField(s, func(w *writer, f *frame, i int) outcome { return w.linkCursor(f, i) }))
		case "node":
			inner := p.linkProgram(child, s)
			fields = append(fields, p.outField(s, func(w *writer, f *frame, i int) outcome { return w.object(inner, f, i) }))
		default:
			fields = append(fields, p.outField(s, constantText(typenameOf(s.field))))
		}
	}
	return func(w *writer, f *frame, i int) outcome {
		from, to := f.group(i)
		return w.list(to-from, true, func(k int) outcome { return w.object(fields, f, from+k) })
	}
}

func (w *writer) linkCursor(f *frame, i int) outcome {
	l := f.links[i]
	keys := [2]schema.Value{schema.StringOf(l.relation), schema.BoolOf(l.inverse)}
	w.buf = append(w.buf, '"')
	w.buf = w.x.engine.catalog.appendCursor(w.buf, linkHash, func(k int) schema.Value { return keys[k] }, 2, l.otherID)
	w.buf = append(w.buf, '"')
	return wrote
}

func (p *planner) linkPage(m merged) emit {
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		e := pageInfoField(&level{}, s)
		if end := s.field.Name == "endCursor"; end || s.field.Name == "startCursor" {
			e = func(w *writer, f *frame, i int) outcome {
				from, to := f.group(i)
				switch {
				case from == to:
					return isNull
				case end:
					return w.linkCursor(f, to-1)
				}
				return w.linkCursor(f, from)
			}
		}
		fields = append(fields, p.outField(s, e))
	}
	return func(w *writer, f *frame, i int) outcome { return w.object(fields, f, i) }
}
