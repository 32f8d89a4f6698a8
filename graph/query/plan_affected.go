package query

import (
	"strconv"

	"mereon/graph"
	"mereon/graph/query/sdl"
	"mereon/schema"
)

// affected plans the field affected.
func (p *planner) affected(lv *level, m merged, types typeSet) emit {
	child := p.entityLevel(lv, m, affectedSource{}, "", types)
	child.list, child.wanted = true, true
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.affectedConnectionField(child, s)))
	}
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		if g := f.groupIndex(i); g >= 0 {
			for _, why := range f.failed[g] {
				w.sourceFailure(why.connector, why.status)
			}
		}
		w.undecided(f, i)
		return w.object(fields, f, i)
	}
}

func (p *planner) affectedConnectionField(child *level, m merged) emit {
	switch m.field.Name {
	case "nodes":
		var fields []outField
		for _, s := range merge(p.children(m.uses)) {
			fields = append(fields, p.outField(s, p.affectedField(child, s)))
		}
		return func(w *writer, f *frame, i int) outcome {
			from, to := f.group(i)
			return w.list(to-from, true, func(k int) outcome { return w.object(fields, f, from+k) })
		}
	case "pageInfo":
		return p.affectedPage(m)
	}
	return p.connectionFact(child, m)
}

func (p *planner) affectedField(child *level, m merged) emit {
	switch m.field.Name {
	case "__typename":
		return constantText(typenameOf(m.field))
	case "depth":
		return func(w *writer, f *frame, i int) outcome {
			w.buf = strconv.AppendInt(w.buf, int64(f.walked[i].depth), 10)
			return wrote
		}
	case "via":
		return func(w *writer, f *frame, i int) outcome { return w.text(f.walked[i].via) }
	case "entity":
		inner := p.entity(child, "", p.children(m.uses), child.types)
		return func(w *writer, f *frame, i int) outcome { return inner.entity(w, f, i) }
	}
	return p.affectedRow(child, m)
}

// affectedRow plans the field that holds rows of one record type.
func (p *planner) affectedRow(child *level, m merged) emit {
	var record *schema.RecordType
	for _, r := range p.catalog.model.Records {
		if sdl.AffectedField(r) == m.field.Name {
			record = r
		}
	}
	rows, isNew := p.newLevel(child, levelKey(m.field), m.field, m.guards, nil)
	if isNew {
		rows.rows, rows.record = walkedRows{}, record
	}
	fields := p.recordProgram(rows, m)
	return func(w *writer, f *frame, i int) outcome {
		if f.walked[i].record != record {
			return isNull
		}
		return w.object(fields, w.x.frames[rows.id], i)
	}
}

func (p *planner) affectedPage(m merged) emit {
	return p.walkPage(m, (*writer).walkCursor, func(w *writer, f *frame, at int) outcome { return w.walkCursor(f.walked[at].cursor()) })
}

func (w *writer) walkCursor(at *graph.Cursor) outcome {
	w.buf = append(w.buf, '"')
	w.buf = w.x.engine.catalog.appendCursor(w.buf, orderHash(&level{}, affectedOrder), func(k int) schema.Value { return at.Keys[k] }, len(at.Keys), string(at.ID))
	w.buf = append(w.buf, '"')
	return wrote
}
