package query

import (
	"strings"

	"mereon/schema"
)

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
