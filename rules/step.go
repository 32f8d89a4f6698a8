package rules

import (
	"math"
	"slices"
	"strings"
	"time"

	"mereon/schema"
)

// Running is the result of one rule set for one entity, and what the next step must remember. The zero Running is the
// start: nothing was evaluated yet. It is a value: Step never changes the one it is given.
type Running struct {
	State   string   // "" when unknown, an error, or no condition holds
	Scalar  *float64 // nil when the set has none or it is not known
	Missing []string // inputs and parameters without a value, when the state is unknown
	Err     string   // why evaluation failed, "" when it did not
	// Since is when the result became what it is; zero when no change was seen since the start.
	Since time.Time
	// Wake is when Step must be called again though no value changes, because a condition is being held. Zero: never.
	Wake time.Time

	known  bool // some state was known before
	band   int  // of a table with bands: the band the state came from, plus one
	latchs []latch
}

// latch remembers one statement with hold or clear.
type latch struct {
	active bool
	since  time.Time // since when the condition is true; zero: it is not
}

// Known says whether r has a state, as opposed to unknown, an error, or no state at all.
func (r Running) Known() bool { return r.State != "" }

// Step evaluates the set over values (one per parameter, then one per input; null when not known) at now. It is pure.
func (s *Set) Step(previous Running, values []schema.Value, now time.Time) Running {
	next := Running{known: previous.known, band: previous.band}
	switch {
	case s.table != nil && s.table.states == nil:
		s.stepBands(&next, values)
	case s.table != nil:
		s.stepMap(&next, values)
	default:
		s.stepStatements(&previous, &next, values, now)
	}
	s.stepScalar(&next, values)
	next.Since = previous.Since
	if next.State != previous.State || (next.Err == "") != (previous.Err == "") || (next.Missing == nil) != (previous.Missing == nil) {
		next.Since = time.Time{}
		if previous.known {
			next.Since = now
		}
	}
	next.known = previous.known || next.Known()
	return next
}

// stepStatements finds the first statement that holds. One that cannot be decided before it makes the result unknown, or an
// error: whether it holds matters.
func (s *Set) stepStatements(previous, next *Running, values []schema.Value, now time.Time) {
	if s.holds {
		next.latchs = make([]latch, len(s.statements))
		copy(next.latchs, previous.latchs)
	}
	decided := false
	for i := range s.statements {
		st := &s.statements[i]
		remembers := st.hold > 0 || st.clear != nil
		if decided && !remembers {
			continue
		}
		var o outcome
		if remembers {
			o = st.advance(&next.latchs[i], values, now)
			next.wakeAt(o.wake)
		} else {
			o = st.test(values)
		}
		if decided {
			continue
		}
		switch {
		case o.err != "":
			next.Err, decided = o.err, true
		case o.missing != nil:
			next.Missing, decided = s.names(o.missing), true
		case o.holds:
			next.State, decided = st.state, true
		}
	}
}

func (r *Running) wakeAt(t time.Time) {
	if !t.IsZero() && (r.Wake.IsZero() || t.Before(r.Wake)) {
		r.Wake = t
	}
}

// outcome is what one statement gave.
type outcome struct {
	holds   bool
	missing []schema.Path
	err     string
	wake    time.Time
}

func (c *condition) test(values []schema.Value) outcome {
	r := c.eval(values)
	if r.Err != nil {
		return outcome{err: r.Err.Error()}
	}
	return outcome{holds: r.Value.Bool(), missing: r.Missing}
}

func (st *statement) test(values []schema.Value) outcome {
	if st.when == nil {
		return outcome{holds: true}
	}
	return st.when.test(values)
}

// advance moves the latch of a statement with hold or clear. What is unknown leaves an active one as it was, and begins a
// hold anew: nobody knows that it was held.
func (st *statement) advance(l *latch, values []schema.Value, now time.Time) outcome {
	if l.active && st.clear != nil {
		o := st.clear.test(values)
		if o.err != "" || o.missing != nil || !o.holds {
			o.holds = true
			return o
		}
		*l = latch{}
	}
	o := st.test(values)
	switch {
	case o.err != "" || o.missing != nil:
		l.since = time.Time{}
		return o
	case !o.holds:
		*l = latch{}
		return o
	case l.active:
		return o
	case l.since.IsZero():
		l.since = now
	}
	if due := l.since.Add(st.hold); now.Before(due) {
		return outcome{wake: due}
	}
	l.active = true
	return o
}

// names turns what expressions read into names that the author knows.
func (s *Set) names(paths []schema.Path) []string {
	names := make([]string, len(paths))
	for i, p := range paths {
		names[i] = strings.TrimPrefix(string(p), "$")
	}
	slices.Sort(names)
	return names
}

func (s *Set) stepBands(next *Running, values []schema.Value) {
	x := values[s.table.slot].Float()
	if math.IsNaN(x) {
		next.Missing = []string{s.table.input}
		return
	}
	for i, b := range s.table.bands {
		bound := b.below
		if b.param >= 0 {
			bound = values[b.param].Float()
			if math.IsNaN(bound) {
				next.Missing = []string{s.Params[b.param].Name}
				return
			}
		}
		if next.band > i+1 {
			bound -= s.table.hysteresis
		}
		if b.last || x < bound {
			next.State, next.band = b.state, i+1
			return
		}
	}
}

func (s *Set) stepMap(next *Running, values []schema.Value) {
	v := values[s.table.slot]
	if v.IsNull() {
		next.Missing = []string{s.table.input}
		return
	}
	state, ok := s.table.states[mapKey(v)]
	if !ok {
		state = s.table.otherwise
	}
	next.State = state
}

func mapKey(v schema.Value) string {
	if k := v.Kind(); k == schema.StringValue || k == schema.DateValue {
		return v.Text()
	}
	return Display(v)
}

func (s *Set) stepScalar(next *Running, values []schema.Value) {
	if s.scalar == nil {
		return
	}
	var x float64
	if s.scalar.value != nil {
		r := s.scalar.value.eval(values)
		if !r.Known() {
			return
		}
		x = r.Value.Float()
	} else {
		x = (values[s.scalar.slot].Float() - s.scalar.from) / (s.scalar.to - s.scalar.from)
		x = min(max(x, 0), 1)
	}
	if !math.IsNaN(x) {
		next.Scalar = &x
	}
}
