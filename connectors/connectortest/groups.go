package connectortest

import (
	"slices"

	"mereon/connectors"
	"mereon/schema"
)

// Groups returns the groups of one key that w asks for, without PerKey and Limit, ordered: made the plain way.
func (t *Table) Groups(key connectors.Key, w connectors.Want) [][]schema.Value {
	type group struct {
		keys []schema.Value
		rows int64
		all  [][]schema.Value
	}
	var groups []*group
	for _, row := range t.Select(key, w, true, false) {
		keys := make([]schema.Value, len(w.Group))
		for i, g := range w.Group {
			zone, err := g.Zone()
			if err != nil {
				return nil
			}
			keys[i] = g.Start(t.value(row, g.Column), zone)
		}
		at := slices.IndexFunc(groups, func(g *group) bool { return slices.EqualFunc(g.keys, keys, schema.Equal) })
		if at < 0 {
			at = len(groups)
			groups = append(groups, &group{keys: keys})
		}
		groups[at].rows++
		groups[at].all = append(groups[at].all, row)
	}
	if len(groups) == 0 && len(w.Group) == 0 {
		groups = append(groups, &group{})
	}
	var rows [][]schema.Value
	for _, g := range groups {
		row := slices.Clone(g.keys)
		for _, m := range w.Measures {
			var fold schema.Fold
			for _, one := range g.all {
				fold.Add(t.value(one, m.Column))
			}
			if m.Column == "" {
				row = append(row, schema.IntOf(g.rows))
			} else {
				row = append(row, fold.Of(schema.FoldFunc(m.Func)))
			}
		}
		rows = append(rows, row)
	}
	results := groupTable(w)
	order := slices.Clone(w.Order)
	for _, g := range w.Group {
		order = append(order, connectors.Order{Column: g.Name()})
	}
	slices.SortStableFunc(rows, func(a, b []schema.Value) int { return results.compare(a, b, order) })
	return rows
}

// groupTable is a table with the names of the results of a question for groups, for comparing.
func groupTable(w connectors.Want) *Table {
	t := &Table{}
	for _, g := range w.Group {
		t.Columns = append(t.Columns, connectors.Column{Name: g.Name()})
	}
	for _, m := range w.Measures {
		t.Columns = append(t.Columns, connectors.Column{Name: m.Name()})
	}
	return t
}

// groups sends the groups of one key.
func (m *Memory) groups(i int, key connectors.Key, a connectors.Accept, out connectors.Sink) {
	m.mu.Lock()
	t := m.joined(a.Want)
	m.mu.Unlock()
	rows := t.Groups(key, a.Want)
	if a.Want.Count {
		out.Total(i, len(rows))
	}
	for _, limit := range []int{a.Want.PerKey, a.Want.Limit} {
		if a.LimitDone && limit > 0 && limit < len(rows) {
			rows = rows[:limit]
		}
	}
	for _, row := range rows {
		out.Row(i, row)
	}
}
