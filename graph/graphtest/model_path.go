package graphtest

import (
	"math"
	"slices"

	"mereon/graph"
	"mereon/schema"
)

// cutToBudget leaves only what a budget allows to visit, and returns where it ended the search.
func cutToBudget(depths map[graph.EntityID]int, q graph.Reach) *graph.Cursor {
	if q.Budget <= 0 {
		return nil
	}
	var rows []sorted
	for id, depth := range depths {
		rows = append(rows, sorted{id, []schema.Value{schema.IntOf(int64(depth))}})
	}
	slices.SortFunc(rows, func(a, b sorted) int { return compareKeys(a.keys, a.id, b.keys, b.id, nil) })
	counted, cut := 0, len(rows)
	for i, r := range rows {
		if q.Past != nil && compareKeys(r.keys, r.id, q.Past.Keys, q.Past.ID, nil) <= 0 {
			continue
		}
		if counted++; counted > q.Budget {
			cut = i
			break
		}
	}
	if cut == len(rows) {
		return nil
	}
	for _, r := range rows[cut:] {
		delete(depths, r.id)
	}
	return &graph.Cursor{Keys: rows[cut-1].keys, ID: rows[cut-1].id}
}

// opposite turns steps round.
func opposite(steps []graph.Step) []graph.Step {
	turned := slices.Clone(steps)
	for i := range turned {
		switch turned[i].Direction {
		case graph.Out:
			turned[i].Direction = graph.In
		case graph.In:
			turned[i].Direction = graph.Out
		}
	}
	return turned
}

// paths returns the shortest paths by the ids along them, up to q.Most.
func (m *model) paths(from, to graph.EntityID, q graph.PathQuery) (found [][]graph.EntityID) {
	if m.entities[from] == nil || m.entities[to] == nil {
		return nil
	}
	left := map[graph.EntityID]int{to: 0} // steps to the end
	for level := []graph.EntityID{to}; len(level) > 0; {
		var next []graph.EntityID
		for _, id := range level {
			if id != to && m.holds(id, q.Through) != schema.True {
				continue
			}
			for _, h := range m.neighbours(id, opposite(q.Steps)) {
				if _, seen := left[h.id]; !seen {
					left[h.id] = left[id] + 1
					next = append(next, h.id)
				}
			}
		}
		level = next
	}
	length, joined := left[from]
	if !joined || q.MaxDepth > 0 && length > q.MaxDepth {
		return nil
	}
	var follow func(path []graph.EntityID)
	follow = func(path []graph.EntityID) {
		last := path[len(path)-1]
		if last == to {
			found = append(found, slices.Clone(path))
			return
		}
		var next []graph.EntityID
		for _, h := range m.neighbours(last, q.Steps) {
			if n, ok := left[h.id]; ok && n == left[last]-1 && (h.id == to || m.holds(h.id, q.Through) == schema.True) {
				next = append(next, h.id)
			}
		}
		slices.Sort(next)
		for _, id := range next {
			if len(found) < max(1, q.Most) {
				follow(append(path, id))
			}
		}
	}
	follow([]graph.EntityID{from})
	return found
}

// weight returns the least weight of the relationships between two entities over the steps, infinite when there is none.
func (m *model) weight(from, to graph.EntityID, q graph.PathQuery) float64 {
	least := math.Inf(1)
	for k, p := range m.edges {
		for _, s := range q.Steps {
			out := s.Direction != graph.In && k.from == from && k.to == to
			in := s.Direction != graph.Out && k.to == from && k.from == to
			if k.relation != s.Relation || !out && !in {
				continue
			}
			w := *q.Missing
			if v, ok := p[q.Weight]; ok && !v.IsNull() {
				w = v.Float()
			}
			least = min(least, w)
		}
	}
	return least
}

// lightest returns the least sum of weights, infinite when there is no path.
func (m *model) lightest(from, to graph.EntityID, q graph.PathQuery) float64 {
	if m.entities[from] == nil || m.entities[to] == nil {
		return math.Inf(1)
	}
	sums := map[graph.EntityID]float64{from: 0}
	for changed := true; changed; {
		changed = false
		for id, sum := range sums {
			if id != from && m.holds(id, q.Through) != schema.True {
				continue
			}
			for _, h := range m.neighbours(id, q.Steps) {
				if old, met := sums[h.id]; !met || sum+m.weight(id, h.id, q) < old {
					sums[h.id], changed = sum+m.weight(id, h.id, q), true
				}
			}
		}
	}
	if sum, ok := sums[to]; ok {
		return sum
	}
	return math.Inf(1)
}
