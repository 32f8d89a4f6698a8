package search

import (
	"encoding/json"
	"strings"

	"mereon/graph"
	"mereon/schema"
)

// Place says where a text of an entity is.
type Place uint8

const (
	Key   Place = iota // its id, an external id
	Name               // its name
	Other              // a property
)

// Texts calls visit with every text by which an entity is found: its id, then those of its values.
func Texts(id graph.EntityID, values []graph.PathValue, visit func(Place, string)) {
	visit(Key, string(id))
	for _, v := range values {
		TextsOf(v.Path, v.Value, visit)
	}
}

// TextsOf calls visit with every text of one value. What is JSON is not searched, except external ids.
func TextsOf(path schema.Path, v schema.Value, visit func(Place, string)) {
	switch v.Kind() {
	case schema.StringValue:
		if path == graph.ColumnName {
			visit(Name, v.Text())
		} else {
			visit(Other, v.Text())
		}
	case schema.ListValue:
		for _, e := range v.List() {
			if e.Kind() == schema.StringValue {
				visit(Other, e.Text())
			}
		}
	case schema.JSONValue:
		if path == graph.ColumnExternalIDs {
			externalIDs(v.Text(), func(id string) { visit(Key, id) })
		}
	}
}

// externalIDs calls visit with the texts of a JSON object, those without escapes without decoding it.
func externalIDs(object string, visit func(string)) {
	if strings.Contains(object, `\`) || strings.ContainsAny(strings.Trim(object, "{}"), "{}[]") {
		var ids map[string]any
		if json.Unmarshal([]byte(object), &ids) != nil {
			return
		}
		for _, id := range ids {
			if text, ok := id.(string); ok {
				visit(text)
			}
		}
		return
	}
	for {
		_, rest, ok := strings.Cut(object, `"`)
		_, rest, closed := strings.Cut(rest, `"`) // the name of the system
		if !ok || !closed {
			return
		}
		value := strings.TrimLeft(rest, " \t\r\n:")
		if strings.HasPrefix(value, `"`) {
			text, after, _ := strings.Cut(value[1:], `"`)
			visit(text)
			value = after
		}
		object = value
	}
}
