package scenes

import (
	"context"
	"slices"

	"mereon/graph"
)

// Summary says what a scene shows now.
type Summary struct {
	Revision graph.Revision // of the graph it was resolved against
	// Entities are those bound to something, by single bindings and templates, sorted.
	Entities []graph.EntityID
	Slots    int
	Problems []string // what is missing or does not resolve; not nil
}

// Summary resolves a scene without running it. Errors as of Subscribe, without Forbidden.
func (l *Live) Summary(ctx context.Context, scene string, parameters map[string]string) (Summary, error) {
	t, err := l.resolve(ctx, scene, parameters)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{Revision: t.header.Revision, Slots: len(t.slots), Problems: t.header.Problems}
	for i := range t.slots {
		s.Entities = append(s.Entities, t.slots[i].Entity)
	}
	slices.Sort(s.Entities)
	s.Entities = slices.Compact(s.Entities)
	return s, nil
}
