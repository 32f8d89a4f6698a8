package simulator

import (
	"math"
	"strconv"
	"time"

	"mereon/connectors"
	"mereon/schema"
	"mereon/schema/fault"
)

// definition is one checked series, or what it is for one key.
type definition struct {
	source  string // the template, and the key if any, for messages
	at      fault.Position
	formula formula
	kind    string // float, int, bool, string
	unit    string
	texts   []string         // of numbers that stand for texts
	labels  map[int64]string // number -> text
	noise   float64
	min     float64
	max     float64
	digits  int // -1: not rounded
	period  int64
	shift   int64
	spread  int64
	inputs  []string // references
	faults  []disturbance
}

// series is a definition for one reference.
type series struct {
	*definition
	place  uint64 // of the values of its names: equal for all series of one pump
	own    uint64 // of its reference
	inputs []*series
	sums   sums
}

// number is the value at t, nanoseconds since 1970, before labels and faults.
func (s *series) number(t int64) float64 {
	local := t - s.shift
	if s.spread > 0 {
		local -= int64(uniform(s.place, 1) * float64(s.spread))
	}
	v := s.formula.at(s, t, local)
	if s.noise > 0 {
		v += s.noise * normal(s.own, floor(t, s.period))
	}
	v = math.Min(s.max, math.Max(s.min, v))
	if s.digits >= 0 {
		unit := math.Pow10(s.digits)
		v = math.Round(v*unit) / unit
	}
	return v
}

// measure is the measurement made at t with the value that was true at valid. What is no number is BAD.
func (s *series) measure(t, valid int64, q connectors.Quality) connectors.Measurement {
	m := connectors.Measurement{Time: time.Unix(0, t).UTC(), Unit: s.unit, Quality: q}
	v := s.number(valid)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
	case s.labels != nil:
		if text, ok := s.labels[int64(math.Round(v))]; ok {
			m.Value = schema.StringOf(text)
		}
	case s.texts != nil:
		if i := int(math.Round(v)); i >= 0 && i < len(s.texts) {
			m.Value = schema.StringOf(s.texts[i])
		}
	case s.kind == "bool":
		m.Value = schema.BoolOf(v != 0)
	case s.kind == "int":
		if math.Abs(v) <= 1<<53 {
			m.Value = schema.IntOf(int64(math.Floor(v + 1e-9)))
		}
	case s.kind == "string":
		m.Value = schema.StringOf(strconv.FormatFloat(v, 'g', -1, 64))
	default:
		m.Value = schema.FloatOf(v)
	}
	if m.Value.IsNull() {
		m.Quality = connectors.Bad
	}
	return m
}
