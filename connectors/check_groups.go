package connectors

import (
	"fmt"
	"slices"
	"time"

	"mereon/schema"
)

// checkGroups says what makes a question for groups meaningless, "" when nothing does.
func checkGroups(w *Want, c *Collection) string {
	if len(w.Columns) > 0 {
		return "a question for groups has no columns of rows"
	}
	if why := unknownColumns(c, rawColumns(w)); why != "" {
		return why
	}
	for i := range w.Group {
		if why := checkKey(&w.Group[i], pick(c.Columns, []string{w.Group[i].Column})[0]); why != "" {
			return why
		}
	}
	for i := range w.Measures {
		if why := checkMeasure(&w.Measures[i], c); why != "" {
			return why
		}
	}
	names := resultNames(w)
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fmt.Sprintf("two results are called %q; name one of them (as)", name)
		}
	}
	for _, o := range w.Order {
		if !slices.Contains(names, o.Column) {
			return fmt.Sprintf("groups cannot be ordered by %s; they have %s", o.Column, list(names))
		}
	}
	return ""
}

func checkKey(g *GroupBy, c Column) string {
	if c.Type.List || c.Type.Scalar == schema.JSON {
		return fmt.Sprintf("rows cannot be grouped by %s, which holds lists or JSON", c.Name)
	}
	if !g.Divides() {
		return ""
	}
	if c.Type.Scalar != schema.Date && c.Type.Scalar != schema.DateTime {
		return fmt.Sprintf("%s is no time; only Date and DateTime columns have buckets", c.Name)
	}
	if _, err := g.Zone(); err != nil || g.Location == "Local" {
		return "unknown time zone " + g.Location + "; write an IANA name such as Europe/Berlin"
	}
	short := g.Unit == Hour || g.Unit == "" && g.Every%(24*time.Hour) != 0
	switch {
	case g.Unit != "" && g.Every != 0:
		return "a bucket has either a unit or a duration"
	case g.Unit != "" && !slices.Contains([]Unit{Hour, Day, Week, Month, Quarter, Year}, g.Unit):
		return fmt.Sprintf("unknown unit %s of a bucket; there are HOUR, DAY, WEEK, MONTH, QUARTER and YEAR", g.Unit)
	case g.Unit == "" && g.Every < time.Second:
		return "a bucket must last at least 1s"
	case c.Type.Scalar == schema.Date && short:
		return fmt.Sprintf("%s holds days; its buckets last whole days", c.Name)
	}
	return ""
}

func checkMeasure(m *Measure, c *Collection) string {
	if m.Func == Count && m.Column == "" {
		return ""
	}
	if m.Column == "" {
		return string(m.Func) + " needs a column"
	}
	t := pick(c.Columns, []string{m.Column})[0].Type
	number := t.Scalar == schema.Int || t.Scalar == schema.Long || t.Scalar == schema.Float || t.Scalar == schema.Decimal
	switch {
	case m.Func == Count:
		return ""
	case (m.Func == Min || m.Func == Max) && !t.List && t.Scalar != schema.JSON:
		return ""
	case (m.Func == Avg || m.Func == Sum) && number && !t.List && t.Enum == "":
		return ""
	case m.Func == Avg || m.Func == Sum:
		return fmt.Sprintf("%s needs numbers, which %s does not hold", m.Func, m.Column)
	}
	return fmt.Sprintf("no measure %s over %s; there are COUNT, MIN, MAX, AVG and SUM", m.Func, m.Column)
}

// resultNames are the names of the cells of a group.
func resultNames(w *Want) []string {
	names := make([]string, 0, len(w.Group)+len(w.Measures))
	for i := range w.Group {
		names = append(names, w.Group[i].Name())
	}
	for i := range w.Measures {
		names = append(names, w.Measures[i].Name())
	}
	return names
}

// resultColumns are the cells of a group as columns.
func resultColumns(w *Want, columns []Column) []Column {
	var out []Column
	for i := range w.Group {
		c := pick(columns, []string{w.Group[i].Column})[0]
		out = append(out, Column{Name: w.Group[i].Name(), Type: c.Type})
	}
	for i, m := range w.Measures {
		c := Column{Name: w.Measures[i].Name(), Type: schema.ValueType{Scalar: schema.Long}}
		if m.Func != Count {
			c.Type = pick(columns, []string{m.Column})[0].Type
		}
		if m.Func == Avg {
			c.Type.Scalar = schema.Float
		}
		out = append(out, c)
	}
	return out
}

// rawColumns is what must be fetched to make groups here: keys and measures, and the columns of keys and filter.
func rawColumns(w *Want) []string {
	var columns []string
	for _, g := range w.Group {
		columns = addColumn(columns, g.Column)
	}
	for _, m := range w.Measures {
		if m.Column != "" {
			columns = addColumn(columns, m.Column)
		}
	}
	for _, k := range w.KeyColumns {
		columns = addColumn(columns, k)
	}
	return columnsOf(w.Where, columns)
}
