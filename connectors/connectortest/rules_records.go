package connectortest

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"mereon/connectors"
	"mereon/schema"
)

func (s Subject) needTables(t *testing.T) {
	t.Helper()
	if len(s.Tables) == 0 {
		t.Skip("the subject has no collections")
	}
}

func description(t *testing.T, s Subject) {
	d, err := s.Connector.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.Connector.Describe(t.Context()); err != nil || !reflect.DeepEqual(d, again) {
		t.Errorf("Describe twice without a change: %+v, then %+v, %v", d, again, err)
	}
	if (d.Series == nil) != (len(s.Series) == 0) {
		t.Errorf("series are described: %t, the system has %d", d.Series != nil, len(s.Series))
	}
	for name, table := range s.Tables {
		i := slices.IndexFunc(d.Collections, func(c connectors.Collection) bool { return c.Name == name })
		if i < 0 {
			t.Errorf("collection %s is not described", name)
			continue
		}
		have := d.Collections[i]
		if have.RowCount != -1 && !have.Estimated && have.RowCount != len(table.Rows) {
			t.Errorf("collection %s: %d rows described, it has %d", name, have.RowCount, len(table.Rows))
		}
		for _, c := range table.Columns {
			if !slices.ContainsFunc(have.Columns, func(d connectors.Column) bool { return d.Name == c.Name && d.Type == c.Type }) {
				t.Errorf("collection %s: column %s of type %v is not described so: %+v", name, c.Name, c.Type, have.Columns)
			}
		}
	}
}

func purity(t *testing.T, s Subject) {
	for name, table := range s.Tables {
		w := connectors.Want{Kind: connectors.Records, Collection: name, Columns: []string{table.Columns[0].Name},
			Where: condition(rand.New(rand.NewPCG(1, 2)), &table, 2), Order: []connectors.Order{{Column: table.Columns[0].Name}}, PerKey: 3}
		before := w.Where
		a, err := s.Connector.Plan(t.Context(), w)
		b, err2 := s.Connector.Plan(t.Context(), w)
		if err != nil || err2 != nil {
			t.Fatalf("Plan: %v, %v", err, err2)
		}
		if a.Explain != b.Explain || !reflect.DeepEqual(a.Residual, b.Residual) || a.OrderDone != b.OrderDone || a.LimitDone != b.LimitDone || w.Where != before {
			t.Errorf("Plan of the same question differs: %+v, %+v", a, b)
		}
		if !reflect.DeepEqual(a.Want, w) {
			t.Errorf("Accept.Want = %+v, want the question %+v", a.Want, w)
		}
		w.Collection = nobody
		if _, err := s.Connector.Plan(t.Context(), w); err == nil {
			t.Error("Plan of an unknown collection gives no error")
		}
	}
	if len(s.Tables) == 0 {
		if _, err := s.Connector.Plan(t.Context(), connectors.Want{Kind: connectors.Records, Collection: nobody}); err == nil {
			t.Error("Plan of an unknown collection gives no error")
		}
	}
}

// records asks random questions and compares with a plain filter over all rows.
func records(t *testing.T, s Subject) {
	s.needTables(t)
	for _, name := range slices.Sorted(maps.Keys(s.Tables)) {
		table := s.Tables[name]
		for seed := range uint64(200) {
			random := rand.New(rand.NewPCG(seed, 7))
			w, keys := ask(random, name, &table)
			got, a := fetch(t, s, w, keys)
			for k, key := range keys {
				rows := project(&table, w, table.Select(key, w, true, true))
				judge(t, seed, &table, a, got, k, rows)
			}
			if t.Failed() {
				t.Fatalf("question of seed %d: %+v, keys %v, plan %+v", seed, w, keys, a)
			}
		}
	}
}

// judge compares the rows of one key with those that a plain filter finds, as far as the plan promises.
func judge(t *testing.T, seed uint64, table *Table, a connectors.Accept, got *Recorder, k int, want [][]schema.Value) {
	t.Helper()
	have := got.Rows[k]
	if a.Residual != nil {
		return // what is left to the engine cannot be compared without all columns; the runtime's tests do
	}
	if a.LimitDone {
		for _, most := range []int{a.Want.PerKey, a.Want.Limit} {
			if most > 0 && most < len(want) {
				if len(have) != most {
					t.Errorf("seed %d: %d rows of key %d, want %d of %d", seed, len(have), k, most, len(want))
				}
				return
			}
		}
	}
	if a.Want.Count && got.Totals[k] >= 0 && got.Totals[k] != len(want) {
		t.Errorf("seed %d: total %d of key %d, want %d", seed, got.Totals[k], k, len(want))
	}
	if a.OrderDone && !slices.IsSortedFunc(have, func(x, y []schema.Value) int { return table.compare(x, y, a.Want.Order) }) {
		t.Errorf("seed %d: the rows of key %d are not in order", seed, k)
	}
	if !same(sorted(have), sorted(want)) {
		t.Errorf("seed %d: %d rows of key %d, want %d", seed, len(have), k, len(want))
	}
}

func same(have, want [][]schema.Value) bool {
	return slices.EqualFunc(have, want, func(x, y []schema.Value) bool { return slices.EqualFunc(x, y, schema.Equal) })
}

func sorted(rows [][]schema.Value) [][]schema.Value {
	return slices.SortedFunc(slices.Values(rows), func(a, b []schema.Value) int { return slices.CompareFunc(a, b, schema.Compare) })
}

func project(table *Table, w connectors.Want, rows [][]schema.Value) [][]schema.Value {
	out := make([][]schema.Value, len(rows))
	for i, row := range rows {
		for _, name := range w.Columns {
			out[i] = append(out[i], table.value(row, name))
		}
	}
	return out
}

// ask makes a random question and its keys.
func ask(random *rand.Rand, name string, table *Table) (connectors.Want, []connectors.Key) {
	w := connectors.Want{Kind: connectors.Records, Collection: name, Count: random.IntN(2) == 0}
	for _, c := range table.Columns {
		w.Columns = append(w.Columns, c.Name)
	}
	if random.IntN(4) > 0 {
		w.Where = condition(random, table, 3)
	}
	if random.IntN(3) == 0 {
		w.Order = []connectors.Order{{Column: column(random, table).Name, Desc: random.IntN(2) == 0}}
	}
	keys := []connectors.Key{{}}
	if c := column(random, table); c.Key && random.IntN(2) == 0 {
		w.KeyColumns = []string{c.Name}
		keys = nil
		for range 1 + random.IntN(4) {
			keys = append(keys, connectors.Key{Values: []schema.Value{someValue(random, table, c.Name)}})
		}
		if random.IntN(2) == 0 {
			w.PerKey = 1 + random.IntN(3)
		}
	} else if random.IntN(3) == 0 {
		w.Limit = 1 + random.IntN(5)
	}
	return w, keys
}

func column(random *rand.Rand, table *Table) connectors.Column {
	return table.Columns[random.IntN(len(table.Columns))]
}

// someValue is a value that occurs in a column, and sometimes null.
func someValue(random *rand.Rand, table *Table, name string) schema.Value {
	return table.value(table.Rows[random.IntN(len(table.Rows))], name)
}

// condition is a random condition over the columns of a table.
func condition(random *rand.Rand, table *Table, depth int) *schema.Condition {
	if depth > 0 && random.IntN(2) == 0 {
		c := &schema.Condition{Op: []schema.ConditionOp{schema.And, schema.Or, schema.Not}[random.IntN(3)]}
		n := random.IntN(3)
		if c.Op == schema.Not {
			n = 1
		}
		for range n {
			c.Args = append(c.Args, condition(random, table, depth-1))
		}
		return c
	}
	of := column(random, table)
	c := &schema.Condition{Path: schema.Path(of.Name), Value: someValue(random, table, of.Name)}
	ops := []schema.ConditionOp{schema.Eq, schema.Ne, schema.Lt, schema.Lte, schema.Gt, schema.Gte, schema.In, schema.NotIn, schema.IsNull}
	switch c.Op = ops[random.IntN(len(ops))]; c.Op {
	case schema.In, schema.NotIn:
		c.Value = schema.ListOf([]schema.Value{c.Value, someValue(random, table, of.Name)})
	case schema.IsNull:
		c.Value = schema.BoolOf(random.IntN(2) == 0)
	}
	return c
}

func emptiness(t *testing.T, s Subject) {
	s.needTables(t)
	for name, table := range s.Tables {
		for _, c := range table.Columns {
			if !c.Key || c.Type.Scalar != schema.String && c.Type.Scalar != schema.ID {
				continue
			}
			w := connectors.Want{Kind: connectors.Records, Collection: name, Columns: []string{c.Name}, KeyColumns: []string{c.Name}}
			got, _ := fetch(t, s, w, []connectors.Key{{Values: []schema.Value{schema.StringOf(nobody)}}, {Values: []schema.Value{schema.Null}}})
			for k := range got.Rows {
				if len(got.Rows[k]) > 0 || got.Statuses[k] != "" && got.Statuses[k] != connectors.Empty {
					t.Errorf("%s.%s: key %d has %v, status %s; want nothing", name, c.Name, k, got.Rows[k], got.Statuses[k])
				}
			}
		}
	}
}
