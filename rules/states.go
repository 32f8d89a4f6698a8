package rules

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"mereon/schema/document"
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
		c.Wrong(at, "Split it into several rule sets.", "a rule set has one of states, bands and map")
	case forms == 0 && raw.Scalar == nil:
		c.Wrong(at, "Write states, bands, map or scalar.", "the rule set gives nothing")
	}
}

func (c *compiler) statements(raw []rawState) {
	for i := range raw {
		s := &raw[i]
		if !document.Given(&s.State) {
			continue
		}
		state, ok := c.identifier(&s.State, "state")
		if !ok {
			continue
		}
		out := statement{state: state, hold: s.Hold}
		if document.Given(&s.When) {
			out.when = c.expr(&s.When, "when", expr.Truth)
		} else if i < len(raw)-1 {
			c.Wrong(&s.State, "Write when: or move it to the end.", "%s always holds, the states after it never do", state)
		}
		if document.Given(&s.Clear) {
			out.clear = c.expr(&s.Clear, "clear", expr.Truth)
		}
		c.checkStatement(s, &out)
		c.addState(state)
		c.set.statements = append(c.set.statements, out)
		c.set.holds = c.set.holds || out.hold > 0 || out.clear != nil
	}
	if n := len(raw); n > 0 && document.Given(&raw[n-1].When) {
		c.Warn(&raw[n-1].State, "Add a last state without when:, such as {state: ok}.", "an entity for which no condition holds has no state")
	}
}

func (c *compiler) checkStatement(s *rawState, out *statement) {
	if !document.Given(&s.When) && (out.hold > 0 || document.Given(&s.Clear)) {
		c.Wrong(&s.State, "Write when: beside them.", "%s has hold or clear but no condition", out.state)
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
		if state, ok := c.OneOf(&raw.On[i], "state", c.set.States); ok {
			a.On = append(a.On, state)
		}
	}
	if document.Given(&raw.Severity) {
		if severity, ok := c.OneOf(&raw.Severity, "severity", Severities); ok {
			a.Severity = severity
		}
	}
	if document.Given(&raw.Message) {
		a.Message, _ = c.Text(&raw.Message, "message")
		c.set.message = c.compileMessage(&raw.Message, a.Message)
	}
	c.set.Alarm = a
}
