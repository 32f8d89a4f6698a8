package query

import (
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/connectors"
	"mereon/schema"
)

// historyField plans a range of a live property.
func (p *planner) historyField(lv *level, m merged, found member, types typeSet) emit {
	need := -1
	for _, u := range m.uses {
		need = lv.historyNeed(found, u.field, p.having(types, found.path), u.guard)
	}
	write := objectOf(p, m, func(p *planner, m merged) part[historyAt] { return p.historyPart(m, found.property) })
	return func(w *writer, f *frame, i int) outcome {
		if need >= len(f.ranges) || f.ranges[need] == nil {
			return isNull
		}
		column := f.ranges[need]
		if column.err != nil {
			w.fail(column.err)
			return broken
		}
		w.sourceFailure(column.cells[i].connector, column.cells[i].status)
		return write(w, &historyAt{column, &column.cells[i]})
	}
}

// historyAt is one range of one entity.
type historyAt struct {
	column *historyColumn
	*historyCell
}

func (p *planner) historyPart(m merged, property *schema.Property) part[historyAt] {
	switch m.field.Name {
	case "measurements":
		return p.measurements(m, property)
	case "unit":
		return func(w *writer, h *historyAt) outcome {
			switch {
			case h.column.want.Aggregate == connectors.Count: // how many is no quantity of the series
				return isNull
			case h.column.target != "":
				return w.text(h.column.target)
			}
			return w.optional(property.Unit)
		}
	case "status":
		return func(w *writer, h *historyAt) outcome { return w.text(string(h.shownStatus())) }
	case "why":
		return func(w *writer, h *historyAt) outcome { return w.optional(h.why) }
	case "until":
		return func(w *writer, h *historyAt) outcome { return w.time(h.until) }
	case "pageInfo":
		return p.historyPage(m)
	}
	name := typenameOf(m.field)
	return func(w *writer, _ *historyAt) outcome { return w.text(name) }
}

func (h *historyCell) shownStatus() connectors.Status {
	if h.status == "" {
		return connectors.Pending
	}
	return h.status
}

func (p *planner) measurements(m merged, property *schema.Property) part[historyAt] {
	selected := merge(p.whole(m.uses))
	return func(w *writer, h *historyAt) outcome {
		return w.list(len(h.measurements), true, func(k int) outcome {
			point := &h.measurements[k]
			w.buf = append(w.buf, '{')
			first, order := true, w.sequenceOfMerged(selected)
			for k, s := range selected {
				if order != nil {
					s = selected[order[k]]
				}
				if !s.guards.hold(w.x.guards) {
					continue
				}
				if !first {
					w.buf = append(w.buf, ',')
				}
				first = false
				w.buf = append(schema.AppendJSONString(w.buf, s.key), ':')
				w.path = append(w.path, pathStep{name: s.key})
				w.measurement(s.field, property, h.column, point)
				w.path = w.path[:len(w.path)-1]
			}
			w.buf = append(w.buf, '}')
			return wrote
		})
	}
}

func (w *writer) measurement(field *ast.Field, property *schema.Property, column *historyColumn, point *connectors.Measurement) {
	start := len(w.buf)
	out := isNull
	switch field.Name {
	case "time":
		out = w.time(point.Time)
	case "value", "number":
		out = w.historyValue(property, column, point, field.Name == "number")
	case "quality":
		quality := point.Quality
		if quality == "" {
			quality = connectors.Good
		}
		out = w.text(string(quality))
	default:
		out = w.text(typenameOf(field))
	}
	if out != wrote {
		w.null(start)
	}
}

func (p *planner) historyPage(m merged) part[historyAt] {
	selected := merge(p.whole(m.uses))
	return func(w *writer, h *historyAt) outcome {
		w.buf = append(w.buf, '{')
		first, order := true, w.sequenceOfMerged(selected)
		for k, s := range selected {
			if order != nil {
				s = selected[order[k]]
			}
			if !s.guards.hold(w.x.guards) {
				continue
			}
			if !first {
				w.buf = append(w.buf, ',')
			}
			first = false
			w.buf = append(schema.AppendJSONString(w.buf, s.key), ':')
			switch s.field.Name {
			case "hasNextPage":
				w.bool(h.more)
			case "hasPreviousPage":
				w.bool(h.column.paged)
			case "startCursor":
				w.measurementCursor(h.column, h.historyCell, 0)
			case "endCursor":
				w.endCursor(h.column, h.historyCell)
			default:
				w.text(typenameOf(s.field))
			}
		}
		w.buf = append(w.buf, '}')
		return wrote
	}
}
