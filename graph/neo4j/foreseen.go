package neo4j

import (
	"slices"
	"sync"

	"mereon/graph"
	"mereon/graph/record"
)

// foreseen is what came with rows that were found. It is taken once: whoever asks again goes to Neo4j.
type foreseen struct {
	mu   sync.Mutex
	kept []foreknown
}

// foreknown is the answer to a question about some entities.
type foreknown struct {
	starts   []graph.EntityID // sorted
	question any              // levels, or a childrenQuestion
	rows     [][]any
}

// foreseenMost is how many answers are kept at most.
const foreseenMost = 8

func (f *foreseen) keep(starts []record.Entity, question any, rows [][]any) {
	kept := foreknown{make([]graph.EntityID, len(starts)), question, rows}
	for i := range starts {
		kept.starts[i] = starts[i].ID
	}
	slices.Sort(kept.starts)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.kept) == foreseenMost {
		f.kept = slices.Delete(f.kept, 0, 1)
	}
	f.kept = append(f.kept, kept)
}

// take returns what was kept of the same question about the same entities.
func (f *foreseen) take(starts []graph.EntityID, question any) (rows [][]any, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.kept) == 0 {
		return nil, false
	}
	sorted := slices.Sorted(slices.Values(starts))
	i := slices.IndexFunc(f.kept, func(k foreknown) bool { return k.question == question && slices.Equal(k.starts, sorted) })
	if i < 0 {
		return nil, false
	}
	rows = f.kept[i].rows
	f.kept = slices.Delete(f.kept, i, i+1)
	return rows, true
}
