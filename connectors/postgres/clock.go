package postgres

import (
	"fmt"
	"math/big"
	"strconv"
	"time"

	"mereon/schema"
)

// clock is a column of times: a timestamp or a date, or a number that counts steps since 1970.
type clock struct {
	column string // quoted
	codec  *codec
	step   time.Duration // of a number
	zone   *time.Location
}

// stepOf is what a number counts by: epoch-s, epoch-ms, epoch-us, epoch-ns or a duration.
func stepOf(format string) (time.Duration, error) {
	switch format {
	case "":
		return 0, nil
	case "epoch-s":
		return time.Second, nil
	case "epoch-ms":
		return time.Millisecond, nil
	case "epoch-us":
		return time.Microsecond, nil
	case "epoch-ns":
		return time.Nanosecond, nil
	}
	step, err := schema.ParseDuration(format)
	if err == nil && step <= 0 {
		err = fmt.Errorf("a step lasts longer than nothing")
	}
	return step, err
}

// newClock says why a column cannot tell a time.
func newClock(c *column, format string, zone *time.Location) (*clock, string) {
	step, err := stepOf(format)
	k := &clock{column: quote(c.name), codec: c.codec, step: step, zone: zone}
	switch {
	case err != nil:
		return nil, err.Error()
	case c.codec.number() && step == 0:
		return nil, fmt.Sprintf("%s is a number; say what it counts: time: {%s: epoch-ms}, or {%s: 1h}", c.name, c.name, c.name)
	case c.codec.number():
		return k, ""
	case step != 0:
		return nil, fmt.Sprintf("%s is of type %s, not a number", c.name, c.shown)
	case c.codec.class == instant || c.codec.class == wallClock || c.codec.class == day:
		return k, ""
	}
	return nil, fmt.Sprintf("%s is of type %s, which is no time", c.name, c.shown)
}

// micros is the expression of the time of a row of alias in microseconds since 1970 UTC; null for infinity.
func (k *clock) micros(alias string) string {
	column := alias + "." + k.column
	if k.step > 0 {
		return "floor(" + column + "::numeric * " + rat(k.step, time.Microsecond) + ")::int8"
	}
	return "CASE WHEN isfinite(" + column + ") THEN floor(extract(epoch FROM " + k.at(column) + ") * 1000000)::int8 END"
}

// at is the column as timestamptz.
func (k *clock) at(column string) string {
	switch k.codec.class {
	case wallClock:
		return k.codec.read(column)
	case day:
		return "(" + column + "::timestamp AT TIME ZONE '" + k.zone.String() + "')"
	}
	return column
}

func rat(a, b time.Duration) string {
	r := big.NewRat(int64(a), int64(b))
	digits, _ := r.FloatPrec()
	return r.FloatString(digits)
}

// within is the condition that a row lies in [from, to), written so that an index on the column serves it.
func (k *clock) within(s *sql, alias string, from, to time.Time) string {
	column := alias + "." + k.column
	if k.step > 0 {
		return column + " >= " + k.steps(s, from) + " AND " + column + " < " + k.steps(s, to)
	}
	exact := k.at(column) + " >= " + s.value(timeText(up(from)), "timestamptz") + " AND " + k.at(column) + " < " + s.value(timeText(up(to)), "timestamptz")
	if k.codec.class == instant {
		return exact
	}
	const slack = 36 * time.Hour // wall clocks differ less from UTC
	return exact + " AND " + column + " >= " + s.value(timeText(from.Add(-slack)), "timestamp") + " AND " + column + " < " + s.value(timeText(to.Add(slack)), "timestamp")
}

// up is the first microsecond that is not before t.
func up(t time.Time) time.Time {
	floor := t.UTC().Truncate(time.Microsecond)
	if floor.Before(t) {
		return floor.Add(time.Microsecond)
	}
	return floor
}

// steps is a time as a number of steps. A whole number is compared with the first whole step that is not before t, so that
// an index on it serves.
func (k *clock) steps(s *sql, t time.Time) string {
	n := big.NewRat(t.UnixNano(), int64(k.step))
	switch k.codec.class {
	case integer:
		whole := new(big.Int).Div(n.Num(), n.Denom())
		if !n.IsInt() {
			whole.Add(whole, big.NewInt(1))
		}
		return s.value(whole.String(), "int8")
	case numeric:
		return s.value(n.FloatString(12), "numeric")
	}
	f, _ := n.Float64()
	return s.value(strconv.FormatFloat(f, 'g', -1, 64), "float8")
}

// newest orders rows of alias by time, the newest first; an index on key and time serves it.
func (k *clock) newest(alias string) string { return " ORDER BY " + alias + "." + k.column + " DESC" }

func (k *clock) known(alias string) string {
	column := alias + "." + k.column
	if k.codec.strange() {
		return column + " < 'Infinity' AND " + column + " > '-Infinity'"
	}
	if k.step > 0 {
		return column + " IS NOT NULL"
	}
	return column + " < 'infinity' AND " + column + " > '-infinity'"
}
