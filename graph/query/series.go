package query

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mereon/schema"
)

// Series says which series supplies a live property of the entities of one asset type. It is immutable.
type Series struct {
	Path      schema.Path   // of the property, from the entity
	Connector string        // "" when every entity names its own
	Paths     []schema.Path // the values a reference is put together from, from the entity
	texts     []string      // before, between and after them
}

// Escaper writes a value so that it stands in a reference of a connector as itself.
type Escaper interface {
	Escape(connector, value string) string
}

// SeriesOf returns the series of a live property. Paths written inside a component become paths from the entity.
func SeriesOf(leaf schema.Leaf) Series {
	live := leaf.Property.Live
	s := Series{Path: leaf.Path, Connector: live.Connector, texts: live.Ref.Texts}
	for _, p := range live.Ref.Paths {
		s.Paths = append(s.Paths, inside(leaf.Within, p))
	}
	return s
}

// Reference returns the reference of one entity: what bindings, its column of that name, says of the property, else what the
// values of s.Paths give, in that order. Without a reference why says what is missing.
func (s *Series) Reference(bindings schema.Value, values []schema.Value, e Escaper) (connector, ref, why string) {
	if !bindings.IsNull() {
		if connector, ref, why = s.override(bindings.Text()); ref != "" || why != "" {
			return connector, ref, why
		}
	}
	if s.Connector == "" {
		return "", "", fmt.Sprintf("%s has no series; name one under bindings", s.Path)
	}
	var text strings.Builder
	for i, v := range values {
		if v.IsNull() {
			return "", "", fmt.Sprintf("%s has no value", s.Paths[i])
		}
		text.WriteString(s.texts[i])
		text.WriteString(e.Escape(s.Connector, textOf(v)))
	}
	text.WriteString(s.texts[len(values)])
	return s.Connector, text.String(), ""
}

// override reads the binding of the property from the bindings of an entity: {"flow": {"connector": "lab", "ref": "x7"}}.
// Without a connector it is the model's. All is "" when there is none.
func (s *Series) override(bindings string) (connector, ref, why string) {
	var all map[string]struct{ Connector, Ref string }
	if json.Unmarshal([]byte(bindings), &all) != nil {
		return "", "", `bindings are not written as {"flow": {"connector": "lab", "ref": "x7"}}`
	}
	b, ok := all[string(s.Path)]
	switch {
	case !ok:
		return "", "", ""
	case b.Ref == "":
		return "", "", fmt.Sprintf("bindings.%s has no ref", s.Path)
	case b.Connector == "" && s.Connector == "":
		return "", "", fmt.Sprintf("bindings.%s has no connector", s.Path)
	case b.Connector == "":
		return s.Connector, b.Ref, ""
	}
	return b.Connector, b.Ref, ""
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
