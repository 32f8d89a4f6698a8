package postgres

import (
	"net/url"
	"slices"
	"strings"

	"mereon/schema/document"
	"mereon/schema/fault"
)

// reference is a template of references: engines/{id}/{column}. Every inserted value is escaped as a URL path segment, so
// that it holds no slash; a part between two slashes has at most one placeholder.
type reference struct {
	text  string
	parts []part
}

// part is what stands between two slashes.
type part struct {
	before, name, after string // name "": before alone
}

// columnPlace is the placeholder for the name of a value column.
const columnPlace = "column"

func parseReference(text string) (r reference, why string) {
	r.text = text
	var names []string
	for _, segment := range strings.Split(text, "/") {
		p := part{before: segment}
		if before, rest, ok := strings.Cut(segment, "{"); ok {
			name, after, closed := strings.Cut(rest, "}")
			if !closed || name == "" || strings.ContainsAny(after, "{}") {
				return r, "a part between two slashes has one {column}, closed by a brace"
			}
			if slices.Contains(names, name) {
				return r, "{" + name + "} stands twice in it"
			}
			names = append(names, name)
			p = part{before, name, after}
		}
		r.parts = append(r.parts, p)
	}
	return r, ""
}

// names are the placeholders but {column}.
func (r *reference) names() []string {
	var names []string
	for _, p := range r.parts {
		if p.name != "" && p.name != columnPlace {
			names = append(names, p.name)
		}
	}
	return names
}

func (r *reference) hasColumn() bool {
	return slices.ContainsFunc(r.parts, func(p part) bool { return p.name == columnPlace })
}

// match reads the values of a reference, in the order of names, and the value column; false when it is no such reference.
func (r *reference) match(ref string) (values []string, column string, ok bool) {
	for i, p := range r.parts {
		segment := ref
		if i+1 < len(r.parts) {
			var more bool
			if segment, ref, more = strings.Cut(ref, "/"); !more {
				return nil, "", false
			}
		} else if strings.Contains(ref, "/") {
			return nil, "", false
		}
		if p.name == "" {
			if segment != p.before {
				return nil, "", false
			}
			continue
		}
		if len(segment) < len(p.before)+len(p.after) || !strings.HasPrefix(segment, p.before) || !strings.HasSuffix(segment, p.after) {
			return nil, "", false
		}
		value, err := url.PathUnescape(segment[len(p.before) : len(segment)-len(p.after)])
		switch {
		case err != nil:
			return nil, "", false
		case p.name == columnPlace:
			column = value
		default:
			values = append(values, value)
		}
	}
	return values, column, true
}

// layout is a table of measurements as the configuration describes it.
type layout struct {
	table         string
	ref           reference
	time          timeConfig
	value         string
	values        []string
	quality, unit string
	units         map[string]string
	at            fault.Position
}

// layout checks one entry of series.
func (c *seriesConfig) layout(d *document.Decoder) *layout {
	l := &layout{table: c.Table, time: c.Time, value: c.Value, values: c.Values, quality: c.Quality, unit: c.Unit, units: c.Units, at: c.At}
	wrong := func(hint, message string) {
		d.Problems = append(d.Problems, fault.Problem{Position: c.At, Message: message, Hint: hint})
	}
	var why string
	if l.ref, why = parseReference(c.Ref); why != "" {
		wrong("Write ref: \"engines/{id}/{column}\".", "the reference "+c.Ref+" cannot be used: "+why)
	}
	switch {
	case c.Table == "":
		wrong("Write table: measurements.", "series without a \"table\"")
	case c.Ref == "":
		wrong("Write ref: \"{asset}/{signal}\", with the columns that identify a series in braces.", "series of "+c.Table+" without a \"ref\"")
	case c.Time.column == "":
		wrong("Write time: measured_at.", "series of "+c.Table+" without a \"time\"")
	case (c.Value == "") == !l.ref.hasColumn():
		wrong("A table with a row for each value has value: column. One with a column for each signal has {column} in its ref.", "series of "+c.Table+" need either \"value\" or {column} in \"ref\"")
	case len(l.ref.names()) == 0:
		wrong("Write the columns that identify a series in braces.", "the ref of "+c.Table+" names no column")
	case len(c.Values) > 0 && c.Value != "":
		wrong("", "series of "+c.Table+" have \"value\" and \"values\"; \"values\" belongs to tables with a column for each signal")
	}
	return l
}
