package record

import (
	"encoding/binary"
	"math"
	"time"

	"mereon/schema"
)

// maxDepth bounds lists within lists, so that hostile bytes cannot exhaust the stack.
const maxDepth = 16

// AppendValue appends the binary form of v: a byte for its kind, then
// one byte (Bool), a zigzag varint (Int, DateTime, Duration), 8 bytes little-endian (Float),
// a length and bytes (texts), or a length in bytes and the elements (List).
func AppendValue(dst []byte, v schema.Value) []byte {
	dst = append(dst, byte(v.Kind()))
	switch v.Kind() {
	case schema.NullValue:
		return dst
	case schema.BoolValue:
		if v.Bool() {
			return append(dst, 1)
		}
		return append(dst, 0)
	case schema.IntValue, schema.DateTimeValue, schema.DurationValue:
		return binary.AppendVarint(dst, v.Int())
	case schema.FloatValue:
		f := v.Float()
		if f == 0 {
			f = 0 // equal values have equal bytes, also -0
		}
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
	case schema.ListValue:
		return appendList(dst, v.List())
	}
	return AppendText(dst, v.Text())
}

func appendList(dst []byte, list []schema.Value) []byte {
	var body []byte
	for _, e := range list {
		body = AppendValue(body, e)
	}
	dst = binary.AppendUvarint(dst, uint64(len(body)))
	return append(dst, body...)
}

// AppendText appends the length of s and s.
func AppendText(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

// Value decodes the value at the start of s and returns what follows it. Texts are substrings of s.
// ok is false when s is damaged.
func Value(s string) (v schema.Value, rest string, ok bool) { return valueAt(s, 0) }

func valueAt(s string, depth int) (v schema.Value, rest string, ok bool) {
	if s == "" || depth > maxDepth {
		return schema.Null, s, false
	}
	kind, s := schema.ValueKind(s[0]), s[1:]
	switch kind {
	case schema.NullValue:
		return schema.Null, s, true
	case schema.BoolValue:
		if s == "" {
			return schema.Null, s, false
		}
		return schema.BoolOf(s[0] == 1), s[1:], true
	case schema.IntValue, schema.DateTimeValue, schema.DurationValue:
		u, s, ok := Uvarint(s)
		return integer(kind, int64(u>>1)^-int64(u&1)), s, ok
	case schema.FloatValue:
		if len(s) < 8 {
			return schema.Null, s, false
		}
		return schema.FloatOf(math.Float64frombits(word(s))), s[8:], true
	}
	text, rest, ok := Text(s)
	if !ok {
		return schema.Null, s, false
	}
	return ofText(kind, text, rest, depth)
}

func integer(kind schema.ValueKind, i int64) schema.Value {
	switch kind {
	case schema.DateTimeValue:
		return schema.TimeOf(time.Unix(0, i))
	case schema.DurationValue:
		return schema.DurationOf(time.Duration(i))
	}
	return schema.IntOf(i)
}

func ofText(kind schema.ValueKind, text, rest string, depth int) (schema.Value, string, bool) {
	switch kind {
	case schema.StringValue:
		return schema.StringOf(text), rest, true
	case schema.DecimalValue:
		return schema.DecimalOf(text), rest, true
	case schema.DateValue:
		return schema.DateOf(text), rest, true
	case schema.JSONValue:
		return schema.JSONOf(text), rest, true
	case schema.ListValue:
		list := []schema.Value{}
		for text != "" {
			e, more, ok := valueAt(text, depth+1)
			if !ok {
				return schema.Null, rest, false
			}
			list, text = append(list, e), more
		}
		return schema.ListOf(list), rest, true
	}
	return schema.Null, rest, false
}

// skip returns what follows the value at the start of s.
func skip(s string) (rest string, ok bool) {
	if s == "" {
		return s, false
	}
	kind, s := schema.ValueKind(s[0]), s[1:]
	switch kind {
	case schema.NullValue:
		return s, true
	case schema.BoolValue:
		if s == "" {
			return s, false
		}
		return s[1:], true
	case schema.IntValue, schema.DateTimeValue, schema.DurationValue:
		_, s, ok = Uvarint(s)
		return s, ok
	case schema.FloatValue:
		if len(s) < 8 {
			return s, false
		}
		return s[8:], true
	}
	_, s, ok = Text(s)
	return s, ok && kind <= schema.ListValue
}

// Text decodes a length and as many bytes.
func Text(s string) (text, rest string, ok bool) {
	n, s, ok := Uvarint(s)
	if !ok || n > uint64(len(s)) {
		return "", s, false
	}
	return s[:n], s[n:], true
}

// Uvarint decodes an unsigned varint.
func Uvarint(s string) (u uint64, rest string, ok bool) {
	if s != "" && s[0] < 0x80 {
		return uint64(s[0]), s[1:], true
	}
	for i := 0; i < len(s) && i < binary.MaxVarintLen64; i++ {
		u |= uint64(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			return u, s[i+1:], true
		}
	}
	return 0, s, false
}

// Varint decodes a zigzag varint.
func Varint(s string) (i int64, rest string, ok bool) {
	u, rest, ok := Uvarint(s)
	return int64(u>>1) ^ -int64(u&1), rest, ok
}

func word(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
