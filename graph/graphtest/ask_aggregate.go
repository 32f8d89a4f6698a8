package graphtest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// askAggregate groups a random selection, or the neighbours of random entities.
func (s *sequence) askAggregate(v graph.View) {
	g := s.g
	q := graph.Aggregation{Of: graph.Selection{Types: g.types(), Where: g.where()}}
	for range g.IntN(3) {
		q.By = append(q.By, g.grouping())
	}
	for range g.IntN(4) {
		q.Measures = append(q.Measures, graph.Measure{Path: pick(g, []schema.Path{"flow", "flow", "motor.speed", "name", "list", "id", "revision", "nothing"}),
			Func: pick(g, []schema.FoldFunc{schema.FoldCount, schema.FoldMin, schema.FoldMax, schema.FoldSum, schema.FoldAvg})})
	}
	var sets [][]graph.EntityID
	if g.IntN(2) == 0 {
		from := g.from()
		q.From, q.Steps = append([]graph.Row{}, s.rows(v, from)...), g.steps()
		for _, id := range from {
			sets = append(sets, g.m.expands(id, graph.Expansion{Steps: q.Steps, Types: q.Of.Types, Where: q.Of.Where, Page: graph.Page{All: true}}).ids)
		}
	} else {
		if g.IntN(4) == 0 {
			q.Of.IDs = append([]graph.EntityID{}, g.from()...)
		}
		if g.IntN(5) == 0 {
			q.Of.Within = &graph.Within{Root: g.id(), Steps: g.steps(), Depth: g.IntN(3)}
		}
		if g.IntN(4) == 0 {
			q.Of.Search = g.search()
		}
		of := q.Of
		of.Page = graph.Page{All: true}
		sets = append(sets, g.m.selects(of).ids)
	}
	what := fmt.Sprintf("Aggregate(%+v where %s)", q, conditionText(q.Of.Where))
	got, err := v.Aggregate(context.Background(), q)
	if err != nil {
		s.t.Errorf("%s: %v", what, err)
		return
	}
	if len(got.Offsets) != len(sets)+1 {
		s.t.Errorf("%s: %d offsets for %d sets", what, len(got.Offsets), len(sets))
		return
	}
	for i, ids := range sets {
		s.compareSet(v, what, q, got, i, ids)
	}
}

func (g *generator) grouping() graph.Grouping {
	if g.IntN(2) == 0 {
		return graph.Grouping{Path: pick(g, []schema.Path{"assetType", "flow", "tag", "on", "name", "nothing", "revision"})}
	}
	by := graph.Grouping{Steps: g.steps(), Types: g.types(), Far: g.ids < 100 && g.IntN(3) == 0}
	if len(by.Steps) == 0 {
		by.Path = "tag"
	}
	return by
}

// counted is a group as the model counts it.
type counted struct {
	key   []schema.Value
	ends  []graph.EntityID // "" for none
	count int
	folds []schema.Fold
}

func (m *model) groups(q graph.Aggregation, ids []graph.EntityID) []*counted {
	found := map[string]*counted{}
	var groups []*counted
	for _, id := range ids {
		for _, key := range m.groupKeys(q.By, id) {
			name := ""
			for k := range q.By {
				name += fmt.Sprintf("%q %q ", schema.AppendKey(nil, key.key[k]), key.ends[k])
			}
			at := found[name]
			if at == nil {
				at = &counted{key: key.key, ends: key.ends, folds: make([]schema.Fold, len(q.Measures))}
				found[name], groups = at, append(groups, at)
			}
			at.count++
			for i, measure := range q.Measures {
				at.folds[i].Add(m.value(id, measure.Path))
			}
		}
	}
	if len(q.By) == 0 && len(groups) == 0 {
		groups = append(groups, &counted{folds: make([]schema.Fold, len(q.Measures))})
	}
	slices.SortFunc(groups, func(a, b *counted) int {
		for k := range q.By {
			if c := schema.Compare(a.key[k], b.key[k]); c != 0 {
				return c
			}
			if a.ends[k] != b.ends[k] {
				if a.ends[k] == noEnd || b.ends[k] == noEnd {
					return map[bool]int{true: 1, false: -1}[a.ends[k] == noEnd]
				}
				return strings.Compare(string(a.ends[k]), string(b.ends[k]))
			}
		}
		return 0
	})
	return groups
}

const noEnd graph.EntityID = "\xffnone"

// groupKeys returns every combination of keys that an entity counts in.
func (m *model) groupKeys(by []graph.Grouping, id graph.EntityID) []counted {
	keys := []counted{{}}
	for _, g := range by {
		var next []counted
		for _, have := range keys {
			for _, one := range m.oneKey(g, id) {
				next = append(next, counted{key: append(slices.Clone(have.key), one.key...), ends: append(slices.Clone(have.ends), one.ends...)})
			}
		}
		keys = next
	}
	return keys
}

func (m *model) oneKey(g graph.Grouping, id graph.EntityID) (keys []counted) {
	if len(g.Steps) == 0 {
		return []counted{{key: []schema.Value{m.value(id, g.Path)}, ends: []graph.EntityID{noEnd}}}
	}
	depth := 1
	if g.Far {
		depth = 0
	}
	near := map[graph.EntityID]int{}
	if !g.Far {
		for _, h := range m.neighbours(id, g.Steps) {
			near[h.id] = 1
		}
	} else {
		near = m.reach(id, g.Steps, depth, nil)
	}
	for other := range near {
		if g.Types == nil || slices.Contains(g.Types, m.entities[other].typ) {
			keys = append(keys, counted{key: []schema.Value{schema.Null}, ends: []graph.EntityID{other}})
		}
	}
	if len(keys) == 0 {
		return []counted{{key: []schema.Value{schema.Null}, ends: []graph.EntityID{noEnd}}}
	}
	return keys
}

func (s *sequence) compareSet(v graph.View, what string, q graph.Aggregation, got *graph.Groups, set int, ids []graph.EntityID) {
	want := s.g.m.groups(q, ids)
	from, to := got.Set(set)
	if to-from != len(want) {
		s.t.Errorf("%s: set %d has %d groups, want %d", what, set, to-from, len(want))
		return
	}
	for i, w := range want {
		at := from + i
		if got.Counts[at] != w.count {
			s.t.Errorf("%s: count of group %d of set %d = %d, want %d", what, i, set, got.Counts[at], w.count)
		}
		for k := range q.By {
			end := noEnd
			if row := got.Row(k, at); row != graph.NoRow {
				cells, err := v.Read(context.Background(), []graph.Row{row}, []schema.Path{"id"})
				if err != nil {
					s.t.Fatal(err)
				}
				end = graph.EntityID(cells[0].Text())
			}
			if !schema.Equal(got.Key(k, at), w.key[k]) || end != w.ends[k] {
				s.t.Errorf("%s: key %d of group %d of set %d = %s %q, want %s %q", what, k, i, set, show(got.Key(k, at)), end, show(w.key[k]), w.ends[k])
			}
		}
		for m, measure := range q.Measures {
			if have, want := got.Value(m, at), w.folds[m].Of(measure.Func); !nearly(have, want) {
				s.t.Errorf("%s: %s of %s of group %d of set %d = %s, want %s", what, measure.Func, measure.Path, i, set, show(have), show(want))
			}
		}
	}
}

// nearly allows floats another order of adding, and nothing else.
func nearly(a, b schema.Value) bool {
	if a.Kind() == schema.FloatValue && b.Kind() == schema.FloatValue {
		return math.Abs(a.Float()-b.Float()) <= 1e-9*max(1, math.Abs(b.Float()))
	}
	return schema.Equal(a, b)
}

// testAggregates sees what a plain example gives, and that budgets hold.
func testAggregates(t *testing.T, c Config) {
	ctx := context.Background()
	s := c.Open(t, t.TempDir())
	defer s.Close()
	set := chain(200)
	for i := range set.Entities {
		set.Entities[i].Values = append(set.Entities[i].Values, graph.PathValue{Path: "flow", Value: schema.IntOf(int64(i % 4))})
	}
	mustApply(t, s, set)
	v := mustView(t, s)
	flow := []graph.Grouping{{Path: "flow"}}
	got, err := v.Aggregate(ctx, graph.Aggregation{By: flow, Measures: []graph.Measure{{Func: schema.FoldSum, Path: "flow"}}})
	if err != nil || len(got.Counts) != 4 || got.Counts[3] != 50 || !schema.Equal(got.Value(0, 3), schema.IntOf(150)) || got.Rows[3] != graph.NoRow {
		t.Errorf("Aggregate by flow = %+v, %v; want four groups of 50", got, err)
	}
	if got, err = v.Aggregate(ctx, graph.Aggregation{Of: graph.Selection{Types: []schema.TypeName{"Unknown"}}}); err != nil || len(got.Counts) != 1 || got.Counts[0] != 0 {
		t.Errorf("Aggregate of nothing = %+v, %v; want one empty group", got, err)
	}
	feeds := []graph.Step{{Relation: "feeds", Direction: graph.Out}}
	if got, err = v.Aggregate(ctx, graph.Aggregation{By: []graph.Grouping{{Steps: feeds, Far: true}}}); err != nil || len(got.Counts) != 200 || got.Counts[198] != 199 || got.Counts[199] != 1 {
		t.Errorf("Aggregate by all that is fed = %+v, %v; want the last of the chain with 199 before it", got, err)
	}
	if _, err = v.Aggregate(ctx, graph.Aggregation{By: []graph.Grouping{{Path: "id"}}, Most: 150}); fault.CodeOf(err) != fault.Limit {
		t.Errorf("Aggregate with more groups than asked for = %v, want a limit", err)
	}
	if _, err = v.Aggregate(ctx, graph.Aggregation{By: flow, Of: graph.Selection{Budget: 100}}); fault.CodeOf(err) != fault.Limit {
		t.Errorf("Aggregate beyond its budget = %v, want a limit", err)
	}
	if _, err = v.Aggregate(ctx, graph.Aggregation{By: flow, Of: graph.Selection{Budget: 1000}, Most: 4}); err != nil {
		t.Errorf("Aggregate within its budget = %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err = v.Aggregate(ended, graph.Aggregation{By: flow}); fault.CodeOf(err) != fault.Timeout {
		t.Errorf("Aggregate with an ended context = %v, want a timeout", err)
	}
}
