package connectors

import (
	"fmt"
	"math"
	"time"

	"mereon/schema"
)

// readings takes the answers of one request for the newest measurements.
type readings struct {
	now time.Time
	got []Reading
	bad map[int]*Failure
	n   int // measurements that came
}

func collectReadings(keys []Key, now time.Time) collector[Reading] {
	return &readings{now: now, got: make([]Reading, len(keys))}
}

func (r *readings) Measurement(key int, m Measurement) {
	if r.n++; r.got[key].Status == OK {
		r.refuse(key, "the source sent several newest values for one key")
		return
	}
	if why := m.check(r.now); why != "" {
		r.refuse(key, why)
		return
	}
	r.got[key].Measurement = m
	if r.got[key].Status == "" {
		r.got[key].Status = OK
	}
}

func (r *readings) refuse(key int, why string) {
	if r.bad == nil {
		r.bad = map[int]*Failure{}
	}
	r.bad[key] = &Failure{Status: BadData, Message: why}
}

func (r *readings) Row(key int, _ []schema.Value) {
	r.refuse(key, "the source sent a row where a measurement was asked for")
}

func (r *readings) Total(int, int) {}

func (r *readings) Status(key int, s Status, why string) {
	r.got[key].Status, r.got[key].Why = s, why
	if s == BadData {
		r.refuse(key, why)
	}
}

func (r *readings) Truncated(int, time.Time) {}

func (r *readings) settled(key int) bool { return r.got[key].Status != "" || r.bad[key] != nil }
func (r *readings) full() bool           { return r.n > 2*len(r.got)+1000 }

func (r *readings) answer(key int) (Reading, *Failure) {
	if f := r.bad[key]; f != nil {
		return Reading{}, f
	}
	got := r.got[key]
	switch got.Status {
	case "":
		got.Status = NoDataYet
	case OK, Stale:
	default:
		got.Value = schema.Null
	}
	return got, nil
}

// maxText is the longest text a measurement may hold, in bytes.
const maxText = 1 << 20

// check says what is wrong with a measurement, "" when nothing is, and completes its quality and zone.
func (m *Measurement) check(now time.Time) string {
	switch v := m.Value; {
	case v.Kind() == schema.ListValue:
		return "the source sent a list where one value was asked for"
	case v.Kind() == schema.FloatValue && (math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0)):
		return "the source sent a number that is none (NaN or infinite)"
	case v.IsNull() && m.Quality != Bad && m.Quality != Uncertain:
		return "the source sent an empty value and called it good"
	case len(v.Text()) > maxText:
		return fmt.Sprintf("the source sent a text of more than %d bytes", maxText)
	case m.Time.IsZero():
		return "the source sent a value without time"
	case m.Time.Sub(now) > 24*time.Hour:
		return "the source sent a value from the future: " + m.Time.UTC().Format(time.RFC3339)
	}
	switch m.Quality {
	case "":
		m.Quality = Good
	case Good, Uncertain, Bad:
	default:
		return fmt.Sprintf("the source sent the unknown quality %q", m.Quality)
	}
	m.Time = m.Time.UTC()
	return ""
}
