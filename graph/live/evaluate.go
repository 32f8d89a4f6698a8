package live

import (
	"strings"
	"time"

	"mereon/connectors"
	"mereon/graph/query"
	"mereon/rules"
	"mereon/schema"
)

// receive takes what arrived from sources.
func (h *Hub) receive(now time.Time) {
	h.series.begin(h)
	for key, r := range h.inbox.take() {
		if c := h.cells[cellKey{series: key}]; c != nil {
			c.series.raw, c.series.known = r, true
			h.mark(c)
		}
	}
}

// evaluate computes everything that is queued, from the sources upwards, each cell once.
func (h *Hub) evaluate(now time.Time) {
	for level := range h.dirty {
		for i := 0; i < len(h.dirty[level]); i++ {
			c := h.dirty[level][i]
			if !c.queued || c.level != level || c.lost {
				continue
			}
			c.queued = false
			if c.solved {
				h.compute(c, now)
			}
		}
		clear(h.dirty[level])
		h.dirty[level] = h.dirty[level][:0]
	}
	h.series.begin(h)
}

// compute finds the cell's reading anew and, when it changed, queues those who use it and notes it for those who watch.
func (h *Hub) compute(c *cell, now time.Time) {
	if !h.refresh(c, now) {
		return
	}
	for _, u := range c.users {
		h.mark(u)
	}
	if c.kind == ruleCell {
		h.told(c)
	}
	for _, w := range c.watches {
		if w.state != nil {
			w.state.note(c.key.entity)
		} else {
			w.watch.note(w.index)
		}
	}
}

// refresh says whether the cell's reading changed. A newer time alone is a change of a value, but not of a state.
func (h *Hub) refresh(c *cell, now time.Time) bool {
	old := c.reading
	switch c.kind {
	case seriesCell:
		return true
	case ruleCell:
		return h.step(c, now)
	case storedCell:
		c.reading = h.stored(c)
	case liveCell:
		c.reading = h.judged(c, now)
	case computedCell:
		c.reading = h.result(c)
	case routedCell:
		c.reading = routed(c)
	case countedCell:
		c.reading = c.count.reading
	case brokenCell:
		c.reading = reading{status: connectors.NotFound, why: c.property.why}
	}
	return !c.reading.same(&old)
}

func (h *Hub) stored(c *cell) reading {
	v := h.records[c.key.entity].columns[c.key.path]
	out := reading{value: v, status: connectors.OK}
	if c.property.property != nil {
		out.unit = c.property.property.Unit
	}
	if v.IsNull() {
		out.status, out.why = connectors.Empty, "no value is stored"
	}
	return out
}

// judged is a series by the rules of the model: type, unit and age.
func (h *Hub) judged(c *cell, now time.Time) reading {
	p := c.property.property
	out := reading{unit: p.Unit, status: connectors.NotBound, quality: connectors.Bad, why: c.property.why}
	if len(c.deps) == 0 {
		return out
	}
	series := c.deps[0].series
	if !series.known {
		return pending()
	}
	raw := series.raw
	out.time, out.quality, out.status, out.why = raw.Time, raw.Quality, raw.Status, raw.Why
	if out.quality == "" {
		out.quality = connectors.Good
	}
	if out.status == "" {
		out.status = connectors.OK
	}
	if out.status != connectors.OK && out.status != connectors.Stale {
		out.quality = connectors.Bad
		return out
	}
	v, err := query.Measured(h.model, raw.Value, raw.Unit, p)
	if err != nil {
		out.status, out.quality, out.why = connectors.BadData, connectors.Bad, err.Error()
		return out
	}
	out.value = v
	h.age(c, &out, raw.Stale, now)
	return out
}

// age makes a value stale whose time has come, and comes back when it will.
func (h *Hub) age(c *cell, out *reading, connector time.Duration, now time.Time) {
	limit := c.property.limit(connector)
	if limit <= 0 || out.status != connectors.OK {
		return
	}
	age := h.options.Source.Now(c.deps[0].key.series.connector).Sub(out.time)
	if age > limit {
		out.status, out.why = connectors.Stale, "older than "+limit.String()
		return
	}
	h.wakeAt(c, now.Add(max(limit-age+time.Millisecond, minimalWait)))
}

// minimalWait keeps a clock that stands still from being looked at all the time.
const minimalWait = 50 * time.Millisecond

func routed(c *cell) reading {
	if len(c.deps) == 0 {
		return reading{status: connectors.Empty, why: c.property.hop.Relation + " has no target"}
	}
	return c.deps[0].reading
}

// result is a computed property: of stale values it is stale, of the oldest time and the worst quality among them.
func (h *Hub) result(c *cell) reading {
	h.counter.Evaluations++
	values := make([]schema.Value, len(c.deps))
	out := reading{unit: c.property.property.Unit, status: connectors.OK, quality: connectors.Good}
	for i, d := range c.deps {
		values[i] = d.value
		if d.kind != storedCell {
			out.inherit(&d.reading)
		}
	}
	r := c.property.program.Eval(values)
	switch {
	case r.Err != nil:
		out.status, out.why = connectors.BadData, r.Err.Error()
	case len(r.Missing) > 0:
		if badness(out.status) < 2 {
			out.status, out.why = connectors.NotBound, string(r.Missing[0])+" has no value"
		}
	default:
		out.value = r.Value
		if badness(out.status) == 2 { // what failed was not needed
			out.status, out.why = connectors.OK, ""
		}
		return out
	}
	out.quality = connectors.Bad
	return out
}

// inherit takes the oldest time, the worst quality and the worst status of what a computed value is made from.
func (r *reading) inherit(input *reading) {
	if !input.time.IsZero() && (r.time.IsZero() || input.time.Before(r.time)) {
		r.time = input.time
	}
	if rank(input.quality) > rank(r.quality) {
		r.quality = input.quality
	}
	if badness(input.status) > badness(r.status) {
		r.status, r.why = input.status, input.why
	}
}

func badness(s connectors.Status) int {
	switch s {
	case connectors.OK:
		return 0
	case connectors.Stale:
		return 1
	}
	return 2
}

// add takes the newest time and the worst quality of the inputs of a rule set.
func (r *reading) add(input *reading) {
	if input.time.After(r.time) {
		r.time = input.time
	}
	if rank(input.quality) > rank(r.quality) {
		r.quality = input.quality
	}
}

func rank(q connectors.Quality) int {
	switch q {
	case connectors.Good:
		return 1
	case connectors.Uncertain:
		return 2
	case connectors.Bad:
		return 3
	}
	return 0
}

func missingStatus(r *reading) connectors.Status {
	if r.status == connectors.OK {
		return connectors.BadData
	}
	return r.status
}

func missingWhy(name string, r *reading) string {
	if r.why == "" {
		return name + " is " + string(r.status)
	}
	return name + ": " + r.why
}

// step runs the rule set once and says whether its result changed.
func (h *Hub) step(c *cell, now time.Time) bool {
	h.counter.Evaluations++
	s := c.rule
	s.values = append(append(s.values[:0], s.params...), make([]schema.Value, len(c.deps))...)
	out := reading{status: connectors.OK}
	for i, d := range c.deps {
		s.values[len(s.params)+i] = d.usable()
		out.add(&d.reading)
	}
	old := s.running
	s.running = s.set.Step(old, s.values, now)
	if !s.running.Wake.IsZero() {
		h.wakeAt(c, s.running.Wake)
	}
	switch {
	case s.problem != "":
		out.status, out.why = connectors.BadData, s.problem
	case s.running.Err != "":
		out.status, out.why = connectors.BadData, s.running.Err
	case len(s.running.Missing) > 0:
		out.status, out.why = s.missing(c)
	}
	changed := !sameResult(&old, &s.running) || out.status != c.status || out.quality != c.quality || out.why != c.why
	c.reading = out
	h.raise(c)
	return changed
}

// missing is the status of the first input that a result lacks.
func (s *ruleState) missing(c *cell) (connectors.Status, string) {
	name := s.running.Missing[0]
	for i, in := range s.set.Inputs {
		if in.Name == name {
			return missingStatus(&c.deps[i].reading), missingWhy(name, &c.deps[i].reading)
		}
	}
	return connectors.Empty, "the parameter " + strings.TrimPrefix(name, "$") + " has no value"
}

func sameResult(a, b *rules.Running) bool {
	if (a.Scalar == nil) != (b.Scalar == nil) || a.Scalar != nil && *a.Scalar != *b.Scalar {
		return false
	}
	return a.State == b.State && a.Err == b.Err && a.Since.Equal(b.Since)
}
