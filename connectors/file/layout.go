package file

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/fault"
)

// layout says how the rows of a file are read. It is immutable.
type layout struct {
	json, header, byPlace bool
	delimiter             byte
	listed                []columnConfig
	types                 map[string]schema.Scalar
	units                 map[string]string
	maps                  map[string]map[string]string
	null                  map[string]bool
	key                   string
	zone                  *time.Location
	isSeries              bool
	ref                   string   // template over the identifying columns
	values                []string // wide tables: the columns that hold values; nil: the column "value"
}

// Names of columns with a meaning of their own in files of series.
const (
	timeColumn    = "time"
	valueColumn   = "value"
	typeColumn    = "valueType"
	unitColumn    = "unit"
	qualityColumn = "quality"
)

var roles = []string{timeColumn, valueColumn, typeColumn, unitColumn, qualityColumn}

func problem(at fault.Position, hint, format string, args ...any) fault.Problem {
	return fault.Problem{Position: at, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// seriesOf completes the layout of a file of series.
func seriesOf(d *document.Decoder, n *yaml.Node, l *layout, f *config) {
	l.isSeries, l.ref, l.values = true, f.Ref, f.Values
	listed := func(name string) bool {
		return slices.ContainsFunc(l.listed, func(c columnConfig) bool { return c.name == name })
	}
	if len(l.listed) > 0 && !listed(timeColumn) && (l.byPlace || l.json) {
		d.Wrong(n, "Write columns: [{time: epoch-ms}, ...].", "a file of series needs a column \"time\"; rows of a collection need \"collection\": its name")
	}
	if len(l.values) > 0 && !strings.Contains(l.ref, "{column}") {
		d.Wrong(n, "Write ref: \"engines/{id}/{column}\".", "a table with several values needs a \"ref\" with {column} in it")
	}
	if f.Key != "" {
		d.Wrong(n, "", "\"key\" belongs to a collection; name it with \"collection\"")
	}
}

// column is one column as it is in a file.
type column struct {
	name   string
	source string // key in NDJSON
	place  int    // in CSV
	format format
	typ    schema.Scalar
	codes  map[string]string
	unit   string
}

// bind finds the columns in a file with the given header (nil without one). Columns that are not listed keep their names,
// unless all columns are listed by place.
func (l *layout) bind(header []string) ([]column, error) {
	var columns []column
	add := func(name, source string, place int, text string) {
		f, _ := formatOf(text) // checked when the configuration was decoded
		c := column{name: name, source: source, place: place, format: f, typ: schema.String, codes: l.maps[name], unit: l.units[name]}
		columns = append(columns, c)
	}
	if l.byPlace {
		if header != nil && len(header) < len(l.listed) {
			return nil, fmt.Errorf("it has %d columns, %d are listed", len(header), len(l.listed))
		}
		for i, c := range l.listed {
			add(c.name, c.name, i, c.format)
		}
		return columns, l.check(columns)
	}
	var missing []string
	taken := map[string]bool{}
	for _, c := range l.listed {
		place := slices.Index(header, c.source)
		if place < 0 {
			missing = append(missing, c.source)
			continue
		}
		taken[c.source] = true
		add(c.name, c.source, place, c.format)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("it has no column %s; it has %s", strings.Join(missing, ", "), strings.Join(header, ", "))
	}
	for place, name := range header {
		if !taken[name] && name != "" {
			add(name, name, place, "")
			taken[name] = true
		}
	}
	return columns, l.check(columns)
}

func (l *layout) check(columns []column) error {
	need := func(name, hint string) error {
		if slices.ContainsFunc(columns, func(c column) bool { return c.name == name }) {
			return nil
		}
		return fmt.Errorf("it has no column %q; %s", name, hint)
	}
	seen := map[string]bool{}
	for _, c := range columns {
		if seen[c.name] {
			return fmt.Errorf("two columns are called %q", c.name)
		}
		seen[c.name] = true
	}
	if l.key != "" {
		return need(l.key, "name another one with \"key\"")
	}
	if !l.isSeries {
		return nil
	}
	if err := need(timeColumn, "say which column it is: columns: {timestamp: time}"); err != nil {
		return err
	}
	for _, v := range l.values {
		if err := need(v, "see \"values\""); err != nil {
			return err
		}
	}
	if len(l.values) == 0 {
		return need(valueColumn, "say which column it is, or list several with \"values\" and \"ref\"")
	}
	return nil
}

// identifying are the columns that tell series apart.
func (l *layout) identifying(columns []column) (places []int) {
	for i, c := range columns {
		if l.ref != "" && !strings.Contains(l.ref, "{"+c.name+"}") {
			continue
		}
		if !slices.Contains(roles, c.name) && !slices.Contains(l.values, c.name) {
			places = append(places, i)
		}
	}
	return places
}
