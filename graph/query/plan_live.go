package query

import (
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/connectors"
	"mereon/schema"
)

// cellOf finds the live or computed value of row i.
type cellOf func(w *writer, f *frame, i int) *liveCell

// series plans a live property. The newest reading is asked for only when something of it is selected.
func (p *planner) series(lv *level, m merged, found member, types typeSet) emit {
	selected := merge(p.children(m.uses))
	need := -1
	for _, s := range selected {
		if s.field.Name == "history" || s.field.Name == "__typename" || s.field.Name == "unit" && !found.convertible() {
			continue
		}
		for _, mask := range s.guards {
			need = lv.liveNeed(found.path, p.having(types, found.path), mask)
		}
	}
	p.catalog.liveColumns(types, found.path, func(c schema.Path) { lv.column(c) })
	cell := func(w *writer, f *frame, i int) *liveCell { return w.x.liveAt(f, need, i) }
	fields := make([]outField, 0, len(selected))
	for _, s := range selected {
		e := p.cellField(s, found.property, cell)
		if s.field.Name == "history" {
			e = p.historyField(lv, s, found, types)
		}
		fields = append(fields, p.outField(s, e))
	}
	return func(w *writer, f *frame, i int) outcome {
		if c := cell(w, f, i); c.connector != "" {
			w.sourceFailure(c.connector, c.status)
		}
		return w.object(fields, f, i)
	}
}

func (m member) convertible() bool { return m.property.Unit != "" }

// having returns those of types that have a live property at path; nil when all may.
func (p *planner) having(types typeSet, path schema.Path) typeSet {
	if types == nil {
		types = p.catalog.all
	}
	return slices.DeleteFunc(slices.Clone(types), func(t schema.TypeName) bool {
		return p.catalog.sources[sourceKey{t, path}] == nil
	})
}

var unasked = &liveCell{status: connectors.Pending, quality: connectors.Bad}

// liveAt returns the reading of live need k in row i.
func (x *execution) liveAt(f *frame, k, i int) *liveCell {
	if k < 0 || k >= len(f.live) || f.live[k] == nil || f.live[k].cells[i].status == "" {
		return unasked
	}
	return &f.live[k].cells[i]
}

// computed plans a computed property: an expression over what the level reads.
func (p *planner) computed(lv *level, m merged, found member, types typeSet) emit {
	all := types
	if all == nil {
		all = p.catalog.all
	}
	for _, t := range all {
		p.catalog.addComputed(t, found.path, staticNeeds{lv, m.guards}, nil)
	}
	cell := func(w *writer, f *frame, i int) *liveCell {
		c := w.x.federated(f, found.path, i)
		return &c
	}
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.cellField(s, found.property, cell)))
	}
	return func(w *writer, f *frame, i int) outcome { return w.object(fields, f, i) }
}

// cellField plans one field of a series or computed value.
func (p *planner) cellField(m merged, property *schema.Property, cell cellOf) emit {
	switch m.field.Name {
	case "value":
		return p.cellValue(m, property, cell)
	case "unit":
		if property.Unit == "" {
			return func(*writer, *frame, int) outcome { return isNull }
		}
		return constantText(property.Unit)
	case "time":
		return func(w *writer, f *frame, i int) outcome { return w.time(cell(w, f, i).time) }
	case "age":
		return func(w *writer, f *frame, i int) outcome { return w.age(cell(w, f, i)) }
	case "quality":
		return func(w *writer, f *frame, i int) outcome { return w.text(string(cell(w, f, i).quality)) }
	case "status":
		return func(w *writer, f *frame, i int) outcome { return w.text(string(cell(w, f, i).status)) }
	case "why":
		return func(w *writer, f *frame, i int) outcome { return w.optional(cell(w, f, i).why) }
	}
	return constantText(typenameOf(m.field))
}

func typenameOf(field *ast.Field) string {
	if field.ObjectDefinition == nil {
		return ""
	}
	return field.ObjectDefinition.Name
}

func (p *planner) cellValue(m merged, property *schema.Property, cell cellOf) emit {
	unit := m.field.Arguments.ForName("unit")
	if unit == nil {
		return func(w *writer, f *frame, i int) outcome { return w.value(cell(w, f, i).value) }
	}
	convert := p.conversion(property.Unit, unit.Value)
	return func(w *writer, f *frame, i int) outcome {
		v, err := convert(w.x, cell(w, f, i).value)
		if err != nil {
			w.fail(err)
			return isNull
		}
		return w.value(v)
	}
}

func (w *writer) time(t time.Time) outcome {
	if t.IsZero() {
		return isNull
	}
	return w.value(schema.TimeOf(t))
}

// age changes with time alone, so live queries leave it out when they compare answers.
func (w *writer) age(c *liveCell) outcome {
	if c.time.IsZero() {
		return isNull
	}
	start := len(w.buf)
	w.value(schema.DurationOf(c.age))
	w.volatile = append(w.volatile, start, len(w.buf))
	return wrote
}

func (w *writer) optional(s string) outcome {
	if s == "" {
		return isNull
	}
	return w.text(s)
}

// historyField plans a range of a live property.
func (p *planner) historyField(lv *level, m merged, found member, types typeSet) emit {
	need := -1
	for _, u := range m.uses {
		need = lv.historyNeed(found.path, u.field, p.having(types, found.path), u.guard)
	}
	selected := merge(p.children(m.uses))
	fields := make([]historyOut, 0, len(selected))
	for _, s := range selected {
		fields = append(fields, historyOut{p.outField(s, nil), p.historyPart(s, found.property)})
	}
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
		return w.historyObject(fields, column, &column.cells[i])
	}
}

// historyOut is one field of a history.
type historyOut struct {
	outField
	part historyPart
}

type historyPart func(w *writer, column *historyColumn, h *historyCell) outcome

func (w *writer) historyObject(fields []historyOut, column *historyColumn, h *historyCell) outcome {
	plain := make([]outField, len(fields))
	for k, fd := range fields {
		plain[k] = fd.outField
		plain[k].emit = func(w *writer, _ *frame, _ int) outcome { return fd.part(w, column, h) }
	}
	return w.object(plain, nil, 0)
}

func (p *planner) historyPart(m merged, property *schema.Property) historyPart {
	switch m.field.Name {
	case "measurements":
		return p.measurements(m, property)
	case "unit":
		return func(w *writer, column *historyColumn, _ *historyCell) outcome {
			if column.target != "" {
				return w.text(column.target)
			}
			return w.optional(property.Unit)
		}
	case "status":
		return func(w *writer, _ *historyColumn, h *historyCell) outcome { return w.text(string(h.shownStatus())) }
	case "why":
		return func(w *writer, _ *historyColumn, h *historyCell) outcome { return w.optional(h.why) }
	case "until":
		return func(w *writer, _ *historyColumn, h *historyCell) outcome { return w.time(h.until) }
	case "pageInfo":
		return p.historyPage(m)
	}
	name := typenameOf(m.field)
	return func(w *writer, _ *historyColumn, _ *historyCell) outcome { return w.text(name) }
}

func (h *historyCell) shownStatus() connectors.Status {
	if h.status == "" {
		return connectors.Pending
	}
	return h.status
}

func (p *planner) measurements(m merged, property *schema.Property) historyPart {
	selected := merge(p.children(m.uses))
	return func(w *writer, column *historyColumn, h *historyCell) outcome {
		return w.list(len(h.measurements), true, func(k int) outcome {
			point := &h.measurements[k]
			w.buf = append(w.buf, '{')
			first := true
			for _, s := range selected {
				if !s.guards.hold(w.x.guards) {
					continue
				}
				if !first {
					w.buf = append(w.buf, ',')
				}
				first = false
				w.buf = append(schema.AppendJSONString(w.buf, s.key), ':')
				w.measurement(s.field, property, column, point)
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
	case "value":
		v := point.Value
		if column.target != "" && column.target != property.Unit {
			converted, err := convertValue(v, property.Unit, column.target)
			if err != nil {
				w.fail(err)
			}
			v = converted
		}
		out = w.value(v)
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

func (p *planner) historyPage(m merged) historyPart {
	selected := merge(p.children(m.uses))
	return func(w *writer, column *historyColumn, h *historyCell) outcome {
		w.buf = append(w.buf, '{')
		for k, s := range selected {
			if k > 0 {
				w.buf = append(w.buf, ',')
			}
			w.buf = append(schema.AppendJSONString(w.buf, s.key), ':')
			switch s.field.Name {
			case "hasNextPage":
				w.bool(h.more)
			case "hasPreviousPage":
				w.bool(s.field != nil && column.paged)
			case "startCursor":
				w.timeCursor(h.measurements, 0)
			case "endCursor":
				w.timeCursor(h.measurements, len(h.measurements)-1)
			default:
				w.text(typenameOf(s.field))
			}
		}
		w.buf = append(w.buf, '}')
		return wrote
	}
}

func (w *writer) timeCursor(measurements []connectors.Measurement, k int) {
	if len(measurements) == 0 {
		w.buf = append(w.buf, "null"...)
		return
	}
	w.buf = append(w.buf, '"')
	w.buf = appendCursor(w.buf, historyOrder, func(int) schema.Value { return schema.TimeOf(measurements[k].Time) }, 1, "")
	w.buf = append(w.buf, '"')
}

// property writes any property of row i by its path.
func (w *writer) property(f *frame, i int, path schema.Path) outcome {
	if _, ok := builtin(string(path)); ok {
		return w.value(f.cell(f.columnOf(path), i))
	}
	p, ok := w.x.engine.catalog.model.Property(f.typeOf(i), path)
	if !ok {
		return isNull
	}
	switch p.Kind {
	case schema.Static:
		if c := f.columnOf(path); c >= 0 {
			return w.value(f.cell(c, i))
		}
		return isNull
	case schema.Group:
		return w.component(f, i, path)
	}
	return w.federatedObject(w.x.federated(f, path, i), p.Unit)
}

// federatedObject writes a live or computed value as one JSON object.
func (w *writer) federatedObject(c liveCell, unit string) outcome {
	w.sourceFailure(c.connector, c.status)
	w.buf = append(w.buf, `{"value":`...)
	w.buf = c.value.AppendJSON(w.buf)
	if unit != "" {
		w.buf = append(w.buf, `,"unit":`...)
		w.text(unit)
	}
	if !c.time.IsZero() {
		w.buf = append(w.buf, `,"time":`...)
		w.time(c.time)
		w.buf = append(w.buf, `,"age":`...)
		w.age(&c)
	}
	w.buf = append(w.buf, `,"quality":`...)
	w.text(string(c.quality))
	w.buf = append(w.buf, `,"status":`...)
	w.text(string(c.status))
	w.buf = append(w.buf, '}')
	return wrote
}

// component writes the stored values of a component as nested objects.
func (w *writer) component(f *frame, i int, prefix schema.Path) outcome {
	w.buf = append(w.buf, '{')
	first := true
	for _, leaf := range w.x.engine.catalog.model.Types[f.typeOf(i)].Leaves() {
		c := f.columnOf(leaf.Path)
		if leaf.Property.Kind != schema.Static || !hasPrefix(leaf.Path, prefix) || c < 0 || f.cell(c, i).IsNull() {
			continue
		}
		if !first {
			w.buf = append(w.buf, ',')
		}
		first = false
		w.text(strings.TrimPrefix(string(leaf.Path), string(prefix)+"."))
		w.buf = append(w.buf, ':')
		w.buf = f.cell(c, i).AppendJSON(w.buf)
	}
	w.buf = append(w.buf, '}')
	return wrote
}
