package query

import (
	"mereon/connectors"
	"mereon/schema"
	"mereon/schema/expr"
)

// federated returns the live or computed value at path of row i, from what was read.
func (x *execution) federated(f *frame, path schema.Path, i int) liveCell {
	if !f.present(i) {
		return *unasked
	}
	t := f.typeOf(i)
	if x.engine.catalog.sources[sourceKey{t, path}] != nil {
		if c := f.findLive(path); c != nil && c.cells[i].status != "" {
			return c.cells[i]
		}
		return *unasked
	}
	program := x.engine.catalog.programs[sourceKey{t, path}]
	if program == nil {
		return liveCell{status: connectors.Unsupported, quality: connectors.Bad, why: string(t) + " has no property " + string(path)}
	}
	known := f.computedColumn(path)
	if known.cells[i].status == "" {
		known.cells[i] = x.evaluate(f, i, t, program)
	}
	return known.cells[i]
}

// computedColumn keeps what was computed, since value, status and time of one property are written one by one.
func (f *frame) computedColumn(path schema.Path) *liveColumn {
	for _, c := range f.computed {
		if c.path == path {
			return c
		}
	}
	c := &liveColumn{path, make([]liveCell, f.n)}
	f.computed = append(f.computed, c)
	return c
}

func (f *frame) findLive(path schema.Path) *liveColumn {
	for _, c := range f.live {
		if c != nil && c.path == path {
			return c
		}
	}
	for _, c := range f.extra {
		if c.path == path {
			return c
		}
	}
	return nil
}

// evaluate computes an expression over the values of row i. A value that is not known makes the result unknown, unless the
// expression does not need it.
func (x *execution) evaluate(f *frame, i int, t schema.TypeName, p *expr.Program) liveCell {
	reads := p.Reads()
	values := make([]schema.Value, len(reads))
	s := summary{liveCell{status: connectors.OK, quality: connectors.Good}}
	for k, path := range reads {
		if property, ok := x.engine.catalog.model.Property(t, path); ok && property.Kind != schema.Static {
			c := x.federated(f, path, i)
			s.add(c)
			values[k] = c.value
		} else if c := f.columnOf(path); c >= 0 {
			values[k] = f.cell(c, i)
		}
	}
	r := p.Eval(values)
	switch {
	case r.Err != nil:
		s.cell.status, s.cell.quality, s.cell.why = connectors.BadData, connectors.Bad, r.Err.Error()
	case len(r.Missing) > 0:
		s.cell.quality = connectors.Bad
		if badness(s.cell.status) < 2 {
			s.cell.status, s.cell.why = connectors.NotBound, string(r.Missing[0])+" has no value"
		}
	case badness(s.cell.status) == 2: // what failed was not needed
		s.cell.status, s.cell.why, s.cell.connector = connectors.OK, "", ""
		fallthrough
	default:
		s.cell.value = r.Value
	}
	return s.cell
}

// summary is what a computed value takes over from its inputs: the oldest time, the worst quality and status.
type summary struct {
	cell liveCell
}

func (s *summary) add(c liveCell) {
	if !c.time.IsZero() && (s.cell.time.IsZero() || c.time.Before(s.cell.time)) {
		s.cell.time, s.cell.age = c.time, c.age
	}
	if badness(c.status) > badness(s.cell.status) {
		s.cell.status, s.cell.why, s.cell.connector = c.status, c.why, c.connector
	}
	if qualityRank(c.quality) > qualityRank(s.cell.quality) {
		s.cell.quality = c.quality
	}
}

func badness(s connectors.Status) int {
	switch s {
	case "", connectors.OK:
		return 0
	case connectors.Stale:
		return 1
	}
	return 2
}

func qualityRank(q connectors.Quality) int {
	switch q {
	case connectors.Bad:
		return 2
	case connectors.Uncertain:
		return 1
	}
	return 0
}
