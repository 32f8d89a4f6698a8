package schema

import (
	"math"
	"time"
)

// ValueKind says what a Value holds.
type ValueKind uint8

const (
	NullValue     ValueKind = iota
	BoolValue               // Bool
	IntValue                // Int: Int and Long
	FloatValue              // Float: finite
	DecimalValue            // Text: canonical decimal digits
	StringValue             // Text: String, ID and enum names
	DateValue               // Text: 2006-01-02
	DateTimeValue           // Time: UTC, nanoseconds
	DurationValue           // Duration
	JSONValue               // Text: compact JSON
	ListValue               // List
)

// Value is one immutable value. The zero Value is null. Values are small and copied freely; the text and list they
// hold are never changed.
type Value struct {
	kind ValueKind
	bits uint64
	text string
	list *[]Value
}

var Null = Value{}

func BoolOf(b bool) Value {
	v := Value{kind: BoolValue}
	if b {
		v.bits = 1
	}
	return v
}

func IntOf(i int64) Value      { return Value{kind: IntValue, bits: uint64(i)} }
func FloatOf(f float64) Value  { return Value{kind: FloatValue, bits: math.Float64bits(f)} }
func StringOf(s string) Value  { return Value{kind: StringValue, text: s} }
func DecimalOf(s string) Value { return Value{kind: DecimalValue, text: s} }
func DateOf(s string) Value    { return Value{kind: DateValue, text: s} }
func JSONOf(s string) Value    { return Value{kind: JSONValue, text: s} }
func TimeOf(t time.Time) Value { return Value{kind: DateTimeValue, bits: uint64(t.UnixNano())} }
func DurationOf(d time.Duration) Value {
	return Value{kind: DurationValue, bits: uint64(d)}
}

// ListOf returns a list that keeps elements; the caller must not change them afterwards.
func ListOf(elements []Value) Value { return Value{kind: ListValue, list: &elements} }

func (v Value) Kind() ValueKind         { return v.kind }
func (v Value) IsNull() bool            { return v.kind == NullValue }
func (v Value) Bool() bool              { return v.bits != 0 }
func (v Value) Int() int64              { return int64(v.bits) }
func (v Value) Text() string            { return v.text }
func (v Value) Time() time.Time         { return time.Unix(0, int64(v.bits)).UTC() }
func (v Value) Duration() time.Duration { return time.Duration(v.bits) }

// Float returns the number of an Int or Float value as float64, and NaN for any other kind but Decimal, which is parsed.
func (v Value) Float() float64 {
	switch v.kind {
	case FloatValue:
		return math.Float64frombits(v.bits)
	case IntValue:
		return float64(int64(v.bits))
	case DecimalValue:
		return parseDecimalFloat(v.text)
	}
	return math.NaN()
}

// List returns the elements, nil for any other kind. They must not be changed.
func (v Value) List() []Value {
	if v.list == nil {
		return nil
	}
	return *v.list
}
