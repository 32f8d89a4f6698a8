package query

import (
	"strings"
	"testing"
)

// What the differential test of web/api/difference found: pages behind a cursor.
func TestAPageBehindACursorKnowsTheWhole(t *testing.T) {
	p := newPlant(t)
	first := p.ask(t, `{ workOrders(first: 2, where: {priority: {lte: 3}}) { pageInfo { endCursor } totalCount } }`, nil)
	cursor := between(string(first.Data), `"endCursor":"`, `"`)
	got := string(p.ask(t, `query($c: String) { workOrders(first: 2, where: {priority: {lte: 3}}, after: $c) { nodes { number } totalCount } }`, map[string]any{"c": cursor}).Data)
	if want := `{"workOrders":{"nodes":[{"number":"WO-3"},{"number":"WO-4"}],"totalCount":5}}`; got != want {
		t.Errorf("rows: %s, want %s", got, want)
	}
	first = p.ask(t, `{ space(id: "site") { descendants(hierarchy: "place", first: 3) { pageInfo { endCursor } } } }`, nil)
	cursor = between(string(first.Data), `"endCursor":"`, `"`)
	got = string(p.ask(t, `query($c: String) { space(id: "site") { descendants(hierarchy: "place", first: 2, after: $c) { nodes { id } totalCount } } }`, map[string]any{"c": cursor}).Data)
	if want := `{"space":{"descendants":{"nodes":[{"id":"pump-2"},{"id":"pump-3"}],"totalCount":8}}}`; got != want {
		t.Errorf("descendants: %s, want %s", got, want)
	}
}

// between returns what stands between two texts, "" when it is not there.
func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	found, _, _ := strings.Cut(rest, after)
	return found
}
