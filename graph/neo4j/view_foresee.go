package neo4j

import (
	"context"
	"slices"
	"sync"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

var _ graph.Foreseer = (*View)(nil)

// Foresee implements graph.Foreseer: the first levels of a reach come with the statement that finds where it begins.
func (v *View) Foresee(next []graph.Next) graph.Finder {
	for _, n := range next {
		if n.Reach != nil {
			return &foresight{v, n.Reach}
		}
	}
	return v
}

// foresight finds entities together with what is reached from them.
type foresight struct {
	v    *View
	next *graph.Reach
}

// Lookup implements graph.Finder.
func (f *foresight) Lookup(ctx context.Context, ids []graph.EntityID, columns []schema.Path) (*graph.Batch, error) {
	return asked(ctx, f.v, func() (*graph.Batch, error) { return f.v.lookup(ctx, f, ids, columns) })
}

// ByKey implements graph.Finder.
func (f *foresight) ByKey(ctx context.Context, scope schema.TypeName, path schema.Path, values []schema.Value, columns []schema.Path) (*graph.Batch, error) {
	return f.v.findByKey(ctx, f, scope, path, values, columns)
}

// states implements finder.
func (f *foresight) states(ctx context.Context, ids []string) ([]record.Entity, error) {
	if l := f.levels(len(ids)); l.depth > 0 {
		return f.find(ctx, l, readStates, map[string]any{"ids": ids})
	}
	return f.v.fetch.states(ctx, ids)
}

// owners implements finder.
func (f *foresight) owners(ctx context.Context, keys []string) ([]record.Entity, error) {
	if l := f.levels(len(keys)); l.depth > 0 {
		return f.find(ctx, l, readOwners, map[string]any{"keys": keys})
	}
	return f.v.fetch.owners(ctx, keys)
}

// levels are those that the next question will ask for; none where it begins without.
func (f *foresight) levels(starts int) levels {
	if starts > aheadFrom {
		return levels{}
	}
	return f.v.levelsOf(f.next, starts)
}

// find takes the rows of a statement that leads to the states, and the levels around these.
func (f *foresight) find(ctx context.Context, l levels, text string, parameters map[string]any) ([]record.Entity, error) {
	parameters["most"] = aheadMost
	from := text + "\nMATCH (n)-[:_state]->(s) WITH collect(n) AS n0, collect([" + theState + "]) AS found"
	records, err := f.v.read(ctx, l.statement(from, "found"), parameters)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 { // nothing was found: no rows are put together to one
		return nil, nil
	}
	entities, err := entitiesOf(records[0].Values[0])
	if err == nil {
		f.v.foreseen.keep(entities, l, records[0].Values[1:])
	}
	return entities, err
}

// foreseen is what came with the rows that were found last. It is taken once: whoever asks again goes to Neo4j.
type foreseen struct {
	mu   sync.Mutex
	kept []aroundStarts
}

type aroundStarts struct {
	starts []graph.EntityID // sorted
	levels levels
	values []any
}

// foreseenMost is how many answers are kept at most.
const foreseenMost = 8

func (f *foreseen) keep(starts []record.Entity, l levels, values []any) {
	kept := aroundStarts{make([]graph.EntityID, len(starts)), l, values}
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

// take returns what was kept of the same levels around the same entities, nil where there is nothing.
func (f *foreseen) take(starts []graph.EntityID, l levels) []any {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.kept) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(starts))
	i := slices.IndexFunc(f.kept, func(k aroundStarts) bool { return k.levels == l && slices.Equal(k.starts, sorted) })
	if i < 0 {
		return nil
	}
	values := f.kept[i].values
	f.kept = slices.Delete(f.kept, i, i+1)
	return values
}
