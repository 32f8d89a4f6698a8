package postgres

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mereon/schema"
)

// encode writes a value as the text of the type; false when the type cannot hold it, so that it equals nothing there.
func (k *codec) encode(v schema.Value) (string, bool) {
	text, off, ok := k.bound(v)
	return text, ok && off == 0
}

// bound writes the nearest value that the type can hold. off is -1 when that is below v, +1 when it is above, 0 when it is
// v. It is not ok when v compares with nothing of the type.
func (k *codec) bound(v schema.Value) (text string, off int, ok bool) {
	switch k.class {
	case integer:
		return boundInteger(v)
	case double, single:
		return boundFloat(v)
	case numeric:
		return exactNumber(v)
	case instant, wallClock:
		return boundTime(v)
	case boolean:
		return strconv.FormatBool(v.Bool()), 0, v.Kind() == schema.BoolValue
	case day:
		return v.Text(), 0, v.Kind() == schema.DateValue && isDate(v.Text())
	case interval:
		return boundInterval(v)
	case several, structured:
		return "", 0, false
	}
	return v.Text(), 0, v.Kind() == schema.StringValue && k.holds(v.Text())
}

// holds says whether a text type can hold a text.
func (k *codec) holds(text string) bool {
	if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
		return false
	}
	switch k.class {
	case padded:
		return !strings.HasSuffix(text, " ")
	case enumerated:
		return k.labels[text]
	case uuid:
		return isUUID(text)
	}
	return true
}

// isUUID says whether a text is a UUID as the database shows it.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if c := s[i]; dash != (c == '-') || !dash && strings.IndexByte("0123456789abcdef", c) < 0 {
			return false
		}
	}
	return true
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil && len(s) == len(time.DateOnly) && s >= firstDate
}

// rational is a number without loss, nil for what is none.
func rational(v schema.Value) *big.Rat {
	switch v.Kind() {
	case schema.IntValue:
		return new(big.Rat).SetInt64(v.Int())
	case schema.FloatValue:
		return new(big.Rat).SetFloat64(v.Float())
	case schema.DecimalValue:
		if canonical, ok := schema.CanonicalDecimal(v.Text()); ok {
			r, _ := new(big.Rat).SetString(canonical)
			return r
		}
	}
	return nil
}

func boundInteger(v schema.Value) (string, int, bool) {
	if v.Kind() == schema.IntValue {
		return strconv.FormatInt(v.Int(), 10), 0, true
	}
	r := rational(v)
	if r == nil {
		return "", 0, false
	}
	floor := new(big.Int).Div(r.Num(), r.Denom()) // Euclidean: down, since the denominator is positive
	switch {
	case !floor.IsInt64() && floor.Sign() > 0:
		return strconv.FormatInt(math.MaxInt64, 10), -1, true
	case !floor.IsInt64():
		return strconv.FormatInt(math.MinInt64, 10), 1, true
	case r.IsInt():
		return floor.String(), 0, true
	}
	return floor.String(), -1, true
}

func boundFloat(v schema.Value) (string, int, bool) {
	r := rational(v)
	if r == nil {
		return "", 0, false
	}
	f, _ := r.Float64()
	if math.IsInf(f, 0) {
		f = math.Copysign(math.MaxFloat64, f)
	}
	return strconv.FormatFloat(f, 'g', -1, 64), new(big.Rat).SetFloat64(f).Cmp(r), true
}

// exactNumber writes all digits of a number; every finite float has finitely many.
func exactNumber(v schema.Value) (string, int, bool) {
	r := rational(v)
	if r == nil {
		return "", 0, false
	}
	digits, _ := r.FloatPrec()
	return r.FloatString(digits), 0, true
}

// boundTime writes an instant with microseconds.
func boundTime(v schema.Value) (string, int, bool) {
	if v.Kind() != schema.DateTimeValue {
		return "", 0, false
	}
	t := v.Time().UTC()
	floor := t.Truncate(time.Microsecond)
	off := 0
	if floor.Before(t) {
		off = -1
	}
	return timeText(floor), off, true
}

func timeText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.999999Z") }

func boundInterval(v schema.Value) (string, int, bool) {
	if v.Kind() != schema.DurationValue {
		return "", 0, false
	}
	micros, rest := v.Duration()/time.Microsecond, v.Duration()%time.Microsecond
	off := 0
	if rest > 0 {
		off = -1
	} else if rest < 0 {
		off = 1
	}
	return strconv.FormatInt(int64(micros), 10) + " microseconds", off, true
}
