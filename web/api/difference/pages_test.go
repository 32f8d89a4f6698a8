package difference

import (
	"encoding/json"
	"maps"
	"slices"
)

// next is the operation again, from a cursor of its answer on; nil when there is none.
func (w *world) next(o *operation) *operation {
	var answer any
	if o.cursor == "" || json.Unmarshal(o.Answer, &answer) != nil {
		return nil
	}
	cursors := map[string]string{}
	collectCursors(answer, cursors)
	if len(cursors) == 0 {
		return nil
	}
	again := &operation{Query: o.Query, Variables: maps.Clone(o.Variables), Cursors: cursors}
	again.Variables[o.cursor] = pick(w, slices.Sorted(maps.Keys(cursors)))
	return again
}

// collectCursors finds the edges that newOperation asks for, and which row each cursor is of.
func collectCursors(v any, into map[string]string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			collectCursors(e, into)
		}
	case map[string]any:
		cursor, _ := v["cursor"].(string)
		node, _ := v["node"].(map[string]any)
		if key, ok := node["key"].(string); ok && cursor != "" {
			into[cursor] = key
		}
		for _, e := range v {
			collectCursors(e, into)
		}
	}
}
