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
	t := m.tables[a.Want.Collection]
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
