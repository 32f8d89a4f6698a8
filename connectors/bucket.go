package connectors

import (
	"math"
	"time"

	"mereon/schema"
)

// bucket sums up the measurements of one part of a range: [start, end).
type bucket struct {
	start, end  time.Time
	n, left     int // usable values, and those left out for their quality
	sum         float64
	whole       int64 // sum of whole numbers, while exact
	exact       bool
	numbers     bool
	first, last schema.Value
	min, max    schema.Value
	unit        string
	uncertain   bool
}

// bucketAt is the bucket that holds t. Buckets of whole days begin at midnight in zone and are counted from 1970-01-01
// there; shorter ones are counted from 1970-01-01 UTC.
func bucketAt(t time.Time, every time.Duration, zone *time.Location) bucket {
	const day = 24 * time.Hour
	if every%day != 0 {
		n := floorDiv(t.UnixNano(), int64(every))
		return bucket{start: time.Unix(0, n*int64(every)).UTC(), end: time.Unix(0, (n+1)*int64(every)).UTC()}
	}
	days := int64(every / day)
	y, m, d := t.In(zone).Date()
	number := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
	first := floorDiv(number, days) * days
	midnight := func(n int64) time.Time {
		y, m, d := time.Unix(n*86400, 0).UTC().Date()
		return time.Date(y, m, d, 0, 0, 0, 0, zone).UTC()
	}
	return bucket{start: midnight(first), end: midnight(first + days)}
}

// BucketAt returns the bounds of the bucket of a history that holds t: from start up to, but not including, end. Buckets of
// whole days begin at midnight in zone, so that some last 23 or 25 hours; shorter ones are counted from 1970-01-01 UTC.
func BucketAt(t time.Time, every time.Duration, zone *time.Location) (start, end time.Time) {
	b := bucketAt(t, every, zone)
	return b.start, b.end
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (b *bucket) holds(t time.Time) bool { return !t.Before(b.start) && t.Before(b.end) }

// add takes one measurement into account; BAD ones are left out. It says what makes the bucket meaningless.
func (b *bucket) add(m Measurement) string {
	if m.Quality == Bad || m.Value.IsNull() {
		b.left++
		return ""
	}
	if b.n == 0 {
		b.unit, b.first, b.min, b.max, b.exact, b.numbers = m.Unit, m.Value, m.Value, m.Value, true, true
	} else if b.unit != m.Unit {
		return "the unit changes within the series: " + b.unit + " and " + m.Unit
	}
	b.n++
	b.last = m.Value
	b.uncertain = b.uncertain || m.Quality == Uncertain
	if schema.Compare(m.Value, b.min) < 0 {
		b.min = m.Value
	}
	if schema.Compare(m.Value, b.max) > 0 {
		b.max = m.Value
	}
	b.count(m.Value)
	return ""
}

func (b *bucket) count(v schema.Value) {
	f := v.Float()
	if v.Kind() == schema.BoolValue {
		f = 0
		if v.Bool() {
			f = 1
		}
	}
	if math.IsNaN(f) {
		b.numbers = false
	}
	b.sum += f
	if v.Kind() != schema.IntValue || math.Abs(b.sum) > 1<<53 {
		b.exact = false
	} else {
		b.whole += v.Int()
	}
}

// result is the bucket as one measurement, at its start; false when it has none.
func (b *bucket) result(by Aggregate) (m Measurement, ok bool, why string) {
	if b.n == 0 {
		return m, false, ""
	}
	m = Measurement{Time: b.start, Unit: b.unit, Quality: Good}
	if b.uncertain || b.left > 0 {
		m.Quality = Uncertain
	}
	if (by == Avg || by == Sum) && (!b.numbers || math.IsInf(b.sum, 0)) {
		return m, false, string(by) + " needs numbers; ask for FIRST, LAST or COUNT"
	}
	switch by {
	case Avg:
		m.Value = schema.FloatOf(b.sum / float64(b.n))
	case Sum:
		m.Value = schema.FloatOf(b.sum)
		if b.exact {
			m.Value = schema.IntOf(b.whole)
		}
	case Min:
		m.Value = b.min
	case Max:
		m.Value = b.max
	case First:
		m.Value = b.first
	case Last:
		m.Value = b.last
	case Count:
		m.Value, m.Unit = schema.IntOf(int64(b.n)), ""
	default:
		return m, false, "unknown aggregate " + string(by)
	}
	return m, true, ""
}
