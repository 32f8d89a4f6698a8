package query

import (
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema"
	"mereon/schema/fault"
)

// outcome says what writing one value came to.
type outcome uint8

const (
	wrote  outcome = iota
	isNull         // nothing was written: the value is null
	broken         // nothing that counts was written: null reached a place that must not be null
)

// emit writes one value of row i of a frame.
type emit func(w *writer, f *frame, i int) outcome

// outField is one field of an object as it is written: the key is escaped once, when the plan is made.
type outField struct {
	name     string
	key      []byte // "name":
	guards   guards // nil: always
	nonNull  bool
	emit     emit
	anchors  []*deferral // deferred fragments that it stands in at its object
	inner    uint64      // late bits of the deferred fragments that have something inside
	place    int         // as in merged
	sequence *sequence
}

func (p *planner) outField(m merged, e emit) outField {
	f := outField{name: m.key, guards: m.guards, emit: e, place: m.place, sequence: m.sequence}
	f.key = append(schema.AppendJSONString(nil, m.key), ':')
	if m.guards.hold(0) {
		f.guards = nil
	}
	if m.field.Definition != nil {
		f.nonNull = m.field.Definition.Type.NonNull
	}
	p.noteDeferrals(&f, m)
	return f
}

// writer appends the answer to one buffer. Null is propagated by truncating to where the nullable place began.
type writer struct {
	x    *execution
	buf  []byte
	path []pathStep
	// volatile are the ranges of buf that change with time alone; live queries leave them out when they compare.
	volatile  []int
	parts     *parts // nil unless the answer is delivered in parts
	sequences map[sequenceKey][]int
}

// pathStep is one step of a response path: a key, or an index when name is "".
type pathStep struct {
	name  string
	index int
}

// object writes fields as an object.
func (w *writer) object(fields []outField, f *frame, i int) outcome {
	if w.parts != nil {
		if w.parts.skim {
			return w.skim(fields, f, i)
		}
		w.meet(fields)
	}
	w.buf = append(w.buf, '{')
	first := true
	order := w.sequenceOf(fields)
	for k := range fields {
		fd := &fields[k]
		if order != nil {
			fd = &fields[order[k]]
		}
		if fd.guards != nil && !fd.guards.hold(w.x.guards) {
			continue
		}
		if !first {
			w.buf = append(w.buf, ',')
		}
		first = false
		w.buf = append(w.buf, fd.key...)
		if w.field(fd, f, i) == broken {
			return broken
		}
	}
	w.buf = append(w.buf, '}')
	return wrote
}

func (w *writer) field(fd *outField, f *frame, i int) outcome {
	start := len(w.buf)
	w.path = append(w.path, pathStep{name: fd.name})
	out := fd.emit(w, f, i)
	if out == isNull && fd.nonNull {
		w.fail(fault.New(fault.Conflict, "%s must have a value by the model, but has none; give the entity one", fd.name))
		out = broken
	}
	if w.parts != nil && out == broken && !fd.nonNull {
		w.parts.forget(w, start)
	}
	w.path = w.path[:len(w.path)-1]
	if out == wrote || out == broken && fd.nonNull {
		return out
	}
	w.null(start)
	return wrote
}

// null replaces what was written since start by null.
func (w *writer) null(start int) {
	for len(w.volatile) > 0 && w.volatile[len(w.volatile)-1] > start {
		w.volatile = w.volatile[:len(w.volatile)-2]
	}
	w.buf = append(w.buf[:start], "null"...)
}

// list writes count items; a broken or null item breaks the list when items must not be null.
func (w *writer) list(count int, nonNull bool, item func(k int) outcome) outcome {
	w.buf = append(w.buf, '[')
	w.path = append(w.path, pathStep{})
	defer func() { w.path = w.path[:len(w.path)-1] }()
	for k := range count {
		if k > 0 {
			w.buf = append(w.buf, ',')
		}
		w.path[len(w.path)-1].index = k
		start := len(w.buf)
		out := item(k)
		if out == wrote {
			continue
		}
		if nonNull {
			if out == isNull {
				w.fail(fault.New(fault.Conflict, "an element of the list must have a value by the model, but has none"))
			}
			return broken
		}
		if w.parts != nil && out == broken {
			w.parts.forget(w, start)
		}
		w.null(start)
	}
	w.buf = append(w.buf, ']')
	return wrote
}

// fail records an error at the current path.
func (w *writer) fail(err error) {
	if w.parts == nil || !w.parts.skim {
		w.x.report(newError(err, w.responsePath()))
	}
}

func (w *writer) responsePath() ast.Path {
	path := make(ast.Path, len(w.path))
	for i, s := range w.path {
		if s.name == "" {
			path[i] = ast.PathIndex(s.index)
		} else {
			path[i] = ast.PathName(s.name)
		}
	}
	return path
}

func (w *writer) value(v schema.Value) outcome {
	if v.IsNull() {
		return isNull
	}
	w.buf = v.AppendJSON(w.buf)
	return wrote
}

func (w *writer) text(s string) outcome {
	w.buf = schema.AppendJSONString(w.buf, s)
	return wrote
}

func (w *writer) bool(b bool) outcome {
	if b {
		w.buf = append(w.buf, "true"...)
	} else {
		w.buf = append(w.buf, "false"...)
	}
	return wrote
}

// constant writes the same bytes for every row.
func constant(json []byte) emit {
	return func(w *writer, _ *frame, _ int) outcome {
		w.buf = append(w.buf, json...)
		return wrote
	}
}

func constantText(s string) emit { return constant(schema.AppendJSONString(nil, s)) }

// column writes a stored value.
func column(c int) emit {
	return func(w *writer, f *frame, i int) outcome { return w.value(f.cell(c, i)) }
}
