package difference

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// next is the operation again, from a cursor of its answer on; nil when there is none.
func (w *world) next(o *operation) *operation {
	var answer any
	if o == nil || o.cursor == "" || json.Unmarshal(o.Answer, &answer) != nil {
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
		if info, _ := v["pageInfo"].(map[string]any); v["past"] != nil && info["endCursor"] != nil {
			into[info["endCursor"].(string)] = endOfPast(v)
		}
		for _, e := range v {
			collectCursors(e, into)
		}
	}
}

// endOfPast says where a page of a history ended: the time of its last value, how many had that time, and up to when it was
// covered when its source sent not all.
func endOfPast(page map[string]any) string {
	last, same := "", 0
	for _, m := range page["past"].([]any) {
		if at := m.(map[string]any)["time"].(string); at != last {
			last, same = at, 0
		}
		same++
	}
	until, _ := page["until"].(string)
	return fmt.Sprint(last, "|", same, "|", until)
}
