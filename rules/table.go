package rules

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/expr"
)

// table gives a state by one value without an expression: bands of a number, or a map of texts.
type table struct {
	slot       int
	input      string
	bands      []band
	hysteresis float64
	states     map[string]string
	otherwise  string
}

// band is one step: values below its bound and not below the one before.
type band struct {
	state string
	below float64
	param int // slot of the parameter that is the bound; -1: below
	last  bool
}

// source finds the input that a table, ramp or placeholder names: a declared input, or a property of the type.
func (c *compiler) source(n *yaml.Node, what string) (slot int, t schema.ValueType, name string, ok bool) {
	name, ok = c.Text(n, what)
	if !ok {
		return 0, t, "", false
	}
	v, found := c.scope.Lookup(name)
	if !found {
		c.OneOf(n, what, c.inputNames())
		return 0, t, "", false
	}
	return c.slot(v.Path), v.Type, name, true
}

func (c *compiler) inputNames() []string {
	var names []string
	for _, in := range c.set.Inputs {
		names = append(names, in.Name)
	}
	return append(names, c.scope.Names()...)
}

// numeric is source for a number.
func (c *compiler) numeric(n *yaml.Node, what string) (int, string, bool) {
	slot, t, name, ok := c.source(n, what)
	if ok && (!t.Scalar.Numeric() || t.List) {
		c.Wrong(n, "", "%s is no number", name)
		return 0, "", false
	}
	return slot, name, ok
}

func (c *compiler) bands(raw *rawBands) {
	slot, name, ok := c.numeric(&raw.Input, "bands.input")
	t := &table{input: name, hysteresis: raw.Hysteresis}
	if raw.Hysteresis < 0 {
		c.Wrong(&raw.Input, "", "hysteresis must not be negative")
	}
	for i := range raw.Steps {
		if b, ok := c.band(&raw.Steps[i], i == len(raw.Steps)-1, t.bands); ok {
			t.bands = append(t.bands, b)
		}
	}
	if ok {
		t.slot = slot
		c.set.table = t
	}
}

func (c *compiler) band(raw *rawBand, last bool, before []band) (band, bool) {
	b := band{param: -1, last: last}
	if !document.Given(&raw.State) {
		return b, false
	}
	state, ok := c.identifier(&raw.State, "state")
	if !ok {
		return b, false
	}
	b.state = state
	c.addState(state)
	switch {
	case last && document.Given(&raw.Below):
		c.Wrong(&raw.Below, "Add a last step without below:.", "the last step has no bound: it is for everything above")
		return b, false
	case last:
		return b, true
	case !document.Given(&raw.Below):
		c.Wrong(&raw.State, "Write below: a number or a parameter.", "a step before the last needs a bound")
		return b, false
	}
	return b, c.bound(raw, &b, before)
}

func (c *compiler) bound(raw *rawBand, b *band, before []band) bool {
	if x, ok := document.Any(&raw.Below).(string); ok {
		for i, p := range c.set.Params {
			if p.Name == x && p.Type.Scalar.Numeric() {
				b.param = i
				return true
			}
		}
		c.Wrong(&raw.Below, "", "%q is neither a number nor a numeric parameter", x)
		return false
	}
	value, ok := paramValue(document.Any(&raw.Below))
	if !ok || value.Kind() != schema.FloatValue {
		c.Wrong(&raw.Below, "", "below takes a number or a parameter, not %s", document.Describe(&raw.Below))
		return false
	}
	b.below = value.Float()
	if n := len(before); n > 0 && before[n-1].param < 0 && before[n-1].below >= b.below {
		c.Wrong(&raw.Below, "Order the steps from low to high.", "the bound %v does not come after %v", b.below, before[n-1].below)
		return false
	}
	return true
}

func (c *compiler) mapping(raw *rawMap) {
	slot, t, name, ok := c.source(&raw.Input, "map.input")
	out := &table{input: name, states: map[string]string{}}
	for _, e := range c.Entries(&raw.States, "map.states") {
		if ok && t.Enum != "" {
			c.enumValue(e.Key, t.Enum)
		}
		if state, valid := c.identifier(e.Value, "state"); valid {
			out.states[e.Key.Value] = state
			c.addState(state)
		}
	}
	if document.Given(&raw.Else) {
		out.otherwise, _ = c.identifier(&raw.Else, "state")
		c.addState(out.otherwise)
	} else {
		c.Warn(&raw.Input, "Add else: a state.", "an entity with another value has no state")
	}
	if ok && (t.List || t.Scalar == schema.JSON) {
		c.Wrong(&raw.Input, "", "%s is no single value", name)
	} else if ok {
		out.slot = slot
		c.set.table = out
	}
}

func (c *compiler) enumValue(n *yaml.Node, enum schema.TypeName) {
	var names []string
	if e := c.model.Enums[enum]; e != nil {
		for _, v := range e.Values {
			names = append(names, v.Name)
		}
	}
	c.OneOf(n, fmt.Sprintf("%s value", enum), names)
}

// scalar gives a number beside the state: a ramp of an input, or an expression.
type scalar struct {
	value    *condition
	slot     int
	from, to float64
}

func (c *compiler) setScalar(raw *rawScalar) {
	at := &yaml.Node{Line: raw.Position.Line, Column: raw.Position.Column}
	switch {
	case (raw.Ramp == nil) == !document.Given(&raw.Expr):
		c.Wrong(at, "Write {ramp: {input: n, from: 0, to: 3000}} or {expr: \"...\"}.", "scalar takes either ramp or expr")
	case raw.Ramp != nil:
		c.ramp(raw.Ramp)
	default:
		if value := c.expr(&raw.Expr, "scalar.expr", expr.Number); value != nil {
			c.set.scalar = &scalar{value: value}
		}
	}
}

func (c *compiler) ramp(raw *rawRamp) {
	if !document.Given(&raw.Input) || raw.To == nil {
		return
	}
	slot, _, ok := c.numeric(&raw.Input, "ramp.input")
	if *raw.To == raw.From {
		c.Wrong(&raw.Input, "Give it a length.", "from and to of a ramp are equal")
	} else if ok {
		c.set.scalar = &scalar{slot: slot, from: raw.From, to: *raw.To}
	}
}
