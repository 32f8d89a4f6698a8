package neo4j

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
	"mereon/schema/fault"
)

// Reach implements graph.View: it fetches frontier by frontier, for all starts at once, and lets memory decide.
func (v *View) Reach(ctx context.Context, q graph.Reach) (*graph.Batch, error) {
	if err := v.start(ctx); err != nil {
		return nil, err
	}
	want := len(q.Order)
	if want == 0 {
		want = 1
	}
	if err := checkCursors(&q.Page, want); err != nil {
		return nil, err
	}
	if q.Past != nil && len(q.Past.Keys) != 1 {
		return nil, fault.New(fault.Invalid, "a search goes on behind a place by depth and id: use the one where it stopped")
	}
	w := newWalk(v, newPatch(v.layout), q.Steps)
	starts := v.idsAt(q.From)
	if err := w.ahead(ctx, starts, v.levelsOf(&q, len(starts))); err != nil {
		return nil, err
	}
	if b := v.plain(&q, w.rings); b != nil {
		return b, v.whole(ctx)
	}
	if w.rings != nil {
		w.stand(starts[0])
	}
	searches := make([]*breadth, len(starts))
	for i, id := range starts {
		searches[i] = newBreadth([]graph.EntityID{id}, q.MaxDepth, q.Budget)
		searches[i].past = q.Past
	}
	for {
		var level []graph.EntityID
		for _, b := range searches {
			if !b.ended() {
				level = append(level, b.level...)
			}
		}
		if len(level) == 0 {
			break
		}
		if err := v.step(ctx, w, level, searches, q.Through); err != nil {
			return nil, err
		}
	}
	if err := v.load(ctx, w.p, append(reached(searches), starts...), q.Where, q.Through); err != nil {
		return nil, err
	}
	return v.reach(ctx, w.p, &q, starts)
}

// plain is the answer where who is how far away is all that is asked and all of it came: nothing is left to decide. It is
// nil otherwise.
func (v *View) plain(q *graph.Reach, rings [][]*record.Entity) *graph.Batch {
	met, all := 0, len(rings) > 0 && len(rings) == q.MaxDepth
	for _, ring := range rings {
		met, all = met+len(ring), all || len(ring) == 0
	}
	asked := len(q.From) == 1 && q.Where == nil && q.Types == nil && len(q.Order) == 0 && q.Page == graph.Page{All: true} && q.Past == nil
	if !all || !asked || q.Budget > 0 && met >= q.Budget {
		return nil
	}
	b := &graph.Batch{Rows: make([]graph.Row, 0, met), Depth: make([]int32, 0, met), Offsets: []int32{0, int32(met)},
		More: []bool{false}, Before: []bool{false}, Truncated: []bool{false}, Stopped: []*graph.Cursor{nil}}
	if q.Count {
		b.Totals = []int{met}
	}
	if len(q.Columns) > 0 && met > 0 {
		b.Cells = make([]schema.Value, len(q.Columns)*met)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for depth, ring := range rings {
		slices.SortFunc(ring, func(a, b *record.Entity) int { return cmp.Compare(a.ID, b.ID) })
		for _, e := range ring {
			for c, path := range q.Columns {
				b.Cells[c*met+len(b.Rows)] = cell(e, path)
			}
			b.Rows, b.Depth = append(b.Rows, v.row(e.ID)), append(b.Depth, int32(depth+1))
		}
	}
	return b
}

// looksAround says whether a condition looks at relationships.
func looksAround(c *schema.Condition) bool {
	return c != nil && (c.Op == schema.RelatedTo || slices.ContainsFunc(c.Args, looksAround))
}

// step goes one step further in every search.
func (v *View) step(ctx context.Context, w *walk, level []graph.EntityID, searches []*breadth, through *schema.Condition) error {
	if err := w.expand(ctx, level); err != nil {
		return err
	}
	var pass map[graph.EntityID]bool
	if through != nil {
		var others []graph.EntityID
		for _, id := range level {
			others = append(others, w.near[id]...)
		}
		var err error
		if pass, err = v.passing(ctx, w.p, others, through); err != nil {
			return err
		}
	}
	for _, b := range searches {
		if !b.ended() {
			b.advance(w, pass)
		}
	}
	return nil
}

// passing tells which entities satisfy a condition. What that looks at becomes part of the patch, so that memory finds the
// same, also of those that do not.
func (v *View) passing(ctx context.Context, p *patch, ids []graph.EntityID, c *schema.Condition) (map[graph.EntityID]bool, error) {
	q := newPatch(v.layout) // a small one: a level, not all that was fetched before
	if err := v.load(ctx, q, ids, c); err != nil {
		return nil, err
	}
	maps.Copy(p.entities, q.entities)
	maps.Copy(p.edges, q.edges)
	s, err := q.snapshot(v.revision, false)
	if err != nil {
		return nil, err
	}
	b, err := s.Select(ctx, graph.Selection{IDs: append([]graph.EntityID{}, ids...), Where: c, Page: graph.Page{All: true}, Columns: []schema.Path{graph.ColumnID}})
	if err != nil {
		return nil, err
	}
	pass := make(map[graph.EntityID]bool, len(b.Rows))
	for i := range b.Rows {
		pass[graph.EntityID(b.Cell(0, i).Text())] = true
	}
	return pass, nil
}

func reached(searches []*breadth) []graph.EntityID {
	if len(searches) == 1 {
		return searches[0].met
	}
	seen := map[graph.EntityID]bool{}
	var all []graph.EntityID
	for _, b := range searches {
		for _, id := range b.met {
			if !seen[id] {
				seen[id] = true
				all = append(all, id)
			}
		}
	}
	return all
}

// reach asks the patch, which holds all that the question can meet.
func (v *View) reach(ctx context.Context, p *patch, q *graph.Reach, starts []graph.EntityID) (*graph.Batch, error) {
	s, err := p.snapshot(v.revision, false)
	if err != nil {
		return nil, err
	}
	local := *q
	local.Columns = withID(q.Columns)
	if local.From, err = v.rowsOf(ctx, s, q.From); err != nil {
		return nil, err
	}
	b, err := s.Reach(ctx, local)
	if err != nil {
		return nil, err
	}
	return v.adopt(ctx, s, b, q.Columns)
}

// rowsOf turns rows of the view into rows of a snapshot, NoRow for those that are none.
func (v *View) rowsOf(ctx context.Context, s interface {
	Lookup(context.Context, []graph.EntityID, []schema.Path) (*graph.Batch, error)
}, rows []graph.Row) ([]graph.Row, error) {
	if rows == nil {
		return nil, nil
	}
	ids := make([]graph.EntityID, len(rows))
	v.mu.Lock()
	for i, row := range rows {
		if int(row) < len(v.ids) {
			ids[i] = v.ids[row]
		}
	}
	v.mu.Unlock()
	b, err := s.Lookup(ctx, ids, nil)
	if err != nil {
		return nil, err
	}
	return b.Rows, nil
}
