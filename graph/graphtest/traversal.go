package graphtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// mesh makes a graph in which there is much to walk: n pumps, each with a few relationships, most with a diameter.
func (g *generator) mesh(n int) graph.ChangeSet {
	l := layouts()[0]
	set := graph.ChangeSet{Layout: &l, At: g.clock}
	for i := range n {
		set.Entities = append(set.Entities, entity(graph.Create, graph.EntityID(fmt.Sprintf("e%02d", i)),
			graph.PathValue{Path: "flow", Value: schema.IntOf(int64(g.IntN(10)))}, text("name", pick(g, []string{"alpha one", "Alpha two", "beta", "Ålpha"}))))
	}
	for range 3 * n {
		c := relate(graph.Relate, graph.EntityID(fmt.Sprintf("e%02d", g.IntN(n))), "feeds", graph.EntityID(fmt.Sprintf("e%02d", g.IntN(n))))
		if g.IntN(4) > 0 {
			c.Props = []graph.PathValue{{Path: "diameter", Value: pick(g, []schema.Value{schema.IntOf(int64(g.IntN(9))), schema.FloatOf(float64(g.IntN(9)) / 2)})}}
		}
		set.Relationships = append(set.Relationships, c)
	}
	return set
}

// testTraversal walks meshes beside the model.
func testTraversal(t *testing.T, c Config) {
	for seed := range uint64(min(8, c.Sequences)) {
		s := &sequence{t: t, store: c.Open(t, t.TempDir()), g: &generator{Rand: rand.New(rand.NewPCG(seed, 11)), clock: time.Unix(1_700_000_000, 0).UTC(), m: newModel(), ids: 30}}
		s.apply(s.g.mesh(30))
		v := mustView(t, s.store)
		for range 60 {
			s.askPath(v)
			s.askReach(v)
			s.askGoingOn(v)
		}
		if v.Close(); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		s.store.Close()
	}
}

// askGoingOn reaches everything in pieces of a small budget, which must be the whole, in order, without repeats.
func (s *sequence) askGoingOn(v graph.View) {
	g := s.g
	q := graph.Reach{From: s.rows(v, []graph.EntityID{g.id()}), Steps: []graph.Step{{Relation: "feeds", Direction: graph.Direction(g.IntN(3))}}, Page: graph.Page{All: true}, Columns: []schema.Path{"id"}}
	if g.IntN(2) == 0 {
		q.Through = &schema.Condition{Op: schema.Lt, Path: "flow", Value: schema.IntOf(int64(3 + g.IntN(6)))}
	}
	if g.IntN(2) == 0 {
		q.Where = &schema.Condition{Op: schema.Gte, Path: "flow", Value: schema.IntOf(int64(g.IntN(4)))}
	}
	ids := func(q graph.Reach) (*graph.Batch, []schema.Value) {
		b, err := v.Reach(context.Background(), q)
		if err != nil {
			s.t.Fatal(err)
		}
		return b, b.Column(0)
	}
	_, want := ids(q)
	var got []schema.Value
	q.Budget = 1 + g.IntN(7)
	for pieces := 0; pieces < 100; pieces++ {
		b, piece := ids(q)
		if len(piece) > q.Budget {
			s.t.Errorf("Reach gave %d entities for a budget of %d", len(piece), q.Budget)
		}
		got = append(got, piece...)
		if !b.Truncated[0] {
			break
		}
		q.Past, q.Page.After = b.Stopped[0], b.Stopped[0]
	}
	if !slices.EqualFunc(got, want, schema.Equal) {
		s.t.Errorf("Reach in pieces of %d = %s, want %s", q.Budget, show(schema.ListOf(got)), show(schema.ListOf(want)))
	}
}

// testWeights sees what a weight may be.
func testWeights(t *testing.T, c Config) {
	weigh := func(from, to graph.EntityID, weight schema.Value) graph.RelationshipChange {
		r := relate(graph.Relate, from, "feeds", to)
		r.Props = []graph.PathValue{{Path: "diameter", Value: weight}}
		return r
	}
	one, ctx := 1.0, context.Background()
	for _, test := range []struct {
		name    string
		weights [3]schema.Value // a to b, b to c, a to c
		missing *float64
		want    int // entities on the path; 0: refused
		says    []string
	}{
		{"a detour may be lighter", [3]schema.Value{schema.IntOf(1), schema.FloatOf(1.5), schema.IntOf(3)}, nil, 3, nil},
		{"decimals are numbers", [3]schema.Value{schema.DecimalOf("1"), schema.DecimalOf("1.5"), schema.DecimalOf("2.25")}, nil, 2, nil},
		{"zero is a weight", [3]schema.Value{schema.IntOf(0), schema.IntOf(0), schema.FloatOf(0.5)}, nil, 3, nil},
		{"a weight below zero is refused", [3]schema.Value{schema.IntOf(-1), schema.IntOf(1), schema.IntOf(3)}, nil, 0, []string{"feeds", "a", "b", "diameter"}},
		{"a missing weight is refused", [3]schema.Value{schema.Null, schema.IntOf(1), schema.IntOf(3)}, nil, 0, []string{"feeds", "a", "b", "diameter"}},
		{"unless it is said what counts", [3]schema.Value{schema.Null, schema.IntOf(1), schema.IntOf(3)}, &one, 3, nil},
		{"a text is no weight", [3]schema.Value{schema.StringOf("long"), schema.IntOf(1), schema.IntOf(3)}, &one, 0, []string{"diameter"}},
	} {
		s := c.Open(t, t.TempDir())
		l := layouts()[0]
		// What leads to the end from elsewhere, and on from it, does not matter.
		set := entities(entity(graph.Create, "a"), entity(graph.Create, "b"), entity(graph.Create, "c"), entity(graph.Create, "d"))
		set.Layout, set.Relationships = &l, relationships(weigh("d", "c", schema.IntOf(-1)), weigh("c", "d", schema.StringOf("far")), weigh("a", "b", test.weights[0]), weigh("b", "c", test.weights[1]), weigh("a", "c", test.weights[2])).Relationships
		mustApply(t, s, set)
		v := mustView(t, s)
		ends, _ := v.Lookup(ctx, []graph.EntityID{"a", "c"}, nil)
		q := graph.PathQuery{From: ends.Rows[0], To: ends.Rows[1], Steps: []graph.Step{{Relation: "feeds"}}, Weight: "diameter", Missing: test.missing}
		paths, err := v.ShortestPaths(ctx, q)
		switch {
		case test.want == 0 && fault.CodeOf(err) != fault.Invalid:
			t.Errorf("%s: ShortestPaths = %v, %v, want it invalid", test.name, paths, err)
		case test.want > 0 && (err != nil || len(paths) != 1 || len(paths[0].Rows) != test.want):
			t.Errorf("%s: ShortestPaths = %v, %v, want one of %d entities", test.name, paths, err, test.want)
		}
		for _, part := range test.says {
			if err != nil && !strings.Contains(err.Error(), part) {
				t.Errorf("%s: message %q does not say %s", test.name, err, part)
			}
		}
		q.Most = 2
		if _, err := v.ShortestPaths(ctx, q); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("several lightest paths = %v, want it invalid", err)
		}
		v.Close()
		s.Close()
	}
}
