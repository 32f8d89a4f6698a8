package query

import (
	"fmt"

	"mereon/graph"
	"mereon/schema"
)

// reference is one series of one entity.
type reference struct {
	connector, ref string
	source         *liveSource
}

// referenceFinder finds the references of one live property of the rows of a frame.
type referenceFinder struct {
	x        *execution
	f        *frame
	path     schema.Path
	bindings int
	t        schema.TypeName
	source   *liveSource
	columns  []int
	values   []schema.Value
}

func (x *execution) references(f *frame, path schema.Path) *referenceFinder {
	return &referenceFinder{x: x, f: f, path: path, bindings: f.columnOf(graph.ColumnBindings)}
}

// of returns the reference of row i, or why it has none.
func (r *referenceFinder) of(i int) (reference, string) {
	if t := r.f.typeOf(i); r.source == nil || t != r.t {
		r.t, r.source = t, r.x.engine.catalog.sources[sourceKey{t, r.path}]
		r.columns = r.columns[:0]
		if r.source != nil {
			for _, p := range r.source.Paths {
				r.columns = append(r.columns, r.f.columnOf(p))
			}
		}
	}
	if r.source == nil {
		return reference{}, fmt.Sprintf("%s has no live property %s", r.t, r.path)
	}
	var own schema.Value
	if r.bindings >= 0 {
		own = r.f.cell(r.bindings, i)
	}
	r.values = r.values[:0]
	for _, c := range r.columns {
		var v schema.Value
		if c >= 0 {
			v = r.f.cell(c, i)
		}
		r.values = append(r.values, v)
	}
	connector, ref, why := r.source.Reference(own, r.values, r.x.engine.source)
	return reference{connector, ref, r.source}, why
}
