package postgres

import (
	"time"

	"mereon/schema"
)

// class is a family of types that are read, written and compared in one way.
type class uint8

const (
	textual    class = iota
	padded           // character(n): blanks at its end mean nothing
	folded           // citext, and texts whose collation calls different texts equal
	shown            // types without a counterpart, read as the text that the database shows
	integer          // smallint, integer, bigint
	double           // double precision
	single           // real: compared by the digits it shows
	numeric          // numeric, without loss
	boolean          //
	uuid             //
	enumerated       //
	day              // date
	instant          // timestamptz
	wallClock        // timestamp: in the zone of the configuration
	interval         //
	structured       // json, jsonb
	several          // arrays
)

// classes are the types of PostgreSQL by name.
var classes = map[string]class{
	"text": textual, "varchar": textual, "name": textual, "char": textual, "bpchar": padded, "citext": folded,
	"int2": integer, "int4": integer, "int8": integer, "oid": integer, "float8": double, "float4": single, "numeric": numeric,
	"bool": boolean, "uuid": uuid, "date": day, "timestamptz": instant, "timestamp": wallClock, "interval": interval,
	"json": structured, "jsonb": structured,
}

// codec reads and writes the values of one type. It is immutable.
type codec struct {
	class   class
	typ     string // for parameters that are compared with it: int8
	value   schema.ValueType
	labels  map[string]bool // of an enumeration
	element *codec          // of an array
	zone    *time.Location  // of wall clocks
	oid     uint32          // of the type, where values are read as they are; 0: they are converted
}

// scalarOf is the type of a class here.
var scalarOf = map[class]schema.Scalar{
	textual: schema.String, padded: schema.String, folded: schema.String, shown: schema.String, uuid: schema.String, enumerated: schema.String,
	integer: schema.Long, double: schema.Float, single: schema.Float, numeric: schema.Decimal, boolean: schema.Boolean,
	day: schema.Date, instant: schema.DateTime, wallClock: schema.DateTime, interval: schema.Duration, structured: schema.JSON,
}

// castOf is the type of parameters that are compared with a class.
var castOf = map[class]string{
	textual: "text", padded: "bpchar", folded: "text", shown: "text", uuid: "uuid", integer: "int8", double: "float8", single: "float8",
	numeric: "numeric", boolean: "bool", day: "date", instant: "timestamptz", wallClock: "timestamptz", interval: "interval", structured: "jsonb",
}

func newCodec(c class, name string, zone *time.Location) *codec {
	k := &codec{class: c, typ: castOf[c], value: schema.ValueType{Scalar: scalarOf[c]}, zone: zone}
	if name == "int2" || name == "int4" {
		k.value.Scalar = schema.Int
	}
	return k
}

// read is the expression whose text decode takes.
func (k *codec) read(column string) string {
	switch k.class {
	case padded, folded, shown, enumerated, uuid, structured:
		return column + "::text"
	case wallClock:
		return "(" + column + " AT TIME ZONE '" + k.zone.String() + "')"
	case several:
		return "to_json(" + column + ")::text"
	}
	return column
}

// equal is the expression that is compared for equality; an index on the column serves it where that is right.
func (k *codec) equal(column string) string {
	switch k.class {
	case folded:
		return column + `::text COLLATE "C"`
	case shown:
		return column + "::text"
	case single:
		return column + "::text::float8"
	case wallClock:
		if k.zone == time.UTC {
			return "(" + column + " AT TIME ZONE 'UTC')"
		}
		return k.read(column)
	}
	return column
}

// order is the expression that is compared and ordered: texts by code points, what is no number as null.
func (k *codec) order(column string) string {
	switch k.class {
	case textual, padded, folded, shown, enumerated:
		return column + `::text COLLATE "C"`
	case single:
		return "nullif(nullif(nullif(" + column + ", 'NaN'), 'Infinity'), '-Infinity')"
	case double, numeric:
		return "nullif(nullif(nullif(" + column + ", 'NaN'), 'Infinity'), '-Infinity')"
	case wallClock:
		return k.read(column)
	}
	return column
}

// strange says whether a column can hold numbers that are none, which are read as null.
func (k *codec) strange() bool { return k.class == double || k.class == single || k.class == numeric }

// ordered says whether values compare in the database as they do here.
func (k *codec) ordered() bool { return k.class != structured && k.class != several }

// texts says whether a part of the text can be looked for.
func (k *codec) texts() bool {
	return k.class == textual || k.class == padded || k.class == folded || k.class == shown || k.class == enumerated || k.class == uuid
}

// operators are the conditions that the database decides.
func (k *codec) operators() []schema.ConditionOp {
	switch {
	case k.class == structured:
		return []schema.ConditionOp{schema.IsNull}
	case k.class == several:
		return []schema.ConditionOp{schema.IsNull, schema.IsEmpty, schema.Has, schema.HasAny}
	}
	all := []schema.ConditionOp{schema.Eq, schema.Ne, schema.In, schema.NotIn, schema.Lt, schema.Lte, schema.Gt, schema.Gte, schema.IsNull}
	if k.texts() {
		all = append(all, schema.StartsWith, schema.Contains)
	}
	return all
}
