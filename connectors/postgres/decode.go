package postgres

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"mereon/schema"
)

// decode reads the text of a value; nil is null. The error says what is wrong with it, without the value.
func (k *codec) decode(text []byte) (schema.Value, error) {
	if text == nil {
		return schema.Null, nil
	}
	s := string(text)
	switch k.class {
	case integer:
		i, err := strconv.ParseInt(s, 10, 64)
		return schema.IntOf(i), wrong(err, "whole number")
	case double, single:
		f, err := strconv.ParseFloat(s, 64)
		if f-f != 0 { // NaN and the infinities are no measurements
			return schema.Null, nil
		}
		return schema.FloatOf(f + 0), wrong(err, "number")
	case numeric:
		return decodeNumeric(s)
	case boolean:
		return schema.BoolOf(s == "t" || s == "true"), nil
	case day:
		return schema.DateOf(clampDate(s)), nil
	case instant, wallClock:
		return decodeTime(s)
	case interval:
		d, err := parseInterval(s)
		return schema.DurationOf(d), err
	case structured:
		return schema.ParseValue(json.RawMessage(text), schema.ValueType{Scalar: schema.JSON}, nil)
	case several:
		return k.decodeList(text)
	}
	return schema.StringOf(s), nil
}

func wrong(err error, what string) error {
	if err != nil {
		return fmt.Errorf("the database sent what is no %s", what)
	}
	return nil
}

func decodeNumeric(s string) (schema.Value, error) {
	if s == "NaN" || strings.HasSuffix(s, "Infinity") {
		return schema.Null, nil
	}
	if canonical, ok := schema.CanonicalDecimal(s); ok {
		return schema.DecimalOf(canonical), nil
	}
	return schema.Null, fmt.Errorf("a numeric has more than 100 digits")
}

const firstDate, lastDate = "0001-01-01", "9999-12-31"

// clampDate moves the days that cannot be written here, and infinity, to the first and the last that can, so that they
// compare as before.
func clampDate(s string) string {
	switch {
	case s == "infinity" || len(s) > len(lastDate) && !strings.HasSuffix(s, " BC"):
		return lastDate
	case s == "-infinity" || strings.HasSuffix(s, " BC"):
		return firstDate
	}
	return s
}

// What fits the nanoseconds of a DateTime.
var (
	firstTime = time.Unix(0, math.MinInt64).UTC().Truncate(time.Microsecond).Add(time.Microsecond)
	lastTime  = time.Unix(0, math.MaxInt64).UTC().Truncate(time.Microsecond)
)

// decodeTime reads an instant in UTC; those outside a DateTime, and infinity, become its first and its last.
func decodeTime(s string) (schema.Value, error) {
	switch {
	case s == "infinity":
		return schema.TimeOf(lastTime), nil
	case s == "-infinity" || strings.HasSuffix(s, " BC"):
		return schema.TimeOf(firstTime), nil
	case strings.IndexByte(s, '-') > 4:
		return schema.TimeOf(lastTime), nil
	}
	t, err := time.Parse("2006-01-02 15:04:05.999999999Z07", s)
	if err != nil {
		return schema.Null, wrong(err, "time")
	}
	return schema.TimeOf(clampTime(t)), nil
}

func clampTime(t time.Time) time.Time {
	switch {
	case t.Before(firstTime):
		return firstTime
	case t.After(lastTime):
		return lastTime
	}
	return t
}

const (
	dayLength   = 24 * time.Hour
	monthLength = 30 * dayLength // as the database compares intervals
)

// parseInterval reads an interval in ISO 8601, as PostgreSQL writes it with IntervalStyle iso_8601: P1Y2M3DT4H5M6.7S, where
// every number may be negative. A month counts 30 days and a day 24 hours, as when the database compares intervals.
//
// Source: PostgreSQL manual, "8.5.4. Interval Input".
func parseInterval(s string) (time.Duration, error) {
	rest, ok := strings.CutPrefix(s, "P")
	if !ok || rest == "" {
		return 0, wrong(strconv.ErrSyntax, "interval")
	}
	units := map[byte]time.Duration{'Y': 12 * monthLength, 'M': monthLength, 'W': 7 * dayLength, 'D': dayLength}
	total := 0.0
	var exact time.Duration
	for rest != "" {
		if rest[0] == 'T' {
			units, rest = map[byte]time.Duration{'H': time.Hour, 'M': time.Minute, 'S': time.Second}, rest[1:]
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r >= 'A' && r <= 'Z' })
		if end <= 0 || units[rest[end]] == 0 {
			return 0, wrong(strconv.ErrSyntax, "interval")
		}
		n, err := amount(rest[:end], units[rest[end]])
		if err != nil {
			return 0, err
		}
		total += float64(n)
		exact += n
		rest = rest[end+1:]
	}
	if math.Abs(total) > math.MaxInt64/2 {
		return 0, fmt.Errorf("an interval is longer than 146 years")
	}
	return exact, nil
}

// amount is a number of units; a fraction has at most six digits.
func amount(text string, unit time.Duration) (time.Duration, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || fraction != "" && unit != time.Second {
		return 0, wrong(strconv.ErrSyntax, "interval")
	}
	if n > math.MaxInt64/2/int64(unit) || n < math.MinInt64/2/int64(unit) {
		return 0, fmt.Errorf("an interval is longer than 146 years")
	}
	d := time.Duration(n) * unit
	if fraction == "" {
		return d, nil
	}
	nanos, err := strconv.ParseUint((fraction + "000000000")[:9], 10, 64)
	if err != nil {
		return 0, wrong(err, "interval")
	}
	if strings.HasPrefix(whole, "-") {
		return d - time.Duration(nanos), nil
	}
	return d + time.Duration(nanos), nil
}

// decodeList reads an array as JSON; arrays in arrays become one.
func (k *codec) decodeList(text []byte) (schema.Value, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var items []json.RawMessage
	if err := decoder.Decode(&items); err != nil {
		return schema.Null, wrong(err, "array")
	}
	list := make([]schema.Value, 0, len(items))
	for _, item := range items {
		if len(item) > 0 && item[0] == '[' && k.element.class != structured {
			inner, err := k.decodeList(item)
			if err != nil {
				return schema.Null, err
			}
			list = append(list, inner.List()...)
			continue
		}
		v, err := k.element.decodeJSON(item)
		if err != nil {
			return schema.Null, err
		}
		list = append(list, v)
	}
	return schema.ListOf(list), nil
}

// decodeJSON reads an element of an array that was written as JSON.
func (k *codec) decodeJSON(item json.RawMessage) (schema.Value, error) {
	switch {
	case string(item) == "null":
		return schema.Null, nil
	case k.class == structured || item[0] != '"':
		return k.decode(item)
	}
	var text string
	if err := json.Unmarshal(item, &text); err != nil {
		return schema.Null, wrong(err, "array")
	}
	if k.class == instant || k.class == wallClock {
		if t, err := time.Parse("2006-01-02T15:04:05.999999999Z07:00", text); err == nil {
			return schema.TimeOf(clampTime(t)), nil
		}
		if t, err := time.ParseInLocation("2006-01-02T15:04:05.999999999", text, k.location()); err == nil {
			return schema.TimeOf(clampTime(t)), nil
		}
	}
	return k.decode([]byte(text))
}

func (k *codec) location() *time.Location {
	if k.zone == nil {
		return time.UTC
	}
	return k.zone
}
