package query

import (
	"slices"
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
	need, asked := -1, guards(nil)
	for _, s := range selected {
		if s.field.Name == "history" || s.field.Name == "__typename" || s.field.Name == "unit" {
			continue
		}
		for _, mask := range s.guards {
			asked = asked.or(mask)
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
		if c := cell(w, f, i); c.connector != "" && asked.hold(w.x.guards) {
			w.sourceFailure(c.connector, c.status)
		}
		return w.object(fields, f, i)
	}
}

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

// computed plans a computed property: an expression over what the level reads. Its unit alone takes no reading.
func (p *planner) computed(lv *level, m merged, found member, types typeSet) emit {
	all := types
	if all == nil {
		all = p.catalog.all
	}
	selected := merge(p.children(m.uses))
	var asked guards
	for _, s := range selected {
		if s.field.Name == "unit" || s.field.Name == "__typename" {
			continue
		}
		for _, mask := range s.guards {
			asked = asked.or(mask)
		}
	}
	for _, t := range all {
		p.catalog.addComputed(t, found.path, staticNeeds{lv, asked}, nil)
	}
	cell := func(w *writer, f *frame, i int) *liveCell {
		c := w.x.federated(f, found.path, i)
		return &c
	}
	var fields []outField
	for _, s := range selected {
		fields = append(fields, p.outField(s, p.cellField(s, found.property, cell)))
	}
	return func(w *writer, f *frame, i int) outcome {
		if !asked.hold(w.x.guards) {
			return w.object(fields, f, i)
		}
		if c := cell(w, f, i); c.connector != "" {
			w.sourceFailure(c.connector, c.status)
		}
		return w.object(fields, f, i)
	}
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
