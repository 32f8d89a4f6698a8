package query

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mereon/graph"
	"mereon/schema"
)

// reference is one series of one entity.
type reference struct {
	connector, ref string
	source         *liveSource
}

// referenceFinder finds the references of one live property of the rows of a frame.
type referenceFinder struct {
	x        *execution
	f        *frame
	path     schema.Path
	bindings int
	t        schema.TypeName
	source   *liveSource
	columns  []int
	text     strings.Builder
}

func (x *execution) references(f *frame, path schema.Path) *referenceFinder {
	return &referenceFinder{x: x, f: f, path: path, bindings: f.columnOf(graph.ColumnBindings)}
}

// of returns the reference of row i, or why it has none.
func (r *referenceFinder) of(i int) (reference, string) {
	if t := r.f.typeOf(i); r.source == nil || t != r.t {
		r.t, r.source = t, r.x.engine.catalog.sources[sourceKey{t, r.path}]
		r.columns = r.columns[:0]
		if r.source != nil {
			for _, p := range r.source.paths {
				r.columns = append(r.columns, r.f.columnOf(p))
			}
		}
	}
	if r.source == nil {
		return reference{}, fmt.Sprintf("%s has no live property %s", r.t, r.path)
	}
	if r.bindings >= 0 {
		if v := r.f.cell(r.bindings, i); !v.IsNull() {
			if connector, ref, ok := override(v.Text(), r.path); ok {
				return reference{connector, ref, r.source}, ""
			}
		}
	}
	r.text.Reset()
	for k, c := range r.columns {
		r.text.WriteString(r.source.texts[k])
		var v schema.Value
		if c >= 0 {
			v = r.f.cell(c, i)
		}
		if v.IsNull() {
			return reference{}, fmt.Sprintf("%s has no value", r.source.paths[k])
		}
		r.text.WriteString(r.x.engine.source.Escape(r.source.connector, textOf(v)))
	}
	r.text.WriteString(r.source.texts[len(r.source.texts)-1])
	return reference{r.source.connector, r.text.String(), r.source}, ""
}

// override reads the binding of one property from the bindings of an entity: {"flow": {"connector": "lab", "ref": "x7"}}.
func override(bindings string, path schema.Path) (connector, ref string, ok bool) {
	var all map[string]struct{ Connector, Ref string }
	if json.Unmarshal([]byte(bindings), &all) != nil {
		return "", "", false
	}
	b, ok := all[string(path)]
	return b.Connector, b.Ref, ok && b.Connector != ""
}

// textOf returns a value as it is inserted into a reference, before escaping.
func textOf(v schema.Value) string {
	switch v.Kind() {
	case schema.BoolValue:
		return strconv.FormatBool(v.Bool())
	case schema.IntValue:
		return strconv.FormatInt(v.Int(), 10)
	case schema.FloatValue:
		return string(schema.AppendJSONFloat(nil, v.Float()))
	case schema.DateTimeValue:
		return v.Time().Format(time.RFC3339Nano)
	case schema.DurationValue:
		return schema.FormatDuration(v.Duration())
	}
	return v.Text()
}
