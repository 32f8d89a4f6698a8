package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mereon/schema"
)

// Explained is one statement of a set and what it gave.
type Explained struct {
	State   string
	When    string        // as written; "" for always
	Result  string        // true, false, unknown or error
	Why     string        // what is missing, or the error
	Winner  bool          // its state is the result
	Holding time.Duration // how long the condition has been true of its hold time, when it has one
}

// Explain says statement by statement why running, the result of the last Step over values, is what it is.
func (s *Set) Explain(running Running, values []schema.Value, now time.Time) []Explained {
	var out []Explained
	switch {
	case s.table != nil && s.table.states != nil:
		out = s.explainMap(values)
	case s.table != nil:
		out = s.explainBands(values)
	default:
		out = s.explainStatements(running, values, now)
	}
	markWinner(out, running)
	return out
}

// markWinner marks the first statement that is true and gives the result; with hysteresis the band itself may not be.
func markWinner(out []Explained, running Running) {
	for _, mustBeTrue := range []bool{true, false} {
		for i := range out {
			if running.State != "" && out[i].State == running.State && (out[i].Result == "true" || !mustBeTrue) {
				out[i].Winner = true
				return
			}
		}
	}
}

func (s *Set) explainStatements(running Running, values []schema.Value, now time.Time) []Explained {
	out := make([]Explained, len(s.statements))
	for i := range s.statements {
		st := &s.statements[i]
		e := Explained{State: st.state}
		if st.when != nil {
			e.When = st.when.program.Text()
		}
		o := st.test(values)
		if i < len(running.latchs) {
			l := running.latchs[i]
			if !l.since.IsZero() && st.hold > 0 {
				e.Holding = now.Sub(l.since)
			}
			if remembers := st.hold > 0 || st.clear != nil; remembers && o.err == "" && o.missing == nil {
				o.holds = l.active
			}
			if l.active && st.clear != nil {
				e.Why = "holds until " + st.clear.program.Text()
			}
		}
		s.fill(&e, o)
		out[i] = e
	}
	return out
}

func (s *Set) fill(e *Explained, o outcome) {
	switch {
	case o.err != "":
		e.Result, e.Why = "error", o.err
	case o.missing != nil:
		e.Result, e.Why = "unknown", "missing "+strings.Join(s.names(o.missing), ", ")
	default:
		e.Result = fmt.Sprint(o.holds)
	}
}

func (s *Set) explainBands(values []schema.Value) []Explained {
	var running Running
	s.stepBands(&running, values)
	out := make([]Explained, len(s.table.bands))
	for i, b := range s.table.bands {
		e := Explained{State: b.state, Result: "unknown"}
		switch {
		case b.param >= 0:
			e.When = fmt.Sprintf("%s < %s", s.table.input, s.Params[b.param].Name)
		case !b.last:
			e.When = fmt.Sprintf("%s < %v", s.table.input, b.below)
		}
		if running.Missing == nil {
			x := values[s.table.slot].Float()
			bound := b.below
			if b.param >= 0 {
				bound = values[b.param].Float()
			}
			e.Result = fmt.Sprint(b.last || x < bound)
		}
		out[i] = e
	}
	return out
}

func (s *Set) explainMap(values []schema.Value) []Explained {
	v := values[s.table.slot]
	keys := make([]string, 0, len(s.table.states))
	for k := range s.table.states {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var out []Explained
	for _, k := range keys {
		e := Explained{State: s.table.states[k], When: fmt.Sprintf("%s is %s", s.table.input, k), Result: "unknown"}
		if !v.IsNull() {
			e.Result = fmt.Sprint(mapKey(v) == k)
		}
		out = append(out, e)
	}
	if s.table.otherwise != "" {
		e := Explained{State: s.table.otherwise, Result: "unknown"}
		if !v.IsNull() {
			e.Result = "true"
		}
		out = append(out, e)
	}
	return out
}
