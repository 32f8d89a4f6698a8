package rules

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"mereon/schema/expr"
)

// states reads the one of states, bands and map that is written; a set with none gives a scalar only.
func (c *compiler) states(raw *rawSet) {
	forms := 0
	if raw.States != nil {
		forms++
		c.statements(raw.States)
	}
	if raw.Bands != nil {
		forms++
		c.bands(raw.Bands)
	}
	if raw.Map != nil {
		forms++
		c.mapping(raw.Map)
	}
	at := &yaml.Node{Line: raw.Position.Line, Column: raw.Position.Column}
	switch {
	case forms > 1:
		c.problem(at, "a rule set has one of states, bands and map", "Split it into several rule sets.")
	case forms == 0 && raw.Scalar == nil:
		c.problem(at, "the rule set gives nothing", "Write states, bands, map or scalar.")
	}
}

func (c *compiler) statements(raw []rawState) {
	for i := range raw {
		s := &raw[i]
		if !given(&s.State) {
			continue
		}
		state, ok := c.identifier(&s.State, "state")
		if !ok {
			continue
		}
		out := statement{state: state, hold: s.Hold}
		if given(&s.When) {
			out.when = c.expr(&s.When, "when", expr.Truth)
		} else if i < len(raw)-1 {
			c.problem(&s.State, fmt.Sprintf("%s always holds, the states after it never do", state), "Write when: or move it to the end.")
		}
		if given(&s.Clear) {
			out.clear = c.expr(&s.Clear, "clear", expr.Truth)
		}
		c.checkStatement(s, &out)
		c.addState(state)
		c.set.statements = append(c.set.statements, out)
		c.set.holds = c.set.holds || out.hold > 0 || out.clear != nil
	}
	if n := len(raw); n > 0 && given(&raw[n-1].When) {
		c.warning(&raw[n-1].State, "an entity for which no condition holds has no state", "Add a last state without when:, such as {state: ok}.")
	}
}

func (c *compiler) checkStatement(s *rawState, out *statement) {
	if out.hold < 0 {
		c.problem(&s.State, "hold must not be negative", "")
	}
	if !given(&s.When) && (out.hold > 0 || given(&s.Clear)) {
		c.problem(&s.State, fmt.Sprintf("%s has hold or clear but no condition", out.state), "Write when: beside them.")
	}
}

func (c *compiler) addState(state string) {
	if !slices.Contains(c.set.States, state) {
		c.set.States = append(c.set.States, state)
	}
}

func (c *compiler) alarm(raw *rawAlarm) {
	a := &Alarm{Severity: "warning"}
	if len(raw.On) == 0 {
		return
	}
	for i := range raw.On {
		if state, ok := c.oneOf(&raw.On[i], "state", c.set.States); ok {
			a.On = append(a.On, state)
		}
	}
	if given(&raw.Severity) {
		if severity, ok := c.oneOf(&raw.Severity, "severity", Severities); ok {
			a.Severity = severity
		}
	}
	if given(&raw.Message) {
		a.Message, _ = c.text(&raw.Message, "message")
		c.set.message = c.compileMessage(&raw.Message, a.Message)
	}
	c.set.Alarm = a
}
