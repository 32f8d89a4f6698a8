package connectortest

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"mereon/connectors"
	"mereon/schema"
)

// groups asks random questions for groups, of the connector where it accepts them and through the runtime always, and
// compares with groups that are made the plain way of all rows.
func groups(t *testing.T, s Subject) {
	s.needTables(t)
	r := Serve(t, s.Connector, "cache: 0s, deadline: 20s", s.Now)
	defer func() {
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	for _, name := range slices.Sorted(maps.Keys(s.Tables)) {
		table := s.Tables[name]
		for seed := range uint64(200) {
			w, keys := askGroups(rand.New(rand.NewPCG(seed, 13)), name, &table)
			a, err := s.Connector.Plan(t.Context(), w)
			if err != nil {
				t.Fatalf("Plan(%+v): %v", w, err)
			}
			if a.AggregateDone && a.Residual == nil {
				got, a := fetch(t, s, w, keys)
				for k, key := range keys {
					judgeGroups(t, w, a, got, k, table.Groups(key, w))
				}
			}
			answer := r.Records(t.Context(), "subject", keys, w)
			for k, key := range keys {
				compareGroups(t, w, answer.Results[k], table.Groups(key, w))
			}
			if t.Failed() {
				t.Fatalf("question for groups of seed %d: %+v, keys %v, plan %+v", seed, w, keys, a)
			}
		}
	}
}

// judgeGroups compares what the connector itself sent, as far as its plan promises. For keys without rows it may send
// the group of nothing or no row.
func judgeGroups(t *testing.T, w connectors.Want, a connectors.Accept, got *Recorder, k int, want [][]schema.Value) {
	t.Helper()
	have := got.Rows[k]
	if len(have) == 0 && len(w.Group) == 0 {
		if rows := want[0]; !slices.ContainsFunc(rows, func(v schema.Value) bool { return !v.IsNull() && !schema.Equal(v, schema.IntOf(0)) }) {
			return
		}
	}
	if a.LimitDone {
		for _, most := range []int{a.Want.PerKey, a.Want.Limit} {
			if most > 0 && most < len(want) {
				want = want[:most]
			}
		}
	}
	if !a.OrderDone {
		have, want = sorted(have), sorted(want)
		if a.LimitDone && (w.PerKey > 0 || w.Limit > 0) {
			if len(have) != len(want) {
				t.Errorf("%d groups of key %d, want %d", len(have), k, len(want))
			}
			return
		}
	}
	if !sameGroups(have, want) {
		t.Errorf("groups of key %d = %v\nwant %v", k, have, want)
	}
}

func compareGroups(t *testing.T, w connectors.Want, got connectors.Rows, all [][]schema.Value) {
	t.Helper()
	want := all
	for _, limit := range []int{w.PerKey, w.Limit} {
		if limit > 0 && limit < len(want) {
			want = want[:limit]
		}
	}
	width := len(w.Group) + len(w.Measures)
	var rows [][]schema.Value
	for i := range got.Count {
		rows = append(rows, got.Cells[i*width:(i+1)*width])
	}
	if !sameGroups(rows, want) || got.More != (len(want) < len(all)) {
		t.Errorf("through the runtime: groups %v, more %t (%s %s)\nwant %v of %d", rows, got.More, got.Status, got.Why, want, len(all))
	}
	if w.Count && got.Total != len(all) && got.Total != -1 {
		t.Errorf("through the runtime: %d groups counted, want %d", got.Total, len(all))
	}
}

// sameGroups allows sums of floats another order of adding.
func sameGroups(have, want [][]schema.Value) bool {
	return slices.EqualFunc(have, want, func(x, y []schema.Value) bool {
		return slices.EqualFunc(x, y, func(a, b schema.Value) bool {
			if a.Kind() == schema.FloatValue && b.Kind() == schema.FloatValue {
				return math.Abs(a.Float()-b.Float()) <= 1e-9*max(1, math.Abs(b.Float()))
			}
			return schema.Equal(a, b)
		})
	})
}

// askGroups makes a random question for groups and its keys.
func askGroups(random *rand.Rand, name string, table *Table) (connectors.Want, []connectors.Key) {
	w, keys := ask(random, name, table)
	w.Columns, w.Order = nil, nil
	for range random.IntN(3) {
		if g := (connectors.GroupBy{Column: comparable(random, table).Name}); !slices.ContainsFunc(w.Group, func(o connectors.GroupBy) bool { return o.Column == g.Column }) {
			g.Bucket = someBucket(random, table.Columns[table.column(g.Column)].Type.Scalar)
			if random.IntN(3) == 0 {
				g.As = "key " + g.Column
			}
			w.Group = append(w.Group, g)
		}
	}
	for len(w.Measures) == 0 || random.IntN(2) == 0 {
		m := connectors.Measure{Func: connectors.Count}
		if of := comparable(random, table); random.IntN(4) > 0 {
			m = connectors.Measure{Column: of.Name, Func: []connectors.Aggregate{connectors.Count, connectors.Min, connectors.Max}[random.IntN(3)]}
			if of.Type.Scalar.Numeric() && !of.Type.List && random.IntN(2) == 0 {
				m.Func = []connectors.Aggregate{connectors.Avg, connectors.Sum}[random.IntN(2)]
			}
		}
		if !slices.ContainsFunc(w.Measures, func(o connectors.Measure) bool { return o.Name() == m.Name() }) {
			w.Measures = append(w.Measures, m)
		}
	}
	results := groupTable(w)
	if random.IntN(2) == 0 {
		w.Order = []connectors.Order{{Column: column(random, results).Name, Desc: random.IntN(2) == 0}}
	}
	return w, keys
}

// comparable is a column whose values can be keys and have a least.
func comparable(random *rand.Rand, table *Table) connectors.Column {
	for {
		if c := column(random, table); !c.Type.List && c.Type.Scalar != schema.JSON {
			return c
		}
	}
}

func someBucket(random *rand.Rand, of schema.Scalar) connectors.Bucket {
	if of != schema.Date && of != schema.DateTime || random.IntN(3) == 0 {
		return connectors.Bucket{}
	}
	b := connectors.Bucket{Unit: []connectors.Unit{connectors.Day, connectors.Week, connectors.Month, connectors.Quarter, connectors.Year}[random.IntN(5)],
		Location: []string{"", "UTC", "Europe/Berlin", "America/New_York"}[random.IntN(4)]}
	switch {
	case random.IntN(4) == 0:
		b.Unit, b.Every = "", time.Duration(1+random.IntN(3))*24*time.Hour
	case of == schema.DateTime && random.IntN(4) == 0:
		b.Unit = connectors.Hour
	case of == schema.DateTime && random.IntN(4) == 0:
		b.Unit, b.Every = "", time.Duration(1+random.IntN(3))*15*time.Minute
	}
	return b
}
