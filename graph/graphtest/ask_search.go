package graphtest

import (
	"slices"

	"mereon/graph"
	"mereon/graph/search"
	"mereon/schema"
)

// search makes a text to search for.
func (g *generator) search() string {
	return pick(g, []string{"alpha", "ALP", "álpha", "a very", "text 1 long", "TEXT-1 lon", "e0", "e01", "e", "E03", "c 1", "c-2", "10004711", "4711", "beta 1", "b",
		"straße", "strasse alpha", "x", "2", "nothing like it", "", " - ", "a", "long text"})
}

// ranked says that a selection is ordered by rank.
func ranked(q graph.Selection) bool { return len(q.Order) == 0 && !search.Parse(q.Search).Empty() }

// finds says whether a text finds an entity, and its rank.
func (m *model) finds(id graph.EntityID, text string) (search.Rank, bool) {
	var values []graph.PathValue
	for path, v := range m.entities[id].values {
		values = append(values, graph.PathValue{Path: path, Value: v})
	}
	return search.Parse(text).Match(id, values)
}

func (s *sequence) compareRanks(what string, b *graph.Batch, q graph.Selection) {
	if !ranked(q) {
		if b.Ranks != nil {
			s.t.Errorf("%s: ranks %v where none were asked for", what, b.Ranks)
		}
		return
	}
	if len(b.Ranks) != len(b.Rows) {
		s.t.Errorf("%s: %d ranks for %d rows", what, len(b.Ranks), len(b.Rows))
		return
	}
	for row, rank := range b.Ranks {
		id := graph.EntityID(b.Cell(len(q.Columns)-1, row).Text())
		if want, _ := s.g.m.finds(id, q.Search); rank != want {
			s.t.Errorf("%s: rank of %s = %d, want %d", what, id, rank, want)
		}
	}
}

func sameCursor(a, b *graph.Cursor) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.ID == b.ID && slices.EqualFunc(a.Keys, b.Keys, func(x, y schema.Value) bool { return schema.Equal(x, y) })
}
