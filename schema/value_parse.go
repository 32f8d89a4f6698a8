package schema

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"mereon/schema/fault"
)

// ParseValue turns v, as decoders of YAML, JSON and GraphQL give it (nil, bool, string, json.Number, Go numbers,
// time.Time, []any, map[string]any), into a Value of type t. A single value where a list is wanted is a list of one, as
// in GraphQL. nil is null: whether null is allowed is asked by CheckValue. m supplies the enums and may be nil when t
// holds none. Errors are Invalid and say what was expected and what to write.
func ParseValue(v any, t ValueType, m *Model) (Value, error) {
	if v == nil {
		return Null, nil
	}
	if t.Component != "" {
		return Null, fault.New(fault.Invalid, "expected the fields of the component %s, got %s", t.Component, shown(v))
	}
	if !t.List {
		return parseOne(v, t, m)
	}
	items, ok := elements(v)
	if !ok {
		items = []any{v}
	}
	list := make([]Value, len(items))
	for i, item := range items {
		e, err := parseElement(item, t, m)
		if err != nil {
			return Null, fault.New(fault.Invalid, "element %d: %s", i+1, err)
		}
		list[i] = e
	}
	return ListOf(list), nil
}

func parseElement(v any, t ValueType, m *Model) (Value, error) {
	if v == nil {
		return Null, nil
	}
	return parseOne(v, t, m)
}

func elements(v any) ([]any, bool) {
	switch list := v.(type) {
	case []any:
		return list, true
	case []string:
		items := make([]any, len(list))
		for i, s := range list {
			items[i] = s
		}
		return items, true
	case Value:
		if list.Kind() != ListValue {
			return nil, false
		}
		items := make([]any, len(list.List()))
		for i, e := range list.List() {
			items[i] = plain(e)
		}
		return items, true
	}
	return nil, false
}

// plain returns what a decoder would have given for v.
func plain(v Value) any {
	switch v.Kind() {
	case NullValue:
		return nil
	case BoolValue:
		return v.Bool()
	case IntValue:
		return v.Int()
	case FloatValue:
		return v.Float()
	case DateTimeValue:
		return v.Time()
	case DurationValue:
		return v.Duration()
	case JSONValue:
		return json.RawMessage(v.Text())
	}
	return v.Text()
}

func parseOne(v any, t ValueType, m *Model) (Value, error) {
	if value, ok := v.(Value); ok {
		if v = plain(value); v == nil {
			return Null, nil
		}
		if number := t.Scalar == Int || t.Scalar == Long || t.Scalar == Float; number && value.kind == DecimalValue {
			v = json.Number(value.text) // another system's decimal, where the model has a number
		}
	}
	if t.Enum != "" {
		return parseEnum(v, t.Enum, m)
	}
	switch t.Scalar {
	case Int:
		return parseInteger(v, Int, math.MinInt32, math.MaxInt32)
	case Long:
		return parseInteger(v, Long, -exactFloat, exactFloat)
	case Float:
		return parseFloat(v)
	case Decimal:
		return parseDecimal(v)
	case Boolean:
		if b, ok := v.(bool); ok {
			return BoolOf(b), nil
		}
		return Null, expected(t.Scalar, v, "write true or false, without quotes")
	case ID, String:
		return parseString(v, t.Scalar)
	case Date:
		return parseDate(v)
	case DateTime:
		return parseDateTime(v)
	case Duration:
		return parseDurationValue(v)
	}
	return parseJSON(v)
}

func parseString(v any, scalar Scalar) (Value, error) {
	switch s := v.(type) {
	case string:
		return StringOf(strings.ToValidUTF8(s, "\uFFFD")), nil
	case json.Number, int, int64, uint64:
		if n, ok := wholeNumber(s); ok && scalar == ID {
			return StringOf(n), nil
		}
	}
	return Null, expected(scalar, v, "put it in quotes")
}

func parseEnum(v any, name TypeName, m *Model) (Value, error) {
	s, ok := v.(string)
	if !ok {
		return Null, fault.New(fault.Invalid, "expected a value of %s, got %s", name, shown(v))
	}
	enum := m.enum(name)
	if enum == nil {
		return Null, fault.New(fault.Invalid, "the model has no enum %s", name)
	}
	if enum.Has(s) {
		return StringOf(s), nil
	}
	names := enum.Names()
	if near := fault.Suggest(s, names); near != "" {
		return Null, fault.New(fault.Invalid, "%s has no value %q; did you mean %s?", name, s, near)
	}
	return Null, fault.New(fault.Invalid, "%s has no value %q; it has %s", name, s, listed(names))
}

func parseDate(v any) (Value, error) {
	switch d := v.(type) {
	case string:
		if t, err := time.Parse(time.DateOnly, d); err == nil && t.Year() >= 1 {
			return DateOf(d), nil
		}
	case time.Time: // YAML reads a bare date as a time
		if t := d.UTC(); t.Equal(t.Truncate(day)) {
			return DateOf(t.Format(time.DateOnly)), nil
		}
	}
	return Null, expected(Date, v, "write it as 2026-03-31")
}

func parseDateTime(v any) (Value, error) {
	var t time.Time
	switch d := v.(type) {
	case string:
		parsed, err := time.Parse(time.RFC3339Nano, d)
		if err != nil {
			return Null, expected(DateTime, v, "write it as 2026-03-31T14:05:00Z")
		}
		t = parsed
	case time.Time:
		t = d
	default:
		return Null, expected(DateTime, v, "write it as 2026-03-31T14:05:00Z")
	}
	if t.Before(firstTime) || t.After(lastTime) {
		return Null, fault.New(fault.Invalid, "%s is out of range: a DateTime is between the years 1678 and 2262", shown(v))
	}
	return TimeOf(t), nil
}

// What fits 64 bits of nanoseconds.
var firstTime, lastTime = time.Unix(0, math.MinInt64), time.Unix(0, math.MaxInt64)

func parseDurationValue(v any) (Value, error) {
	switch d := v.(type) {
	case time.Duration:
		return DurationOf(d), nil
	case string:
		parsed, err := ParseDuration(d)
		return DurationOf(parsed), err
	}
	return Null, expected(Duration, v, "write it with its unit: 5s, 1h30m, 1d or PT5S")
}
