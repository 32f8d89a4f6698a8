package query

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// parts is what a writer keeps while an answer is delivered in parts.
type parts struct {
	late   uint64         // bits of all deferrals that are wanted
	later  bool           // the first part was read
	places map[int]*place // announced and not delivered, by id
	fresh  []*place       // announced since announced was called, in the order of the answer
	next   int            // id
	nulled []ast.Path     // what null propagation took away
	// while a deferral is written:
	of     *deferral
	before uint64 // guard bits of what was delivered before
	skim   bool   // nothing is written, the way to the places is walked
	anchor *place // the innermost place on the way
	part   *Part
}

// place is a deferred fragment at one place of the answer.
type place struct {
	of     *deferral
	id     int
	path   ast.Path
	at     int // where its object begins in the buffer, while it is written
	failed []*Error
	broken bool
}

// announced numbers the places that were met since the last time.
func (q *parts) announced() []Pending {
	var list []Pending
	for _, one := range q.fresh {
		one.id = q.next
		q.next++
		if q.places == nil {
			q.places = map[int]*place{}
		}
		q.places[one.id] = one
		list = append(list, Pending{one.id, one.of.label, one.path})
	}
	q.fresh = nil
	return list
}

// meet notes the deferrals that begin at an object that is written now.
func (w *writer) meet(fields []outField) {
	q, mine := w.parts, len(w.parts.fresh)
	for k := range fields {
		for _, of := range fields[k].anchors {
			if of.late&q.late == 0 || of.late&w.x.guards != 0 || of.enclosing&^w.x.guards != 0 {
				continue
			}
			if q.of != nil && of.enclosing&q.of.late == 0 {
				continue // it was announced before
			}
			if !slices.ContainsFunc(q.fresh[mine:], func(p *place) bool { return p.of == of }) {
				q.fresh = append(q.fresh, &place{of: of, path: w.responsePath(), at: len(w.buf)})
			}
		}
	}
}

// forget drops the places of what null propagation takes away, at the writer's path.
func (q *parts) forget(w *writer, start int) {
	if q.skim {
		return
	}
	q.fresh = slices.DeleteFunc(q.fresh, func(p *place) bool { return p.at >= start })
	q.nulled = append(q.nulled, w.responsePath())
}

func (q *parts) isNulled(path ast.Path) bool {
	return slices.ContainsFunc(q.nulled, func(n ast.Path) bool { return hasPath(path, n) })
}

func hasPath(path, prefix ast.Path) bool {
	return len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}

// placeOf returns where the deferral that is written was announced for the object at path.
func (q *parts) placeOf(path ast.Path) *place {
	for _, one := range q.places {
		if one.of == q.of && slices.Equal(one.path, path) {
			return one
		}
	}
	return nil
}

// writeLate writes the fields of a deferral at all places where it was announced. given are the bits delivered before.
func (x *execution) writeLate(of *deferral, given uint64) Part {
	w, q := &x.w, x.w.parts
	part := Part{}
	q.of, q.before, q.skim, q.anchor, q.part = of, given, true, nil, &part
	w.buf, w.path = w.buf[:0], w.path[:0]
	w.skim(x.plan.fields, rootFrame, 0)
	q.skim = false
	part.Pending = q.announced()
	var ids []int
	for id, one := range q.places {
		if one.of == of {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		part.Done = append(part.Done, Done{ID: id, Errors: q.places[id].failed})
		delete(q.places, id)
	}
	if n := len(part.Items); n > 0 {
		part.Items[n-1].Errors = append(part.Items[n-1].Errors, x.failuresLeft(len(q.places) == 0)...)
	}
	return part
}

// skim walks over an object that was delivered, to what is new at it or below it.
func (w *writer) skim(fields []outField, f *frame, i int) outcome {
	q := w.parts
	path := w.responsePath()
	if q.isNulled(path) {
		return wrote
	}
	outer := q.anchor
	defer func() { q.anchor = outer }()
	fresh, begins := false, false
	for k := range fields {
		fresh = fresh || fields[k].isNew(w.x.guards, q.before)
		begins = begins || slices.Contains(fields[k].anchors, q.of)
	}
	if one := (*place)(nil); begins {
		if one = q.placeOf(path); one != nil {
			q.anchor = one
		}
		begins = one != nil
	}
	switch {
	case q.anchor == nil || q.anchor.broken:
	case fresh:
		w.late(fields, f, i, path)
	case begins:
		w.meet(fields) // nothing but what is deferred again
	}
	for k := range fields {
		fd := &fields[k]
		if fd.inner&q.of.late != 0 && fd.held(q.before) {
			start := len(w.buf)
			w.path = append(w.path, pathStep{name: fd.name})
			fd.emit(w, f, i)
			w.path = w.path[:len(w.path)-1]
			w.buf = w.buf[:start]
		}
	}
	return wrote
}

func (fd *outField) held(bits uint64) bool { return fd.guards == nil || fd.guards.hold(bits) }

func (fd *outField) isNew(now, before uint64) bool {
	return fd.guards != nil && fd.guards.hold(now) && !fd.guards.hold(before)
}

// late writes the fields of an object that are new.
func (w *writer) late(fields []outField, f *frame, i int, path ast.Path) {
	q := w.parts
	q.skim = false
	start, first, out := len(w.buf), true, wrote
	w.meet(fields)
	w.buf = append(w.buf, '{')
	order := w.sequenceOf(fields)
	for k := range fields {
		fd := &fields[k]
		if order != nil {
			fd = &fields[order[k]]
		}
		if !fd.isNew(w.x.guards, q.before) {
			continue
		}
		if !first {
			w.buf = append(w.buf, ',')
		}
		first = false
		w.buf = append(w.buf, fd.key...)
		if out = w.field(fd, f, i); out == broken {
			break
		}
	}
	one := q.anchor
	item := Item{ID: one.id, Label: one.of.label, Path: path, Sub: path[len(one.path):], Errors: w.x.takeErrorsWithFailures()}
	if out == broken {
		q.fresh = slices.DeleteFunc(q.fresh, func(p *place) bool { return p.at >= start })
		one.broken, one.failed = true, append(one.failed, item.Errors...)
	} else {
		item.Data = append(append([]byte(nil), w.buf[start:]...), '}')
	}
	q.part.Items = append(q.part.Items, item)
	w.buf, q.skim = w.buf[:start], true
}

// takeErrorsWithFailures returns the errors since the last time, with those of sources that have found their place.
func (x *execution) takeErrorsWithFailures() []*Error {
	errors := x.takeErrors()
	r := &x.tally
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.failures {
		if f.placed && !f.told {
			f.told = true
			errors = append(errors, f.error())
		}
	}
	return errors
}

// failuresLeft returns the errors of sources that no value shows.
func (x *execution) failuresLeft(all bool) []*Error {
	r := &x.tally
	r.mu.Lock()
	defer r.mu.Unlock()
	var errors []*Error
	for _, f := range r.failures {
		if f.told || !f.placed && f.undecided == nil && !all {
			continue
		}
		if !f.placed {
			f.path = f.undecided
		}
		f.told = true
		errors = append(errors, f.error())
	}
	return errors
}
