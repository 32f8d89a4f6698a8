package difference

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

func (o *writer) scalar(name, of, t string) any {
	switch name {
	case "search":
		return o.text()
	case "every":
		return pick(o.world, []string{"PT1M", "PT1H30M", "PT6H", "P1D", "P1D", "P2D", "P7D"})
	case "from", "to":
		if t == "DateTime" {
			return o.instant(name)
		}
	}
	switch name {
	case "first", "last":
		return o.some(1, 5)
	case "depth", "maxDepth":
		return o.some(1, 3)
	case "timeZone":
		return pick(o.world, []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"})
	case "hierarchy":
		return "place"
	case "of", "from", "to", "id", "ids":
		if o.chance(92) {
			return pick(o.world, o.Entities).ID
		}
		return "nobody"
	case "type":
		return pick(o.world, o.order)
	case "via":
		if of == "affected" {
			return o.walkable()
		}
		if len(o.Links) == 0 {
			return "isIn"
		}
		return pick(o.world, o.Links).Relation
	case "unit":
		if of == "value" || of == "history" {
			of = o.above
		}
		return o.unitOf(of)
	case "name":
		if of == "property" {
			return o.anyPath()
		}
	case "number":
		return pick(o.world, []string{"O0", "O1", "O2", "nobody"})
	}
	switch {
	case t == "Int" && (strings.HasSuffix(of, "CountFilter")):
		return o.some(0, 3)
	case pools[t] == nil:
		return "?"
	case t == "ID" || t == "String":
		e := pick(o.world, o.Entities)
		return pick(o.world, []any{e.ID, e.Name, e.Type, pick(o.world, pools[t]), pick(o.world, pools[t]), "O1", "n"})
	}
	return pick(o.world, pools[t])
}

// weighted are the arguments of a path by weight, "" when no relationship has a number.
func (o *writer) weighted() string {
	var found []string
	for _, l := range o.Links {
		for _, name := range slices.Sorted(maps.Keys(l.Props)) {
			if _, text := l.Props[name].(string); !text {
				found = append(found, fmt.Sprintf("via: [%q], weight: %q", l.Relation, name))
			}
		}
	}
	found = slices.DeleteFunc(found, func(f string) bool { return !o.numeric(f[strings.LastIndex(f, ` "`)+2 : len(f)-1]) })
	if len(found) == 0 {
		return ""
	}
	missing := ""
	if o.chance(70) {
		missing = ", missing: " + pick(o.world, []string{"0", "1", "2.5"})
	}
	return fmt.Sprintf("(from: %q, to: %q, %s%s, direction: %s)", pick(o.world, o.Entities).ID, pick(o.world, o.Entities).ID, pick(o.world, found), missing, pick(o.world, []string{"OUT", "IN", "BOTH"}))
}

// numeric says whether a property of a component is a number.
func (w *world) numeric(name string) bool {
	for _, c := range w.Components {
		if f := c[name]; f != nil {
			return slices.Contains([]string{"Int", "Float", "Long"}, f.Type)
		}
	}
	return false
}

// walkable is a relationship, a field that follows one backwards, or a field that joins.
func (o *writer) walkable() string {
	names := []string{"isIn"}
	for _, l := range o.Links {
		names = append(names, l.Relation)
	}
	add := func(of fields) {
		for _, name := range slices.Sorted(maps.Keys(of)) {
			if f := of[name]; f.Kind == "join" || f.Kind == "relation" && f.Inverse {
				names = append(names, name, name)
			}
		}
	}
	for _, t := range o.order {
		add(o.Types[t].Fields)
	}
	for _, r := range slices.Sorted(maps.Keys(o.Records)) {
		add(o.Records[r].Fields)
	}
	return pick(o.world, names)
}

// text is something to search for: words of an entity, whole or begun, in any case.
func (o *writer) text() string {
	e := pick(o.world, o.Entities)
	words := strings.Fields(strings.Join([]string{e.Name, e.ID, pick(o.world, []string{"ford", "STRASSE", "水", "p", "x1", "a7", "on", "nothing", "", "-"})}, " "))
	var wanted []string
	for range o.some(1, 2) {
		word := pick(o.world, words)
		if letters := []rune(word); o.chance(40) {
			word = string(letters[:o.some(1, len(letters))])
		}
		if o.chance(20) {
			word = strings.ToUpper(word)
		}
		wanted = append(wanted, word)
	}
	return strings.Join(wanted, pick(o.world, []string{" ", "-", "  "}))
}

// instant is a beginning or an end of a range; ends are mostly after the beginning before them.
func (o *writer) instant(name string) string {
	if name == "from" || o.chance(4) {
		o.since = pick(o.world, []int{61, 3600, 86400 + 1800, 4 * 86400, 45 * 86400, 130 * 86400, 170 * 86400})
		return noon.Add(-time.Duration(o.since) * time.Second).Format(time.RFC3339)
	}
	return noon.Add(-time.Duration(o.IntN(o.since)) * time.Second).Format(time.RFC3339)
}

func (o *writer) unitOf(field string) string {
	for _, t := range o.Types {
		if f := t.Fields[field]; f != nil && f.Unit != "" && o.chance(95) {
			return pick(o.world, units[f.Unit])
		}
	}
	for _, all := range []map[string]fields{o.Components, o.recordFields()} {
		for _, c := range all {
			if f := c[field]; f != nil && f.Unit != "" {
				return pick(o.world, units[f.Unit])
			}
		}
	}
	return "bar" // what has no unit cannot be converted: an error of the field
}

func (w *world) recordFields() map[string]fields {
	out := map[string]fields{}
	for name, r := range w.Records {
		out[name] = r.Fields
	}
	return out
}

func (o *writer) anyPath() string {
	t := o.Types[pick(o.world, o.order)]
	name := pick(o.world, slices.Sorted(maps.Keys(t.Fields)))
	if f := t.Fields[name]; f.Kind == "component" && o.chance(60) {
		return name + "." + pick(o.world, slices.Sorted(maps.Keys(o.Components[f.Component])))
	}
	return name
}

// literal writes a value as GraphQL.
func literal(v any) string {
	switch v := v.(type) {
	case enumName:
		return string(v)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = literal(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+": "+literal(v[name]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// plain is a value as JSON writes it.
func plain(v any) any {
	switch v := v.(type) {
	case enumName:
		return string(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = plain(e)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, e := range v {
			out[name] = plain(e)
		}
		return out
	}
	return v
}
