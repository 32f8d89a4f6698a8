package connectortest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/connectors"
	"mereon/schema"
)

// Serve opens a runtime around one connector, named subject. limits are runtime keys as in mereon.yaml, such as
// "cache: 0s, deadline: 1s".
func Serve(t testing.TB, c connectors.Connector, limits string, now time.Time) *connectors.Runtime {
	t.Helper()
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("{kind: subject, "+limits+"}"), &node); err != nil {
		t.Fatal(err)
	}
	r, err := connectors.Open(t.Context(), connectors.NewRegistry(Kind("subject", c)), map[string]*yaml.Node{"subject": node.Content[0]},
		connectors.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// throughRuntime compares what the runtime makes of the connector's answers with a plain filter, order and limit.
func throughRuntime(t *testing.T, s Subject) {
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
			random := rand.New(rand.NewPCG(seed, 11))
			w, keys := ask(random, name, &table)
			a := r.Records(t.Context(), "subject", keys, w)
			for k, key := range keys {
				compare(t, &table, w, a.Results[k], project(&table, w, table.Select(key, w, true, true)))
			}
			if t.Failed() {
				t.Fatalf("question of seed %d: %+v, keys %v", seed, w, keys)
			}
		}
	}
}

func compare(t *testing.T, table *Table, w connectors.Want, got connectors.Rows, all [][]schema.Value) {
	t.Helper()
	most := len(all)
	for _, limit := range []int{w.PerKey, w.Limit} {
		if limit > 0 {
			most = min(most, limit)
		}
	}
	var rows [][]schema.Value
	for i := range got.Count {
		rows = append(rows, got.Cells[i*len(w.Columns):(i+1)*len(w.Columns)])
	}
	switch {
	case got.Count != most || got.More != (most < len(all)):
		t.Errorf("%d rows, more %t (%s %s); want %d of %d", got.Count, got.More, got.Status, got.Why, most, len(all))
	case w.Count && got.Total != len(all) && got.Total != -1:
		t.Errorf("total %d, want %d", got.Total, len(all))
	case (got.Count == 0) != (got.Status == connectors.Empty) || got.Count > 0 && got.Status != connectors.OK:
		t.Errorf("%d rows with status %s", got.Count, got.Status)
	case !slices.EqualFunc(rows, all[:most], func(x, y []schema.Value) bool { return table.compare(x, y, w.Order) == 0 }):
		t.Errorf("the rows are not the first ones in the order")
	case most == len(all) && !same(sorted(rows), sorted(all)):
		t.Errorf("the rows are not those of a plain filter")
	}
	for _, row := range rows {
		if !slices.ContainsFunc(all, func(x []schema.Value) bool { return slices.EqualFunc(x, row, schema.Equal) }) {
			t.Errorf("row %v does not belong to the answer", row)
		}
	}
}
