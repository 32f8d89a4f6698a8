package graphtest

import (
	"context"
	"fmt"
	"math"
	"slices"

	"mereon/graph"
	"mereon/schema"
)

func (s *sequence) askPath(v graph.View) {
	g := s.g
	ids := []graph.EntityID{g.id(), g.id()}
	rows := s.rows(v, ids)
	q := graph.PathQuery{From: rows[0], To: rows[1], Steps: g.steps(), MaxDepth: g.IntN(6)}
	if g.IntN(3) == 0 {
		q.Through = g.where()
	}
	switch g.IntN(3) {
	case 0:
		q.Most = 2 + g.IntN(4)
	case 1:
		missing := float64(g.IntN(4))
		q.MaxDepth, q.Weight, q.Missing = 0, pick(g, []schema.Path{"diameter", "nothing"}), &missing
	}
	paths, err := v.ShortestPaths(context.Background(), q)
	what := fmt.Sprintf("ShortestPaths(%v, %+v through %s)", ids, q, conditionText(q.Through))
	if err != nil {
		s.t.Errorf("%s: %v", what, err)
		return
	}
	if q.Weight != "" {
		s.checkLightest(what, v, ids, q, paths)
		return
	}
	want := g.m.paths(ids[0], ids[1], q)
	if q.Most <= 1 {
		want = want[:min(1, len(want))]
	}
	if len(paths) != len(want) {
		s.t.Errorf("%s = %d paths, want %d: %v", what, len(paths), len(want), want)
		return
	}
	for i, p := range paths {
		got := s.checkPath(what, v, p, ids, q)
		if q.Most > 1 && !slices.Equal(got, want[i]) || len(got) != len(want[i]) {
			s.t.Errorf("%s: path %d = %v, want %v", what, i, got, want[i])
		}
	}
}

// checkPath sees that a path leads from one id to the other over relationships that exist, and returns its ids.
func (s *sequence) checkPath(what string, v graph.View, p graph.PathResult, ends []graph.EntityID, q graph.PathQuery) (ids []graph.EntityID) {
	cells, err := v.Read(context.Background(), p.Rows, []schema.Path{"id"})
	if err != nil || len(p.Rows) == 0 || len(p.Relations) != len(p.Rows)-1 || len(p.Inverse) != len(p.Rows)-1 {
		s.t.Errorf("%s: path %+v does not fit together (%v)", what, p, err)
		return nil
	}
	for _, c := range cells {
		ids = append(ids, graph.EntityID(c.Text()))
	}
	if ids[0] != ends[0] || ids[len(ids)-1] != ends[1] {
		s.t.Errorf("%s: path %v does not join the ends", what, ids)
	}
	for i := range p.Relations {
		direction := graph.Out
		if p.Inverse[i] {
			direction = graph.In
		}
		allowed := slices.ContainsFunc(q.Steps, func(s graph.Step) bool {
			return s.Relation == p.Relations[i] && (s.Direction == graph.Both || s.Direction == direction)
		})
		steps := []graph.Step{{Relation: p.Relations[i], Direction: direction}}
		if !allowed || !slices.ContainsFunc(s.g.m.neighbours(ids[i], steps), func(h hit) bool { return h.id == ids[i+1] }) {
			s.t.Errorf("%s: step %d of %v by %s does not exist", what, i, ids, p.Relations[i])
		}
		if i > 0 && s.g.m.holds(ids[i], q.Through) != schema.True {
			s.t.Errorf("%s: path %v goes through %s", what, ids, ids[i])
		}
	}
	return ids
}

// checkLightest compares the weight of a path with the least one.
func (s *sequence) checkLightest(what string, v graph.View, ends []graph.EntityID, q graph.PathQuery, paths []graph.PathResult) {
	want := s.g.m.lightest(ends[0], ends[1], q)
	if math.IsInf(want, 1) || len(paths) != 1 {
		if len(paths) != 0 || !math.IsInf(want, 1) {
			s.t.Errorf("%s = %d paths, want one of %v", what, len(paths), want)
		}
		return
	}
	ids := s.checkPath(what, v, paths[0], ends, q)
	sum := 0.0
	for i := 1; i < len(ids); i++ {
		sum += s.g.m.weight(ids[i-1], ids[i], q)
	}
	if sum != want || paths[0].Weight != want {
		s.t.Errorf("%s: %v weighs %v, it says %v, want %v", what, ids, sum, paths[0].Weight, want)
	}
}
