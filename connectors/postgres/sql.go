package postgres

import (
	"strconv"
	"strings"

	"mereon/schema"
)

// sql is a statement being written. Values only ever enter it as parameters.
type sql struct {
	text strings.Builder
	args []argument
}

// argument is a parameter: a value known when the statement is written, or one of each key.
type argument struct {
	value []byte // as text; nil: NULL
	key   int    // > 0: the array of the n-th value of all keys; < 0: the array of positions
	codec *codec // of key
}

func (s *sql) put(parts ...string) {
	for _, p := range parts {
		s.text.WriteString(p)
	}
}

// value adds a parameter of a type and returns its place, $1::int8.
func (s *sql) value(text, typ string) string {
	s.args = append(s.args, argument{value: []byte(text)})
	return s.place() + "::" + typ
}

func (s *sql) place() string { return "$" + strconv.Itoa(len(s.args)) }

// quote makes an identifier of any name.
//
// Source: PostgreSQL manual, "4.1.1. Identifiers and Key Words".
func quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// array is the text of an array of texts; nil elements are NULL.
//
// Source: PostgreSQL manual, "8.15.6. Array Input and Output Syntax".
type array struct {
	text []byte
}

func (a *array) add(element string) {
	a.separate()
	a.text = append(a.text, '"')
	for i := 0; i < len(element); i++ {
		if c := element[i]; c == '"' || c == '\\' {
			a.text = append(a.text, '\\')
		}
		a.text = append(a.text, element[i])
	}
	a.text = append(a.text, '"')
}

func (a *array) addNumber(n int) {
	a.separate()
	a.text = strconv.AppendInt(a.text, int64(n), 10)
}

func (a *array) separate() {
	if a.text == nil {
		a.text = append(make([]byte, 0, 64), '{')
		return
	}
	a.text = append(a.text, ',')
}

func (a *array) bytes() []byte {
	if a.text == nil {
		return []byte("{}")
	}
	return append(a.text, '}')
}

// arrayOf is the array of those values that the type can hold; the others equal nothing in it.
func arrayOf(values []schema.Value, c *codec) string {
	var a array
	for _, v := range values {
		if text, ok := c.encode(v); ok {
			a.add(text)
		}
	}
	return string(a.bytes())
}

// pattern escapes a text for LIKE.
func pattern(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
