package live

import (
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/rules"
	"mereon/schema"
	"mereon/schema/expr"
)

// countState is one count: what of, by which values, and the newest answer.
type countState struct {
	count   *rules.Count
	values  []schema.Value // of the join's own side
	reading reading
	asked   bool
}

// countSet counts neighbours from time to time, everything of one kind in one question.
type countSet struct {
	cells   map[*cell]struct{}
	due     time.Time // when all are read again
	waiting bool      // some were never asked for
	running bool
}

func (s *countSet) put(c *cell, state *countState) {
	if s.cells == nil {
		s.cells = map[*cell]struct{}{}
	}
	state.reading = pending()
	if c.count != nil {
		state.reading = c.count.reading
	}
	c.count = state
	s.cells[c] = struct{}{}
	s.waiting = true
}

func (s *countSet) remove(c *cell) { delete(s.cells, c) }

// countJob is one question: the same neighbours, for many cells.
type countJob struct {
	count  *rules.Count
	cells  []*cell
	values [][]schema.Value
	ids    []graph.EntityID
	out    []reading
}

// begin asks for what was never asked, and for everything when it is time; the answers come with a later tick.
func (s *countSet) begin(h *Hub, now time.Time) {
	all := !now.Before(s.due)
	if s.running || len(s.cells) == 0 || !all && !s.waiting || h.ctx.Err() != nil {
		return
	}
	if all {
		s.due = now.Add(h.options.CountEvery)
		h.timers.add(s.due, nil)
	}
	s.running, s.waiting = true, false
	byCount := map[*rules.Count]*countJob{}
	for c := range s.cells {
		if c.count.asked && !all {
			continue
		}
		c.count.asked = true
		job := byCount[c.count.count]
		if job == nil {
			job = &countJob{count: c.count.count}
			byCount[job.count] = job
		}
		job.cells = append(job.cells, c)
		job.values = append(job.values, c.count.values)
		job.ids = append(job.ids, c.key.entity)
	}
	h.tasks.Go(func() { h.countAll(byCount) })
}

func (h *Hub) countAll(jobs map[*rules.Count]*countJob) {
	for _, job := range jobs {
		job.out = make([]reading, len(job.cells))
		if job.count.Join != nil {
			h.countRecords(job)
		} else {
			h.countRelated(job)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts.running = false
	for _, job := range jobs {
		for i, c := range job.cells {
			if !c.lost && c.kind == countedCell && c.count.count == job.count {
				c.count.reading = job.out[i]
				h.mark(c)
			}
		}
	}
	h.ring()
}

// countRecords asks the connector once for the rows of all cells; a null in the key matches nothing.
func (h *Hub) countRecords(job *countJob) {
	join, record := job.count.Join, job.count.Record
	want := connectors.Want{Kind: connectors.Records, Collection: record.Collection, Columns: []string{string(join.On[0].Theirs)}, PerKey: maxCounted}
	for _, pair := range join.On {
		want.KeyColumns = append(want.KeyColumns, string(pair.Theirs))
	}
	if where := job.count.Where; where != nil && len(where.Reads()) > 0 {
		want.Columns = want.Columns[:0]
		for _, p := range where.Reads() {
			want.Columns = append(want.Columns, string(p))
		}
	}
	var keys []connectors.Key
	var cells []int
	for i, values := range job.values {
		job.out[i] = reading{value: schema.FloatOf(0), status: connectors.OK}
		if !anyNull(values) {
			keys, cells = append(keys, connectors.Key{Values: values}), append(cells, i)
		}
	}
	if len(keys) == 0 {
		return
	}
	now := h.options.Source.Now(record.Connector)
	answer := h.options.Source.Records(h.ctx, record.Connector, keys, want)
	for k, i := range cells {
		job.out[i] = countedRows(&answer.Results[k], len(want.Columns), job.count.Where)
		job.out[i].time = now
	}
}

// maxCounted bounds the rows read for one count; a larger count is told as this many.
const maxCounted = 10_000

func anyNull(values []schema.Value) bool {
	for _, v := range values {
		if v.IsNull() {
			return true
		}
	}
	return false
}

func countedRows(rows *connectors.Rows, width int, where *expr.Program) reading {
	switch rows.Status {
	case connectors.OK, connectors.Empty, "":
	default:
		return reading{status: rows.Status, why: rows.Why}
	}
	n := 0
	for i := range rows.Count {
		if holds(where, rows.Cells[i*width:(i+1)*width]) {
			n++
		}
	}
	return reading{value: schema.FloatOf(float64(n)), status: connectors.OK, quality: connectors.Good}
}

func holds(where *expr.Program, cells []schema.Value) bool {
	if where == nil {
		return true
	}
	r := where.Eval(cells[:len(where.Reads())])
	return r.Known() && r.Value.Bool()
}

// countRelated counts entities at the other end of a relationship, all cells in one expansion.
func (h *Hub) countRelated(job *countJob) {
	fail := func(err error) {
		for i := range job.out {
			job.out[i] = reading{status: connectors.Unavailable, why: err.Error()}
		}
	}
	view, err := h.options.Store.View(h.ctx)
	if err != nil {
		fail(err)
		return
	}
	defer view.Close()
	starts, err := view.Lookup(h.ctx, job.ids, nil)
	if err != nil {
		fail(err)
		return
	}
	columns := []schema.Path{graph.ColumnID}
	if job.count.Where != nil {
		columns = job.count.Where.Reads()
	}
	rel := job.count.Relationship
	var from []graph.Row
	var cells []int
	for i, row := range starts.Rows {
		job.out[i] = reading{value: schema.FloatOf(0), status: connectors.OK}
		if row != graph.NoRow {
			from, cells = append(from, row), append(cells, i)
		}
	}
	batch, err := view.Expand(h.ctx, graph.Expansion{From: from, Steps: []graph.Step{stepOf(rules.Hop{Relation: rel.Relation.Name, Inverse: rel.Inverse})},
		Page: graph.Page{All: true}, Columns: columns})
	if err != nil {
		fail(err)
		return
	}
	row := make([]schema.Value, len(columns))
	for g, i := range cells {
		first, last := batch.Group(g)
		n := 0
		for r := first; r < last; r++ {
			for c := range columns {
				row[c] = batch.Cell(c, r)
			}
			if holds(job.count.Where, row) {
				n++
			}
		}
		job.out[i].value = schema.FloatOf(float64(n))
	}
}
