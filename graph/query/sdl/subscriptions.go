package sdl

import "strings"

const liveDescription = "Live queries: sent at once, and again on any change of what is selected. What cannot announce its changes (records) is asked again every so often, when every says so."

// subscriptions writes every root field of Query once more, as a live query, and the feeds.
func (w *writer) subscriptions() {
	w.block("type Subscription", func() {
		if !w.short() {
			w.describe("  ", liveDescription)
			for _, field := range fieldLines(w.queryText) {
				w.line("%s", live(field))
			}
		}
		w.describe("  ", "Every change of entities, after a revision or after the cursor of a change, without a gap and without a repetition.")
		w.line("  entityChanges(type: String, within: Within, from: Long, after: String): EntityChange!")
		w.describe("  ", "Frames of a scene; from is the position of the last frame seen, to resume.")
		w.line("  sceneFrames(scene: ID!, parameters: JSON, from: String): SceneFrame!")
	})
}

// fieldLines returns the lines of a type that define fields; each is on a line of its own.
func fieldLines(block string) []string {
	var fields []string
	quoted := false
	for line := range strings.SplitSeq(block, "\n") {
		text := strings.TrimSpace(line)
		switch {
		case text == `"""`:
			quoted = !quoted
		case quoted, text == "", text == "}", strings.HasPrefix(text, `"`), strings.HasSuffix(text, "{"):
		default:
			fields = append(fields, line)
		}
	}
	return fields
}

// live gives a field the argument every.
func live(field string) string {
	if i := strings.LastIndex(field, "): "); i >= 0 {
		return field[:i] + ", every: Duration" + field[i:]
	}
	return strings.Replace(field, ": ", "(every: Duration): ", 1)
}
