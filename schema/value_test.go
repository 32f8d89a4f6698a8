package schema_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"mereon/schema"
	"mereon/schema/fault"
)

// decoded reads JSON as a request is read: numbers keep their digits; values of type JSON stay raw.
func decoded(t *testing.T, text []byte, typ schema.ValueType) any {
	t.Helper()
	if typ.Scalar == schema.JSON && !typ.List && string(text) != "null" {
		return json.RawMessage(text)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func scalar(s schema.Scalar) schema.ValueType { return schema.ValueType{Scalar: s} }

func list(s schema.Scalar) schema.ValueType { return schema.ValueType{Scalar: s, List: true} }

func TestParseValueReadsWhatDecodersGive(t *testing.T) {
	modes := schema.ValueType{Enum: "Mode", Scalar: schema.String}
	model := &schema.Model{Enums: map[schema.TypeName]*schema.Enum{"Mode": {Name: "Mode", Values: []schema.EnumValue{{Name: "AUTO"}, {Name: "MANUAL"}}}}}
	noon := time.Date(2026, 3, 31, 14, 5, 0, 500, time.FixedZone("", 7200))
	for _, c := range []struct {
		in   any
		typ  schema.ValueType
		want string
	}{
		{nil, scalar(schema.Int), "null"}, {5, scalar(schema.Int), "5"}, {5.0, scalar(schema.Int), "5"}, {json.Number("5e2"), scalar(schema.Int), "500"},
		{int64(1 << 53), scalar(schema.Long), "9007199254740992"}, {json.Number("-7"), scalar(schema.Long), "-7"},
		{5, scalar(schema.Float), "5"}, {json.Number("0.1"), scalar(schema.Float), "0.1"}, {1e21, scalar(schema.Float), "1e+21"},
		{1e-7, scalar(schema.Float), "1e-7"}, {math.Copysign(0, -1), scalar(schema.Float), "0"},
		{"12.50", scalar(schema.Decimal), `"12.5"`}, {json.Number("1e3"), scalar(schema.Decimal), `"1000"`}, {"-0.00", scalar(schema.Decimal), `"0"`},
		{"+007.5e-2", scalar(schema.Decimal), `"0.075"`}, {0.1, scalar(schema.Decimal), `"0.1"`},
		{true, scalar(schema.Boolean), "true"}, {"P-7", scalar(schema.String), `"P-7"`}, {"a\"\\\n\u2028\x00é", scalar(schema.String), `"a\"\\\n\u2028\u0000é"`},
		{"bad\xff", scalar(schema.String), `"bad` + "\uFFFD" + `"`}, {17, scalar(schema.ID), `"17"`}, {json.Number("17"), scalar(schema.ID), `"17"`},
		{"2026-03-31", scalar(schema.Date), `"2026-03-31"`}, {time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC), scalar(schema.Date), `"2026-03-31"`},
		{"2026-03-31T14:05:00.5+02:00", scalar(schema.DateTime), `"2026-03-31T12:05:00.5Z"`}, {noon, scalar(schema.DateTime), `"2026-03-31T12:05:00.0000005Z"`},
		{"5s", scalar(schema.Duration), `"PT5S"`}, {"1d", scalar(schema.Duration), `"P1D"`}, {"PT1H30M", scalar(schema.Duration), `"PT1H30M"`},
		{"P1DT0.25S", scalar(schema.Duration), `"P1DT0.25S"`}, {"-1h30m", scalar(schema.Duration), `"-PT1H30M"`}, {"0s", scalar(schema.Duration), `"PT0S"`},
		{map[string]any{"b": []any{1, nil}, "a": map[any]any{2: true}}, scalar(schema.JSON), `{"a":{"2":true},"b":[1,null]}`},
		{"AUTO", modes, `"AUTO"`}, {[]any{"a", nil}, list(schema.String), `["a",null]`}, {[]string{"a"}, list(schema.String), `["a"]`}, {3, list(schema.Int), "[3]"},
		{schema.DecimalOf("2.5"), scalar(schema.Float), "2.5"}, {schema.DecimalOf("4"), scalar(schema.Long), "4"}, {schema.DecimalOf("4"), scalar(schema.String), `"4"`},
		{schema.IntOf(3), scalar(schema.Float), "3"}, {schema.ListOf([]schema.Value{schema.IntOf(3)}), list(schema.Int), "[3]"},
	} {
		v, err := schema.ParseValue(c.in, c.typ, model)
		if got := string(v.AppendJSON(nil)); err != nil || got != c.want {
			t.Errorf("ParseValue(%v, %v) = %s, %v, want %s", c.in, c.typ.Scalar, got, err, c.want)
		}
	}
}

func TestParseValueSaysWhatWasExpected(t *testing.T) {
	modes := schema.ValueType{Enum: "Mode", Scalar: schema.String}
	model := &schema.Model{Enums: map[schema.TypeName]*schema.Enum{"Mode": {Name: "Mode", Values: []schema.EnumValue{{Name: "AUTO"}, {Name: "MANUAL"}}}}}
	for _, c := range []struct {
		in   any
		typ  schema.ValueType
		want string
	}{
		{"5", scalar(schema.Int), `expected Int, got the text "5": write a whole number, without quotes`},
		{5.5, scalar(schema.Int), "expected Int, got the number 5.5: it must be a whole number"},
		{1 << 31, scalar(schema.Int), "the number 2147483648 does not fit Int: it must be between -2147483648 and 2147483647"},
		{json.Number("99999999999999999999"), scalar(schema.Long), "the number 99999999999999999999 does not fit Long: it must be between -9007199254740992 and 9007199254740992"},
		{json.Number("1e999"), scalar(schema.Float), "expected Float, got the number 1e999: it must be a finite number"},
		{math.Inf(1), scalar(schema.Float), "expected Float, got +Inf: write a finite number, without quotes"},
		{"1,5", scalar(schema.Decimal), `expected Decimal, got the text "1,5": write it as "12.50", with at most 100 digits`},
		{"yes", scalar(schema.Boolean), `expected Boolean, got the text "yes": write true or false, without quotes`},
		{7, scalar(schema.String), "expected String, got the number 7: put it in quotes"},
		{"2026-02-30", scalar(schema.Date), `expected Date, got the text "2026-02-30": write it as 2026-03-31`},
		{"2026-03-31 14:05", scalar(schema.DateTime), `expected DateTime, got the text "2026-03-31 14:05": write it as 2026-03-31T14:05:00Z`},
		{"1600-01-01T00:00:00Z", scalar(schema.DateTime), `the text "1600-01-01T00:00:00Z" is out of range: a DateTime is between the years 1678 and 2262`},
		{5, scalar(schema.Duration), "expected Duration, got the number 5: write it with its unit: 5s, 1h30m, 1d or PT5S"},
		{"P1Y", scalar(schema.Duration), `"P1Y" is no duration: write 5s, 1h30m, 1d or PT5S`},
		{"AUTOO", modes, `Mode has no value "AUTOO"; did you mean AUTO?`},
		{"x", modes, `Mode has no value "x"; it has AUTO, MANUAL`},
		{[]any{1, "x"}, list(schema.Int), `element 2: expected Int, got the text "x": write a whole number, without quotes`},
		{[]any{1}, scalar(schema.Int), "expected Int, got a list: write a whole number, without quotes"},
		{1, schema.ValueType{Component: "Motor"}, "expected the fields of the component Motor, got the number 1"},
	} {
		_, err := schema.ParseValue(c.in, c.typ, model)
		if err == nil || err.Error() != c.want || fault.CodeOf(err) != fault.Invalid {
			t.Errorf("ParseValue(%v, %v): %v, want %s", c.in, c.typ.Scalar, err, c.want)
		}
	}
}

func TestParseTextReadsCellsOfTables(t *testing.T) {
	for _, c := range []struct {
		text string
		typ  schema.ValueType
		want string
	}{
		{"", scalar(schema.String), "null"}, {" 5 ", scalar(schema.Int), "5"}, {"1.5", scalar(schema.Float), "1.5"}, {"TRUE", scalar(schema.Boolean), "true"},
		{"5", scalar(schema.String), `"5"`}, {"a; b", list(schema.String), `["a","b"]`}, {"1;2", list(schema.Int), "[1,2]"},
		{`{"a": 1}`, scalar(schema.JSON), `{"a":1}`}, {"plain", scalar(schema.JSON), `"plain"`},
	} {
		v, err := schema.ParseText(c.text, c.typ, nil)
		if got := string(v.AppendJSON(nil)); err != nil || got != c.want {
			t.Errorf("ParseText(%q, %v) = %s, %v, want %s", c.text, c.typ.Scalar, got, err, c.want)
		}
	}
}

func TestCheckValueFindsEverythingForbidden(t *testing.T) {
	least, most := 0.0, 100.0
	for _, c := range []struct {
		p    schema.Property
		v    schema.Value
		want string
	}{
		{schema.Property{Type: schema.ValueType{NonNull: true}}, schema.Null, "a value is needed"},
		{schema.Property{}, schema.Null, ""},
		{schema.Property{Min: &least}, schema.FloatOf(-0.5), "-0.5 is less than 0, the least allowed"},
		{schema.Property{Max: &most}, schema.DecimalOf("100.01"), "100.01 is more than 100, the most allowed"},
		{schema.Property{Min: &least, Max: &most}, schema.IntOf(100), ""},
		{schema.Property{Pattern: "P-[0-9]+"}, schema.StringOf("xP-7"), `"xP-7" does not match the pattern P-[0-9]+`},
		{schema.Property{Pattern: "a|b"}, schema.StringOf("ab"), `"ab" does not match the pattern a|b`},
		{schema.Property{Type: schema.ValueType{List: true, Elements: true}, Min: &least}, schema.ListOf([]schema.Value{schema.IntOf(-1), schema.Null}),
			"element 1: -1 is less than 0, the least allowed; element 2: a value is needed"},
	} {
		var texts []string
		for _, err := range schema.CheckValue(&c.p, c.v) {
			texts = append(texts, err.Error())
		}
		if got := strings.Join(texts, "; "); got != c.want {
			t.Errorf("CheckValue(%s) = %q, want %q", c.v.AppendJSON(nil), got, c.want)
		}
	}
}

func TestAppendJSONOfScalarsDoesNotAllocate(t *testing.T) {
	values := []schema.Value{
		schema.Null, schema.BoolOf(true), schema.IntOf(-5), schema.FloatOf(12.5), schema.DecimalOf("1.5"), schema.StringOf("P-7 \u2028"),
		schema.DateOf("2026-03-31"), schema.TimeOf(time.Unix(1, 5)), schema.DurationOf(90 * time.Minute), schema.JSONOf("{}"),
	}
	buffer := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() {
		buffer = buffer[:0]
		for _, v := range values {
			buffer = v.AppendJSON(buffer)
		}
	}); n != 0 {
		t.Errorf("AppendJSON allocates %v times", n)
	}
}

func TestAppendJSONStringAgreesWithTheStandardLibrary(t *testing.T) {
	for _, s := range []string{"", "plain", "\x00\x1f\x7f\"\\/", "é€𝄞", "a\xffb\xc3", "\u2028\u2029", "<b>&amp;"} {
		var want string
		if err := json.Unmarshal(schema.AppendJSONString(nil, s), &want); err != nil || want != strings.ToValidUTF8(s, "\uFFFD") {
			t.Errorf("AppendJSONString(%q) is read back as %q, %v", s, want, err)
		}
	}
}
