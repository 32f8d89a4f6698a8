package schema

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendJSON appends v to dst as compact JSON and returns the extended slice; it allocates only to grow dst.
// Decimal is a string, so that no reader loses digits; DateTime is RFC 3339 in UTC with up to nanoseconds; Duration is
// ISO 8601; JSON is written as it is stored.
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.kind {
	case BoolValue:
		return strconv.AppendBool(dst, v.bits != 0)
	case IntValue:
		return strconv.AppendInt(dst, int64(v.bits), 10)
	case FloatValue:
		return AppendJSONFloat(dst, math.Float64frombits(v.bits))
	case StringValue:
		return AppendJSONString(dst, v.text)
	case DecimalValue, DateValue:
		dst = append(dst, '"')
		dst = append(dst, v.text...)
		return append(dst, '"')
	case DateTimeValue:
		dst = append(dst, '"')
		dst = v.Time().AppendFormat(dst, time.RFC3339Nano)
		return append(dst, '"')
	case DurationValue:
		dst = append(dst, '"')
		dst = AppendDuration(dst, v.Duration())
		return append(dst, '"')
	case JSONValue:
		return append(dst, v.text...)
	case ListValue:
		dst = append(dst, '[')
		for i, e := range v.List() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = e.AppendJSON(dst)
		}
		return append(dst, ']')
	}
	return append(dst, "null"...)
}

// MarshalJSON returns what AppendJSON appends.
func (v Value) MarshalJSON() ([]byte, error) { return v.AppendJSON(nil), nil }

// AppendJSONFloat appends f as JavaScript prints numbers; what is not finite becomes null.
//
// Source: ECMAScript, "Number::toString".
func AppendJSONFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	if n := len(dst); format == 'e' && n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 is written e-9
		dst = dst[:n-1]
	}
	return dst
}

const hexDigits = "0123456789abcdef"

// AppendJSONString appends s quoted and escaped. Bytes that are not UTF-8 become U+FFFD; U+2028 and U+2029 are escaped,
// so that the text is also valid JavaScript.
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 0x20 && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(append(dst, s[start:i]...), `\ufffd`...)
			start = i + size
		case r == '\u2028' || r == '\u2029':
			dst = append(append(dst, s[start:i]...), `\u202`...)
			dst = append(dst, hexDigits[r&0xf])
			start = i + size
		}
		i += size
	}
	return append(append(dst, s[start:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}
