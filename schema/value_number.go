package schema

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"mereon/schema/fault"
)

// numberText returns v as digits when it is a finite number of any Go type.
func numberText(v any) (string, bool) {
	switch n := v.(type) {
	case json.Number:
		return n.String(), true
	case int:
		return strconv.Itoa(n), true
	case int32:
		return strconv.FormatInt(int64(n), 10), true
	case int64:
		return strconv.FormatInt(n, 10), true
	case uint64:
		return strconv.FormatUint(n, 10), true
	case float32:
		return numberText(float64(n))
	case float64:
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return "", false
		}
		return strconv.FormatFloat(n, 'g', -1, 64), true
	}
	return "", false
}

// wholeNumber returns v as digits without point or exponent when it is a whole number within 64 bits.
func wholeNumber(v any) (string, bool) {
	i, ok := integer(v)
	return strconv.FormatInt(i, 10), ok
}

func integer(v any) (int64, bool) {
	text, ok := numberText(v)
	if !ok {
		return 0, false
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i, true
	}
	f, err := strconv.ParseFloat(text, 64) // 1e3 and 5.0 are whole too
	if err != nil || f != math.Trunc(f) || math.Abs(f) > exactFloat {
		return 0, false
	}
	return int64(f), true
}

func parseInteger(v any, scalar Scalar, least, most int64) (Value, error) {
	i, ok := integer(v)
	if !ok {
		if f, isNumber := numberText(v); isNumber && strings.ContainsAny(f, ".eE") {
			return Null, expected(scalar, v, "it must be a whole number")
		}
		if _, isNumber := numberText(v); isNumber {
			return Null, rangeError(scalar, v, least, most)
		}
		return Null, expected(scalar, v, "write a whole number, without quotes")
	}
	if i < least || i > most {
		return Null, rangeError(scalar, v, least, most)
	}
	return IntOf(i), nil
}

func rangeError(scalar Scalar, v any, least, most int64) error {
	return fault.New(fault.Invalid, "%s does not fit %s: it must be between %d and %d", shown(v), scalar, least, most)
}

func parseFloat(v any) (Value, error) {
	if f, ok := v.(float64); ok && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return FloatOf(f + 0), nil
	}
	text, ok := numberText(v)
	if !ok {
		return Null, expected(Float, v, "write a finite number, without quotes")
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return Null, expected(Float, v, "it must be a finite number")
	}
	return FloatOf(f), nil
}

func parseDecimal(v any) (Value, error) {
	text, ok := numberText(v)
	if s, isText := v.(string); isText {
		text, ok = s, true
	}
	if ok {
		if canonical, ok := CanonicalDecimal(text); ok {
			return DecimalOf(canonical), nil
		}
	}
	return Null, expected(Decimal, v, `write it as "12.50", with at most 100 digits`)
}

const maxDecimalDigits = 100

// CanonicalDecimal returns the one way in which a decimal is stored: no exponent, no plus sign, no needless zeros:
// "+1.50" and "15e-1" are both "1.5", "-0" is "0". It refuses more than 100 digits before or after the point.
func CanonicalDecimal(text string) (string, bool) {
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(text), "e")
	shift := 0
	if hasExponent {
		e, err := strconv.Atoi(exponent)
		if err != nil || e < -maxDecimalDigits || e > maxDecimalDigits {
			return "", false
		}
		shift = e
	}
	sign := ""
	if mantissa != "" && (mantissa[0] == '-' || mantissa[0] == '+') {
		if mantissa[0] == '-' {
			sign = "-"
		}
		mantissa = mantissa[1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || !digits(whole) || !digits(fraction) || len(whole)+len(fraction) > maxDecimalDigits {
		return "", false
	}
	whole, fraction = movePoint(whole, fraction, shift)
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	switch {
	case whole == "" && fraction == "":
		return "0", true
	case whole == "":
		whole = "0"
	}
	if fraction == "" {
		return sign + whole, true
	}
	return sign + whole + "." + fraction, true
}

func movePoint(whole, fraction string, shift int) (string, string) {
	if shift >= 0 {
		fraction += strings.Repeat("0", max(0, shift-len(fraction)))
		return whole + fraction[:shift], fraction[shift:]
	}
	whole = strings.Repeat("0", max(0, -shift-len(whole))) + whole
	return whole[:len(whole)+shift], whole[len(whole)+shift:] + fraction
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
