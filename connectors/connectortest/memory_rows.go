package connectortest

import (
	"slices"

	"mereon/connectors"
	"mereon/schema"
)

func (t *Table) column(name string) int {
	return slices.IndexFunc(t.Columns, func(c connectors.Column) bool { return c.Name == name })
}

func (t *Table) value(row []schema.Value, name string) schema.Value {
	if i := t.column(name); i >= 0 {
		return row[i]
	}
	return schema.Null
}

// Select returns the rows of one key that w asks for, without PerKey and Limit: filtered and ordered the plain way.
func (t *Table) Select(key connectors.Key, w connectors.Want, filter, order bool) [][]schema.Value {
	var rows [][]schema.Value
	for _, row := range t.Rows {
		get := func(p schema.Path) schema.Value { return t.value(row, string(p)) }
		if filter && w.Where.Eval(get, nil) != schema.True {
			continue
		}
		mine := true
		for i, column := range w.KeyColumns {
			mine = mine && schema.Equal(t.value(row, column), key.Values[i]) && !key.Values[i].IsNull()
		}
		if mine {
			rows = append(rows, row)
		}
	}
	if order {
		slices.SortStableFunc(rows, func(a, b []schema.Value) int { return t.compare(a, b, w.Order) })
	}
	return rows
}

func (t *Table) compare(a, b []schema.Value, order []connectors.Order) int {
	for _, o := range order {
		x, y := t.value(a, o.Column), t.value(b, o.Column)
		c := schema.Compare(x, y)
		if o.Desc && !x.IsNull() && !y.IsNull() {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func (m *Memory) records(i int, key connectors.Key, a connectors.Accept, out connectors.Sink) {
	m.mu.Lock()
	t := m.joined(a.Want)
	m.mu.Unlock()
	rows := t.Select(key, a.Want, a.Residual == nil, a.OrderDone)
	if a.Want.Count && a.LimitDone {
		out.Total(i, len(rows))
	}
	most := len(rows)
	for _, limit := range []int{a.Want.PerKey, a.Want.Limit} {
		if a.LimitDone && limit > 0 && limit < most {
			most = limit
		}
	}
	cells := make([]schema.Value, len(a.Want.Columns))
	for _, row := range rows[:most] {
		for c, name := range a.Want.Columns {
			cells[c] = t.value(row, name)
		}
		out.Row(i, cells)
	}
}

// joined is the table of a question with the columns of its joins. The caller holds the lock.
func (m *Memory) joined(w connectors.Want) *Table {
	t := m.tables[w.Collection]
	if !m.Joins {
		return t
	}
	for _, j := range w.Joins {
		t = t.with(j, m.tables[j.Collection])
	}
	return t
}

// with joins at most one row of inner to each row.
func (t *Table) with(j connectors.Join, inner *Table) *Table {
	wide := &Table{Columns: slices.Clone(t.Columns)}
	for _, c := range inner.Columns {
		c.Name = j.Name + "." + c.Name
		wide.Columns = append(wide.Columns, c)
	}
	for _, row := range t.Rows {
		match := slices.IndexFunc(inner.Rows, func(candidate []schema.Value) bool {
			return !slices.ContainsFunc(j.On, func(on [2]string) bool {
				x, y := t.value(row, on[0]), inner.value(candidate, on[1])
				return x.IsNull() || y.IsNull() || !schema.Equal(x, y)
			})
		})
		right := make([]schema.Value, len(inner.Columns))
		if match >= 0 {
			right = inner.Rows[match]
		}
		wide.Rows = append(wide.Rows, slices.Concat(row, right))
	}
	return wide
}
