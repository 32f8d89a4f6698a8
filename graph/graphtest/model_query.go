package graphtest

import (
	"reflect"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
)

func sameLayout(a, b graph.Layout) bool { return reflect.DeepEqual(a, b) }

func (m *model) ids() []graph.EntityID {
	ids := make([]graph.EntityID, 0, len(m.entities))
	for id := range m.entities {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (m *model) value(id graph.EntityID, path schema.Path) schema.Value {
	e := m.entities[id]
	if e == nil {
		return schema.Null
	}
	switch path {
	case graph.ColumnID:
		return schema.StringOf(string(id))
	case graph.ColumnType:
		return schema.StringOf(string(e.typ))
	case graph.ColumnRevision:
		return schema.IntOf(int64(e.revision))
	case graph.ColumnCreatedAt:
		return schema.TimeOf(e.created)
	case graph.ColumnUpdatedAt:
		return schema.TimeOf(e.updated)
	case graph.ColumnOrigin:
		return schema.StringOf(string(e.origin))
	case graph.ColumnEdited:
		return schema.BoolOf(e.edited)
	}
	return e.values[path]
}

// hit is one neighbour with the relationship that led to it.
type hit struct {
	id       graph.EntityID
	relation string
	inverse  bool
	props    props
}

func (m *model) neighbours(id graph.EntityID, steps []graph.Step) (hits []hit) {
	add := func(h hit) {
		if !slices.ContainsFunc(hits, func(o hit) bool { return o.id == h.id }) {
			hits = append(hits, h)
		}
	}
	for _, s := range steps {
		for _, in := range []bool{false, true} {
			if in && s.Direction == graph.Out || !in && s.Direction == graph.In {
				continue
			}
			for k, p := range m.edges {
				if k.relation == s.Relation && !in && k.from == id {
					add(hit{k.to, k.relation, false, p})
				}
				if k.relation == s.Relation && in && k.to == id {
					add(hit{k.from, k.relation, true, p})
				}
			}
		}
	}
	return hits
}

func (m *model) holds(id graph.EntityID, c *schema.Condition) schema.Truth {
	return c.Eval(func(p schema.Path) schema.Value { return m.value(id, p) }, func(r *schema.Related) schema.Truth {
		direction := graph.Out
		if r.Inverse {
			direction = graph.In
		}
		some, every, count := schema.False, schema.True, 0
		for _, h := range m.neighbours(id, []graph.Step{{Relation: r.Relation, Direction: direction}}) {
			if r.Types != nil && !slices.Contains(r.Types, m.entities[h.id].typ) {
				continue
			}
			t := m.holds(h.id, r.Where)
			some, every = max(some, t), min(every, t)
			if t == schema.True {
				count++
			}
		}
		switch r.Quantifier {
		case schema.Every:
			return every
		case schema.NoneOf:
			return -some
		case schema.CountOf:
			return r.Count.Eval(func(schema.Path) schema.Value { return schema.IntOf(int64(count)) }, nil)
		}
		return some
	})
}

func (m *model) wanted(id graph.EntityID, types []schema.TypeName, where *schema.Condition) bool {
	return (types == nil || slices.Contains(types, m.entities[id].typ)) && m.holds(id, where) == schema.True
}

// keys returns what an entity is ordered by.
func (m *model) keys(id graph.EntityID, order []graph.Order) (keys []schema.Value) {
	for _, o := range order {
		keys = append(keys, m.value(id, o.Path))
	}
	return keys
}

func compareKeys(a []schema.Value, idA graph.EntityID, b []schema.Value, idB graph.EntityID, order []graph.Order) int {
	for i := range a {
		c := schema.Compare(a[i], b[i])
		if i < len(order) && order[i].Desc && !a[i].IsNull() && !b[i].IsNull() {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return strings.Compare(string(idA), string(idB))
}

// sorted is one row of a group with what it is ordered by.
type sorted struct {
	id   graph.EntityID
	keys []schema.Value
}

// group is what a page of one group must be.
type group struct {
	ids          []graph.EntityID
	before, more bool
	total        int
}

func page(rows []sorted, order []graph.Order, p graph.Page) group {
	slices.SortFunc(rows, func(a, b sorted) int { return compareKeys(a.keys, a.id, b.keys, b.id, order) })
	from, to := 0, len(rows)
	for i, r := range rows {
		if p.After != nil && compareKeys(r.keys, r.id, p.After.Keys, p.After.ID, order) <= 0 {
			from = i + 1
		}
	}
	for i := len(rows) - 1; i >= 0; i-- {
		if p.Before != nil && compareKeys(rows[i].keys, rows[i].id, p.Before.Keys, p.Before.ID, order) >= 0 {
			to = i
		}
	}
	to = max(from, to)
	switch {
	case p.First > 0:
		to = min(to, from+p.First)
	case p.Last > 0:
		from = max(from, to-p.Last)
	case !p.All:
		to = from
	}
	g := group{before: from > 0, more: to < len(rows), total: len(rows)}
	for _, r := range rows[from:to] {
		g.ids = append(g.ids, r.id)
	}
	return g
}

func (m *model) selects(q graph.Selection) group {
	var rows []sorted
	var below map[graph.EntityID]int
	if q.Within != nil {
		below = map[graph.EntityID]int{}
		if m.entities[q.Within.Root] != nil {
			below = m.reach(q.Within.Root, q.Within.Steps, q.Within.Depth, nil)
		}
	}
	for _, id := range m.ids() {
		if q.IDs != nil && !slices.Contains(q.IDs, id) {
			continue
		}
		if _, in := below[id]; below != nil && !in {
			continue
		}
		rank, found := m.finds(id, q.Search)
		if !found || !m.wanted(id, q.Types, q.Where) {
			continue
		}
		keys := m.keys(id, q.Order)
		if ranked(q) {
			keys = []schema.Value{schema.IntOf(int64(rank))}
		}
		rows = append(rows, sorted{id, keys})
	}
	return page(rows, q.Order, q.Page)
}

func (m *model) expands(from graph.EntityID, q graph.Expansion) group {
	var rows []sorted
	if m.entities[from] != nil {
		for _, h := range m.neighbours(from, q.Steps) {
			if m.wanted(h.id, q.Types, q.Where) {
				rows = append(rows, sorted{h.id, m.keys(h.id, q.Order)})
			}
		}
	}
	return page(rows, q.Order, q.Page)
}

// reach returns what is reached, with the number of steps.
func (m *model) reach(start graph.EntityID, steps []graph.Step, maxDepth int, through *schema.Condition) map[graph.EntityID]int {
	depths := map[graph.EntityID]int{}
	level := []graph.EntityID{start}
	for depth := 1; len(level) > 0 && (maxDepth <= 0 || depth <= maxDepth); depth++ {
		var next []graph.EntityID
		for _, id := range level {
			for _, h := range m.neighbours(id, steps) {
				if _, seen := depths[h.id]; seen || h.id == start || m.holds(h.id, through) != schema.True {
					continue
				}
				depths[h.id] = depth
				next = append(next, h.id)
			}
		}
		level = next
	}
	return depths
}

func (m *model) reaches(from graph.EntityID, q graph.Reach) (group, map[graph.EntityID]int, *graph.Cursor) {
	var rows []sorted
	depths := map[graph.EntityID]int{}
	if m.entities[from] != nil {
		depths = m.reach(from, q.Steps, q.MaxDepth, q.Through)
	}
	stopped := cutToBudget(depths, q)
	for id, depth := range depths {
		if m.wanted(id, q.Types, q.Where) {
			keys := m.keys(id, q.Order)
			if len(q.Order) == 0 {
				keys = []schema.Value{schema.IntOf(int64(depth))}
			}
			rows = append(rows, sorted{id, keys})
		}
	}
	return page(rows, q.Order, q.Page), depths, stopped
}
