package connectors

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mereon/schema"
)

// signatureOf is a text that is equal for equal questions, and only for them.
func signatureOf(w *Want) string {
	b := make([]byte, 0, 160)
	b = strconv.AppendInt(b, int64(w.Kind), 10)
	b = appendTexts(appendText(b, w.Collection), w.Columns)
	b = appendCondition(appendTexts(b, w.KeyColumns), w.Where)
	for _, o := range w.Order {
		b = strconv.AppendBool(appendText(b, o.Column), o.Desc)
	}
	for _, j := range w.Joins {
		b = appendText(appendText(append(b, 'j'), j.Name), j.Collection)
		for _, on := range j.On {
			b = appendTexts(b, on[:])
		}
	}
	for _, g := range w.Group {
		b = appendText(appendTexts(append(b, 'g'), []string{g.Column, g.As, string(g.Unit), g.Location}), g.Every.String())
	}
	for _, m := range w.Measures {
		b = appendTexts(append(b, 'm'), []string{string(m.Func), m.Column, m.As})
	}
	b = fmt.Appendf(b, "|%d,%d,%t|%d,%d,%d|", w.PerKey, w.Limit, w.Count, nanos(w.From), nanos(w.To), w.Every)
	b = appendText(appendText(b, string(w.Aggregate)), w.Location)
	for _, a := range w.Aggregates {
		b = appendText(b, string(a))
	}
	return string(b)
}

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func appendText(b []byte, s string) []byte {
	b = strconv.AppendInt(b, int64(len(s)), 10)
	return append(append(b, ':'), s...)
}

func appendTexts(b []byte, texts []string) []byte {
	b = append(strconv.AppendInt(b, int64(len(texts)), 10), '#')
	for _, s := range texts {
		b = appendText(b, s)
	}
	return b
}

func appendCondition(b []byte, c *schema.Condition) []byte {
	if c == nil {
		return append(b, '-')
	}
	b = append(strconv.AppendInt(append(b, '('), int64(c.Op), 10), ' ')
	for _, a := range c.Args {
		b = appendCondition(b, a)
	}
	return append(appendValue(appendText(b, string(c.Path)), c.Value), ')')
}

// appendValue appends a text that is equal for equal values of one kind, and for equal numbers of any kind.
func appendValue(b []byte, v schema.Value) []byte {
	switch v.Kind() {
	case schema.NullValue:
		return append(b, 'n')
	case schema.BoolValue:
		return strconv.AppendBool(b, v.Bool())
	case schema.IntValue:
		return append(strconv.AppendInt(append(b, 'i'), v.Int(), 10), ' ')
	case schema.FloatValue:
		if f := v.Float(); f == float64(int64(f)) {
			return append(strconv.AppendInt(append(b, 'i'), int64(f), 10), ' ')
		}
		return append(strconv.AppendFloat(append(b, 'f'), v.Float(), 'g', -1, 64), ' ')
	case schema.DateTimeValue:
		return append(strconv.AppendInt(append(b, 't'), v.Time().UnixNano(), 10), ' ')
	case schema.DurationValue:
		return append(strconv.AppendInt(append(b, 'd'), int64(v.Duration()), 10), ' ')
	case schema.ListValue:
		b = append(b, '[')
		for _, e := range v.List() {
			b = appendValue(b, e)
		}
		return append(b, ']')
	}
	return appendText(append(b, byte('A'+v.Kind())), v.Text())
}

// columnsOf adds the columns that a condition compares to columns.
func columnsOf(c *schema.Condition, columns []string) []string {
	if c == nil {
		return columns
	}
	for _, a := range c.Args {
		columns = columnsOf(a, columns)
	}
	if c.Op >= schema.Eq && c.Op <= schema.IsEmpty {
		columns = addColumn(columns, string(c.Path))
	}
	return columns
}

func addColumn(columns []string, name string) []string {
	if slices.Contains(columns, name) {
		return columns
	}
	return append(columns, name)
}

// checkWant says what makes a question meaningless, "" when nothing does.
func checkWant(w *Want, c *Collection) string {
	switch w.Kind {
	case History:
		if !w.From.Before(w.To) {
			return "the range ends before it begins"
		}
		if w.Every > 0 && w.Aggregate == Raw {
			return "buckets need an aggregate (AVG, MIN, MAX, SUM, COUNT, FIRST, LAST)"
		}
		if w.Every < 0 || w.Every > 0 && w.Every < time.Millisecond {
			return "a bucket must last at least 1ms"
		}
	case Records:
		if w.Grouped() {
			return checkGroups(w, c)
		}
		return unknownColumns(c, innerColumns(w))
	}
	return ""
}

func unknownColumns(c *Collection, names []string) string {
	var unknown []string
	for _, name := range names {
		if !slices.ContainsFunc(c.Columns, func(have Column) bool { return have.Name == name }) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return ""
	}
	return fmt.Sprintf("the collection %s has no column %s; it has %s", c.Name, strings.Join(unknown, ", "), list(namesOf(c.Columns)))
}

func namesOf(columns []Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}

// innerColumns is what must be fetched to judge the rows: the columns wanted, first, and those of keys, filter and order.
func innerColumns(w *Want) []string {
	columns := slices.Clone(w.Columns)
	for _, k := range w.KeyColumns {
		columns = addColumn(columns, k)
	}
	columns = columnsOf(w.Where, columns)
	for _, o := range w.Order {
		columns = addColumn(columns, o.Column)
	}
	return columns
}
