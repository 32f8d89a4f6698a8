package file

import (
	"math"
	"regexp"
	"strconv"
	"time"

	"mereon/schema"
)

// may is a set of types that a column may have.
type may uint8

const (
	mayInt may = 1 << iota
	mayFloat
	mayBool
	mayDate
	mayTime
	mayAll = mayInt | mayFloat | mayBool | mayDate | mayTime
)

// plain numbers have no sign of being a code: no leading zeros, no plus, no exponent tricks.
var (
	plainInt   = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,15})$`)
	plainFloat = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?$`)
)

// guess says what a text may be.
func guess(text string) (m may) {
	switch c := text; {
	case c == "true" || c == "false":
		return mayBool
	case c == "" || c[0] != '-' && (c[0] < '0' || c[0] > '9'):
		return 0
	}
	if plainInt.MatchString(text) {
		if i, err := strconv.ParseInt(text, 10, 64); err == nil && i <= 1<<53 && i >= -1<<53 {
			m |= mayInt
		}
	}
	if plainFloat.MatchString(text) {
		if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(f, 0) {
			return m | mayFloat
		}
	}
	if len(text) == len(time.DateOnly) {
		if _, err := time.Parse(time.DateOnly, text); err == nil {
			return mayDate
		}
	}
	if len(text) >= len("2006-01-02T15:04:05Z") {
		if _, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return mayTime
		}
	}
	return m
}

// typeOf is the narrowest type of a set; seen says whether there was any value.
func (m may) typeOf(seen bool) schema.Scalar {
	switch {
	case !seen:
		return schema.String
	case m&mayInt != 0:
		return schema.Long
	case m&mayFloat != 0:
		return schema.Float
	case m&mayBool != 0:
		return schema.Boolean
	case m&mayDate != 0:
		return schema.Date
	case m&mayTime != 0:
		return schema.DateTime
	}
	return schema.String
}

// inference finds the types of columns from all their texts.
type inference struct {
	may  []may
	seen []bool
}

func newInference(n int) *inference {
	i := &inference{may: make([]may, n), seen: make([]bool, n)}
	for c := range i.may {
		i.may[c] = mayAll
	}
	return i
}

func (i *inference) see(c int, text string) {
	if i.may[c] != 0 {
		i.may[c] &= guess(text)
	}
	i.seen[c] = true
}

// settle sets the types of columns that are not declared.
func (i *inference) settle(columns []column, l *layout) {
	for c := range columns {
		col := &columns[c]
		declared, ok := l.types[col.name]
		switch {
		case ok:
			col.typ = declared
		case col.name == l.key && l.key != "":
			col.typ = schema.ID
		case col.codes != nil:
			col.typ = schema.String
		case col.format.date:
			col.typ = schema.Date
		case col.format != format{}:
			col.typ = schema.DateTime
		default:
			col.typ = i.may[c].typeOf(i.seen[c])
		}
	}
}
