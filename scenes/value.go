package scenes

import (
	"math"
	"time"

	"mereon/connectors"
	"mereon/graph/live"
	"mereon/schema"
)

// output is what one slot shows now.
type output struct {
	text   string  // states and texts
	number float64 // scalars, as precise as a float32
	known  bool
	status connectors.Status
	newest int64 // time of the newest input, ms since 1970; 0: never
}

// sameValue says whether a viewer would see the same value; sameQuality, the same quality. The time alone is no change: it is told with the next one.
func (o *output) sameValue(p *output) bool {
	return o.known == p.known && o.text == p.text && o.number == p.number
}

func (o *output) sameQuality(p *output) bool { return o.status == p.status }

// source is what is known of one input.
type source struct {
	update   live.Update
	reported bool
}

func (s *source) status() connectors.Status {
	switch {
	case !s.reported:
		return connectors.Pending
	case s.update.Status == "":
		return connectors.OK
	}
	return s.update.Status
}

// evaluate computes what a slot shows.
func (p *program) evaluate(sources []source) output {
	o := output{status: connectors.OK}
	for _, in := range p.inputs {
		s := &sources[in]
		o.status = worse(o.status, s.status())
		o.newest = max(o.newest, milliseconds(s.update.Time))
	}
	switch p.kind {
	case stateSlot:
		o.text = sources[p.inputs[0]].update.State
		o.known = o.text != ""
		if !o.known && o.status == connectors.OK {
			o.status = connectors.Pending
		}
	case scalarSlot:
		p.scalar(sources, &o)
	case textSlot:
		p.fill(sources, &o)
	}
	return o
}

func (p *program) scalar(sources []source, o *output) {
	var f float64
	switch {
	case len(p.inputs) == 0:
		f = *p.channel.Fixed
	case p.channel.Rule != "":
		scalar := sources[p.inputs[0]].update.Scalar
		if scalar == nil {
			return
		}
		f = *scalar
	default:
		f = numberOf(sources[p.inputs[0]].update.Value)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return
	}
	o.number, o.known = float64(float32(p.channel.value(f, p.nature))), true
}

func (p *program) fill(sources []source, o *output) {
	o.known = len(p.inputs) == 0
	o.text = p.text.fill(func(i int) schema.Value {
		v := sources[p.inputs[i]].update.Value
		o.known = o.known || !v.IsNull()
		return v
	})
	if !o.known {
		o.text = ""
	}
}

// numberOf returns a value as a number: yes is 1, no is 0, anything else that is no number is NaN.
func numberOf(v schema.Value) float64 {
	if v.Kind() == schema.BoolValue {
		if v.Bool() {
			return 1
		}
		return 0
	}
	return v.Float()
}

// worse returns what a slot with both inputs shows: no value before an old value before a fresh one.
func worse(a, b connectors.Status) connectors.Status {
	rank := func(s connectors.Status) int {
		switch s {
		case connectors.OK:
			return 0
		case connectors.Stale:
			return 1
		case connectors.Pending:
			return 2
		}
		return 3
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
