package record

import (
	"encoding/binary"

	"mereon/schema"
)

// Field is one value of an entity under the number of its path. Numbers are given by the store and never change.
type Field struct {
	Key   uint32
	Value schema.Value
}

// AppendEntity appends the id and the fields, which must be sorted by key and hold no null.
func AppendEntity(dst []byte, id string, fields []Field) []byte {
	return AppendFields(AppendText(dst, id), fields)
}

// AppendFields appends the fields, which must be sorted by key and hold no null.
func AppendFields(dst []byte, fields []Field) []byte {
	for _, f := range fields {
		dst = binary.AppendUvarint(dst, uint64(f.Key))
		dst = AppendValue(dst, f.Value)
	}
	return dst
}

// ID returns the id of an entity, "" when data is damaged.
func ID(data string) string {
	id, _, _ := Text(data)
	return id
}

// Find returns the value of an entity under key, null when there is none.
func Find(data string, key uint32) schema.Value {
	_, s, _ := Text(data)
	return FindField(s, key)
}

// FindField returns the value under key among fields, null when there is none.
func FindField(s string, key uint32) schema.Value {
	for s != "" {
		k, body, ok := Uvarint(s)
		if !ok || k > uint64(key) {
			return schema.Null
		}
		if k == uint64(key) {
			v, _, _ := Value(body)
			return v
		}
		if s, ok = skip(body); !ok {
			return schema.Null
		}
	}
	return schema.Null
}

// Fields appends the fields of an entity to dst, sorted by key. ok is false when data is damaged.
func Fields(dst []Field, data string) (fields []Field, ok bool) {
	_, s, ok := Text(data)
	if !ok {
		return dst, false
	}
	return ReadFields(dst, s)
}

// ReadFields appends the fields that AppendFields wrote to dst.
func ReadFields(dst []Field, s string) (fields []Field, ok bool) {
	for s != "" {
		k, body, ok := Uvarint(s)
		if !ok || k > 1<<32-1 {
			return dst, false
		}
		v, rest, ok := Value(body)
		if !ok {
			return dst, false
		}
		dst, s = append(dst, Field{uint32(k), v}), rest
	}
	return dst, true
}

// EachText calls visit with every field of an entity that can hold text: texts, lists and JSON. It ends at damage.
func EachText(data string, visit func(key uint32, v schema.Value)) {
	_, s, ok := Text(data)
	for ok && s != "" {
		k, body, fine := Uvarint(s)
		if !fine || body == "" {
			return
		}
		switch schema.ValueKind(body[0]) {
		case schema.StringValue, schema.ListValue, schema.JSONValue:
			v, rest, fine := Value(body)
			if !fine {
				return
			}
			visit(uint32(k), v)
			s = rest
		default:
			s, ok = skip(body)
		}
	}
}
