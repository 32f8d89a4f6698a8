package query

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"math"
	"time"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// A cursor is the order keys of a row and its id, opaque to clients: base64url of a version byte, the revision of the model,
// the hash of the order, the keys and the id. It stays valid while the graph changes; one of another model, whose values may be
// of other types, or of another order is refused.
const (
	cursorVersion = 2
	cursorHead    = 1 + 4 + 4
)

// cursorRevision tells the models of cursors apart.
func cursorRevision(m *schema.Model) uint32 {
	h := fnv.New32a()
	h.Write([]byte(m.Hash))
	return h.Sum32()
}

// appendCursor appends an encoded cursor without quotes.
func (c *catalog) appendCursor(dst []byte, hash uint32, keys func(k int) schema.Value, count int, id string) []byte {
	var scratch [96]byte
	raw := append(scratch[:0], cursorVersion)
	raw = binary.LittleEndian.AppendUint32(raw, c.revision)
	raw = binary.LittleEndian.AppendUint32(raw, hash)
	for k := range count {
		raw = appendKey(raw, keys(k))
	}
	raw = append(raw, id...)
	return base64.RawURLEncoding.AppendEncode(dst, raw)
}

func appendKey(raw []byte, v schema.Value) []byte {
	raw = append(raw, byte(v.Kind()))
	switch v.Kind() {
	case schema.NullValue:
		return raw
	case schema.BoolValue:
		return append(raw, byte(b2i(v.Bool())))
	case schema.IntValue:
		return binary.LittleEndian.AppendUint64(raw, uint64(v.Int()))
	case schema.FloatValue:
		return binary.LittleEndian.AppendUint64(raw, math.Float64bits(v.Float()))
	case schema.DateTimeValue:
		return binary.LittleEndian.AppendUint64(raw, uint64(v.Time().UnixNano()))
	case schema.DurationValue:
		return binary.LittleEndian.AppendUint64(raw, uint64(v.Duration()))
	}
	raw = binary.AppendUvarint(raw, uint64(len(v.Text())))
	return append(raw, v.Text()...)
}

// decodeCursor reads a cursor argument; nil when it is null.
func (c *catalog) decodeCursor(argument string, v any, hash uint32, count int) (*graph.Cursor, error) {
	if v == nil {
		return nil, nil
	}
	text, _ := v.(string)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < cursorHead || raw[0] != cursorVersion {
		return nil, fault.New(fault.Invalid, "%s is not a cursor of this service; take it from pageInfo or edges", argument)
	}
	if binary.LittleEndian.Uint32(raw[1:]) != c.revision {
		return nil, fault.New(fault.Conflict, "%s was made with another revision of the model; begin with the first page again", argument)
	}
	if binary.LittleEndian.Uint32(raw[5:]) != hash {
		return nil, fault.New(fault.Invalid, "%s belongs to another list or order; page with the field and orderBy with which the cursor was made", argument)
	}
	out := &graph.Cursor{}
	raw = raw[cursorHead:]
	for range count {
		var key schema.Value
		var ok bool
		if key, raw, ok = readKey(raw); !ok {
			return nil, fault.New(fault.Invalid, "%s is damaged; take it from pageInfo or edges", argument)
		}
		out.Keys = append(out.Keys, key)
	}
	out.ID = graph.EntityID(raw)
	return out, nil
}

func readKey(raw []byte) (schema.Value, []byte, bool) {
	if len(raw) == 0 {
		return schema.Null, nil, false
	}
	kind := schema.ValueKind(raw[0])
	raw = raw[1:]
	switch kind {
	case schema.NullValue:
		return schema.Null, raw, true
	case schema.BoolValue:
		if len(raw) < 1 {
			return schema.Null, nil, false
		}
		return schema.BoolOf(raw[0] != 0), raw[1:], true
	case schema.IntValue, schema.FloatValue, schema.DateTimeValue, schema.DurationValue:
		if len(raw) < 8 {
			return schema.Null, nil, false
		}
		return fixedKey(kind, binary.LittleEndian.Uint64(raw)), raw[8:], true
	}
	n, width := binary.Uvarint(raw)
	if width <= 0 || n > uint64(len(raw)-width) {
		return schema.Null, nil, false
	}
	text := string(raw[width : width+int(n)])
	return textKey(kind, text), raw[width+int(n):], kind <= schema.JSONValue
}

func fixedKey(kind schema.ValueKind, bits uint64) schema.Value {
	switch kind {
	case schema.IntValue:
		return schema.IntOf(int64(bits))
	case schema.FloatValue:
		return schema.FloatOf(math.Float64frombits(bits))
	case schema.DateTimeValue:
		return schema.TimeOf(time.Unix(0, int64(bits)))
	}
	return schema.DurationOf(time.Duration(bits))
}

func textKey(kind schema.ValueKind, text string) schema.Value {
	switch kind {
	case schema.DecimalValue:
		return schema.DecimalOf(text)
	case schema.DateValue:
		return schema.DateOf(text)
	case schema.JSONValue:
		return schema.JSONOf(text)
	}
	return schema.StringOf(text)
}
