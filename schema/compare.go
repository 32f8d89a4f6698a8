package schema

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"
)

func parseDecimalFloat(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

// Equal says whether a and b hold the same value; numbers are equal across kinds, null equals null.
func Equal(a, b Value) bool {
	if a.kind == NullValue || b.kind == NullValue {
		return a.kind == b.kind
	}
	return Compare(a, b) == 0
}

// Compare orders two values: -1, 0 or +1. Null comes last, numbers compare across kinds without loss, texts by code
// points, lists element by element. Values of kinds that cannot be compared are ordered by kind.
func Compare(a, b Value) int {
	if a.kind == NullValue || b.kind == NullValue {
		return cmp.Compare(isNull(a), isNull(b))
	}
	if a.kind == b.kind {
		switch a.kind {
		case IntValue, DateTimeValue, DurationValue:
			return cmp.Compare(int64(a.bits), int64(b.bits))
		case BoolValue:
			return cmp.Compare(a.bits, b.bits)
		case FloatValue:
			return cmp.Compare(a.Float(), b.Float())
		case StringValue, DateValue, JSONValue:
			return strings.Compare(a.text, b.text)
		case ListValue:
			x, y := a.List(), b.List()
			for i := range min(len(x), len(y)) {
				if c := Compare(x[i], y[i]); c != 0 {
					return c
				}
			}
			return cmp.Compare(len(x), len(y))
		}
	}
	if a.number() && b.number() {
		if a.kind != DecimalValue && b.kind != DecimalValue {
			return compareIntFloat(a, b)
		}
		x, y := a.rat(), b.rat()
		if x == nil || y == nil {
			return strings.Compare(a.text, b.text)
		}
		return x.Cmp(y)
	}
	return cmp.Compare(a.kind, b.kind)
}

func isNull(v Value) int {
	if v.kind == NullValue {
		return 1
	}
	return 0
}

func (v Value) number() bool {
	return v.kind == IntValue || v.kind == FloatValue || v.kind == DecimalValue
}

const exactFloat = 1 << 53

func compareIntFloat(a, b Value) int {
	if a.kind == IntValue && (a.Int() > exactFloat || a.Int() < -exactFloat) ||
		b.kind == IntValue && (b.Int() > exactFloat || b.Int() < -exactFloat) {
		if x, y := a.rat(), b.rat(); x != nil && y != nil {
			return x.Cmp(y)
		}
	}
	return cmp.Compare(a.Float(), b.Float())
}

func (v Value) rat() *big.Rat {
	switch v.kind {
	case IntValue:
		return new(big.Rat).SetInt64(v.Int())
	case FloatValue:
		return new(big.Rat).SetFloat64(v.Float())
	case DecimalValue:
		r, ok := new(big.Rat).SetString(v.text)
		if ok {
			return r
		}
	}
	return nil
}
