package live

import (
	"context"
	"slices"

	"mereon/graph"
	"mereon/rules"
	"mereon/schema"
)

// record is what the hub knows of one entity in the graph: what its cells needed so far.
type record struct {
	id      graph.EntityID
	loaded  bool // everything in columns and targets is of the newest view read
	exists  bool
	kind    schema.TypeName
	columns map[schema.Path]schema.Value
	targets map[rules.Hop]graph.EntityID // "" when there is none
	cells   map[*cell]struct{}           // what is found by this record
}

func (h *Hub) recordOf(id graph.EntityID) *record {
	r := h.records[id]
	if r == nil {
		r = &record{id: id, columns: map[schema.Path]schema.Value{}, targets: map[rules.Hop]graph.EntityID{}, cells: map[*cell]struct{}{}}
		h.records[id] = r
	}
	return r
}

// column returns a value of the entity; ok is false when it must be loaded first.
func (r *record) column(path schema.Path) (v schema.Value, ok bool) {
	v, have := r.columns[path]
	if !have {
		r.columns[path] = schema.Null
		r.loaded = false
	}
	return v, r.loaded
}

// target returns the entity at the other end of a relationship with one target, "" when there is none.
func (r *record) target(hop rules.Hop) (id graph.EntityID, ok bool) {
	id, have := r.targets[hop]
	if !have {
		r.targets[hop] = ""
		r.loaded = false
	}
	return id, r.loaded
}

// load reads everything that the records not loaded need: one look-up for all columns and one expansion for each
// relationship.
func (h *Hub) load(ctx context.Context, view graph.View, list []*record) error {
	ids := make([]graph.EntityID, len(list))
	paths := []schema.Path{graph.ColumnType}
	seen := map[schema.Path]bool{graph.ColumnType: true}
	for i, r := range list {
		ids[i] = r.id
		for p := range r.columns {
			if !seen[p] {
				seen[p] = true
				paths = append(paths, p)
			}
		}
	}
	slices.Sort(paths[1:])
	batch, err := view.Lookup(ctx, ids, paths)
	if err != nil {
		return err
	}
	for i, r := range list {
		r.loaded, r.exists = true, batch.Rows[i] != graph.NoRow
		r.kind = schema.TypeName(batch.Cell(0, i).Text())
		for k, p := range paths[1:] {
			if _, wanted := r.columns[p]; wanted {
				r.columns[p] = batch.Cell(k+1, i)
			}
		}
	}
	return h.loadTargets(ctx, view, list, batch.Rows)
}

func (h *Hub) loadTargets(ctx context.Context, view graph.View, list []*record, rows []graph.Row) error {
	from := map[rules.Hop][]int{}
	for i, r := range list {
		for hop := range r.targets {
			r.targets[hop] = ""
			if r.exists {
				from[hop] = append(from[hop], i)
			}
		}
	}
	for hop, indices := range from {
		starts := make([]graph.Row, len(indices))
		for k, i := range indices {
			starts[k] = rows[i]
		}
		batch, err := view.Expand(ctx, graph.Expansion{From: starts, Steps: []graph.Step{stepOf(hop)}, Page: graph.Page{First: 1}, Columns: []schema.Path{graph.ColumnID}})
		if err != nil {
			return err
		}
		for k, i := range indices {
			if first, last := batch.Group(k); last > first {
				list[i].targets[hop] = graph.EntityID(batch.Cell(0, first).Text())
			}
		}
	}
	return nil
}

func stepOf(hop rules.Hop) graph.Step {
	if hop.Inverse {
		return graph.Step{Relation: hop.Relation, Direction: graph.In}
	}
	return graph.Step{Relation: hop.Relation, Direction: graph.Out}
}
