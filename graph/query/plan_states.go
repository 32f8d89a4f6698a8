package query

import (
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
)

// states plans the results of rules: asked for all entities of a wave in one call.
func (p *planner) states(lv *level, m merged) emit {
	lv.column(graph.ColumnID)
	for _, mask := range m.guards {
		lv.states = lv.states.or(mask)
	}
	write := p.stateWriter(m)
	return func(w *writer, f *frame, i int) outcome {
		if f.statesErr != nil {
			w.fail(f.statesErr)
			return broken
		}
		var list []State
		if i < len(f.states) {
			list = f.states[i]
		}
		return w.list(len(list), true, func(k int) outcome { return write(w, &list[k]) })
	}
}

// askStates asks for the states of every entity of the levels in one call.
func (x *execution) askStates(levels []*level) {
	started := time.Now()
	var ids []graph.EntityID
	for _, lv := range levels {
		f := x.frames[lv.id]
		id := f.columnOf(graph.ColumnID)
		for i := range f.n {
			ids = append(ids, graph.EntityID(f.cell(id, i).Text()))
		}
	}
	answers, err := x.engine.states.States(x.ctx, ids)
	for _, lv := range levels {
		f := x.frames[lv.id]
		if err != nil {
			f.statesErr = x.told(err)
			continue
		}
		f.states, answers = answers[:f.n], answers[f.n:]
	}
	x.tally.statesStep(levels[0], len(ids), started)
}

// part writes one field of a value that is no row.
type part[T any] func(w *writer, v *T) outcome

// objectOf plans an object whose fields are parts of T.
func objectOf[T any](p *planner, m merged, of func(p *planner, m merged) part[T]) part[T] {
	var fields []outField
	var parts []part[T]
	for _, s := range merge(p.whole(m.uses)) {
		fields, parts = append(fields, p.outField(s, nil)), append(parts, of(p, s))
	}
	return func(w *writer, v *T) outcome {
		w.buf = append(w.buf, '{')
		first := true
		order := w.sequenceOf(fields)
		for k := range fields {
			if order != nil {
				k = order[k]
			}
			fd := &fields[k]
			if fd.guards != nil && !fd.guards.hold(w.x.guards) {
				continue
			}
			if !first {
				w.buf = append(w.buf, ',')
			}
			first = false
			w.buf = append(w.buf, fd.key...)
			bound := *fd
			bound.emit = func(w *writer, _ *frame, _ int) outcome { return parts[k](w, v) }
			if w.field(&bound, nil, 0) == broken {
				return broken
			}
		}
		w.buf = append(w.buf, '}')
		return wrote
	}
}

// listOfParts writes a list of objects.
func listOfParts[T any](w *writer, list []T, item part[T]) outcome {
	return w.list(len(list), true, func(k int) outcome { return item(w, &list[k]) })
}

func (p *planner) stateWriter(m merged) part[State] { return objectOf(p, m, statePart) }

func statePart(p *planner, m merged) part[State] {
	switch m.field.Name {
	case "ruleSet":
		return func(w *writer, s *State) outcome { return w.text(s.RuleSet) }
	case "state":
		return func(w *writer, s *State) outcome { return w.optional(s.State) }
	case "scalar":
		return func(w *writer, s *State) outcome {
			if s.Scalar == nil {
				return isNull
			}
			return w.value(schema.FloatOf(*s.Scalar))
		}
	case "since":
		return func(w *writer, s *State) outcome { return w.time(s.Since) }
	case "unknown":
		return func(w *writer, s *State) outcome {
			return w.list(len(s.Unknown), true, func(k int) outcome { return w.text(s.Unknown[k]) })
		}
	case "error":
		return func(w *writer, s *State) outcome { return w.optional(s.Error) }
	case "severity":
		return func(w *writer, s *State) outcome { return w.severity(s.Severity) }
	case "message":
		return func(w *writer, s *State) outcome { return w.optional(s.Message) }
	case "inputs":
		item := objectOf(p, m, inputPart)
		return func(w *writer, s *State) outcome { return listOfParts(w, s.Inputs, item) }
	case "steps":
		item := objectOf(p, m, stepPart)
		return func(w *writer, s *State) outcome { return listOfParts(w, s.Steps, item) }
	}
	return typenamePart[State](m)
}

func typenamePart[T any](m merged) part[T] {
	name := typenameOf(m.field)
	return func(w *writer, _ *T) outcome { return w.text(name) }
}

func inputPart(_ *planner, m merged) part[Input] {
	switch m.field.Name {
	case "name":
		return func(w *writer, s *Input) outcome { return w.text(s.Name) }
	case "path":
		return func(w *writer, s *Input) outcome { return w.text(s.Path) }
	case "value":
		return func(w *writer, s *Input) outcome { return w.value(s.Value) }
	case "unit":
		return func(w *writer, s *Input) outcome { return w.optional(s.Unit) }
	case "time":
		return func(w *writer, s *Input) outcome { return w.time(s.Time) }
	case "status":
		return func(w *writer, s *Input) outcome {
			if s.Status == "" {
				return w.text(string(connectors.OK))
			}
			return w.text(s.Status)
		}
	}
	return typenamePart[Input](m)
}

func stepPart(_ *planner, m merged) part[Step] {
	switch m.field.Name {
	case "state":
		return func(w *writer, s *Step) outcome { return w.text(s.State) }
	case "when":
		return func(w *writer, s *Step) outcome { return w.text(s.When) }
	case "result":
		return func(w *writer, s *Step) outcome { return w.text(s.Result) }
	case "winner":
		return func(w *writer, s *Step) outcome { return w.bool(s.Winner) }
	case "holding":
		return func(w *writer, s *Step) outcome {
			if s.Holding == 0 {
				return isNull
			}
			start := len(w.buf)
			w.value(schema.DurationOf(s.Holding))
			w.volatile = append(w.volatile, start, len(w.buf))
			return wrote
		}
	}
	return typenamePart[Step](m)
}

// severity writes the enum value of a severity as rules name it.
func (w *writer) severity(s string) outcome {
	switch s {
	case "critical":
		return w.text("CRITICAL")
	case "warning":
		return w.text("WARNING")
	case "info":
		return w.text("INFO")
	}
	return isNull
}
