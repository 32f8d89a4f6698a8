package neo4j_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"mereon/graph"
	"mereon/schema"
)

// Hubs grow all together by so many relationships in each direction at a commit, past the 50 at which Neo4j puts those of a
// node in order by type, and lose one of the commit before.
const hubs, hubSteps, hubGrowth = 6, 14, 4

// holding is how many relationships of each direction a hub has after so many steps.
func holding(steps int) int {
	if steps == 0 {
		return 0
	}
	return steps*hubGrowth - (steps - 1)
}

// TestNoReaderMissesAnythingWhileNodesBecomeDense walks over and counts what hubs lead to while they grow: whatever the
// revision of a view, it has all that this revision holds and no more.
func TestNoReaderMissesAnythingWhileNodesBecomeDense(t *testing.T) {
	s, ctx := openWith(t, t.TempDir(), server(t)), context.Background()
	for round := range 2 {
		h := &hubWorld{round: round}
		commit, err := s.Apply(ctx, h.empty())
		if err != nil {
			t.Fatal(err)
		}
		h.first = commit.Revision
		var readers sync.WaitGroup
		var grown atomic.Bool
		for n := range 3 {
			readers.Go(func() {
				for asked := n; !grown.Load() && !t.Failed(); asked++ {
					h.look(t, s, asked%len(h.ways()))
				}
			})
		}
		for step := 1; step <= hubSteps && !t.Failed(); step++ {
			if _, err := s.Apply(ctx, h.grow(step)); err != nil {
				t.Error(err)
			}
		}
		grown.Store(true)
		readers.Wait()
		for way := range h.ways() {
			h.look(t, s, way)
		}
		t.Logf("%d answers while %d nodes became dense", h.answers.Load(), hubs)
	}
}

// hubWorld is one round of hubs with leaves of their own.
type hubWorld struct {
	round   int
	first   graph.Revision // at which the hubs have nothing
	answers atomic.Int64
}

func (h *hubWorld) hub(n int) graph.EntityID {
	return graph.EntityID(fmt.Sprintf("hub%d-%d", h.round, n))
}

func (h *hubWorld) leaf(n int) graph.EntityID {
	return graph.EntityID(fmt.Sprintf("leaf%d-%d", h.round, n))
}

func (h *hubWorld) empty() graph.ChangeSet {
	set := graph.ChangeSet{Layout: &graph.Layout{Relations: []schema.Relation{{Name: "feeds"}, {Name: "watches"}}}}
	for n := range hubs {
		set.Entities = append(set.Entities, graph.EntityChange{ID: h.hub(n), Type: "Hub"})
	}
	for n := range hubSteps * hubGrowth {
		set.Entities = append(set.Entities, graph.EntityChange{ID: h.leaf(n), Type: "Leaf"})
	}
	return set
}

// grow is the change set of a step: every hub feeds more leaves, and more leaves watch it.
func (h *hubWorld) grow(step int) (set graph.ChangeSet) {
	both := func(op graph.RelationOp, hub graph.EntityID, leaf int) {
		set.Relationships = append(set.Relationships, graph.RelationshipChange{Op: op, From: hub, Relation: "feeds", To: h.leaf(leaf)},
			graph.RelationshipChange{Op: op, From: h.leaf(leaf), Relation: "watches", To: hub})
	}
	for n := range hubs {
		for i := range hubGrowth {
			both(graph.Relate, h.hub(n), (step-1)*hubGrowth+i)
		}
		if step > 1 {
			both(graph.Unrelate, h.hub(n), (step-2)*hubGrowth)
		}
	}
	return set
}

// hubStep is a direction of the relationships of hubs.
type hubStep struct {
	relation  string
	direction graph.Direction
}

// ways are the questions that must have the number for every hub.
func (h *hubWorld) ways() []func(v graph.View, rows []graph.Row, s hubStep) ([]int, error) {
	ctx, id := context.Background(), []schema.Path{graph.ColumnID}
	groups := func(b *graph.Batch, err error) (sizes []int, _ error) {
		if err != nil {
			return nil, err
		}
		for i := range len(b.Offsets) - 1 {
			from, to := b.Group(i)
			sizes = append(sizes, to-from)
		}
		return sizes, nil
	}
	return []func(v graph.View, rows []graph.Row, s hubStep) ([]int, error){
		func(v graph.View, rows []graph.Row, s hubStep) ([]int, error) { // all of them
			return groups(v.Expand(ctx, graph.Expansion{From: rows, Steps: []graph.Step{{Relation: s.relation, Direction: s.direction}}, Page: graph.Page{All: true}, Columns: id}))
		},
		func(v graph.View, rows []graph.Row, s hubStep) ([]int, error) { // their number, with a page
			b, err := v.Expand(ctx, graph.Expansion{From: rows, Steps: []graph.Step{{Relation: s.relation, Direction: s.direction}}, Page: graph.Page{First: 2}, Columns: id, Count: true})
			if err != nil {
				return nil, err
			}
			return b.Totals, nil
		},
		func(v graph.View, rows []graph.Row, s hubStep) ([]int, error) { // by walking
			return groups(v.Reach(ctx, graph.Reach{From: rows, Steps: []graph.Step{{Relation: s.relation, Direction: s.direction}}, MaxDepth: 1, Page: graph.Page{All: true}, Columns: id}))
		},
		func(v graph.View, rows []graph.Row, s hubStep) (sizes []int, _ error) { // as relationships
			for _, row := range rows {
				found, err := v.Relationships(ctx, row, s.relation, s.direction)
				if err != nil {
					return nil, err
				}
				sizes = append(sizes, len(found))
			}
			return sizes, nil
		},
		func(v graph.View, rows []graph.Row, s hubStep) ([]int, error) { // counted in a condition: as many hubs have that many as there are
			n := holding(int(v.Revision() - h.first))
			exactly := &schema.Condition{Op: schema.RelatedTo, Related: &schema.Related{Relation: s.relation, Inverse: s.direction == graph.In, Quantifier: schema.CountOf,
				Count: &schema.Condition{Op: schema.Eq, Path: "count", Value: schema.IntOf(int64(n))}}}
			b, err := v.Select(ctx, graph.Selection{Rows: rows, Where: exactly, Count: true})
			if err != nil {
				return nil, err
			}
			if b.Totals[0] != hubs {
				return nil, fmt.Errorf("%d of %d hubs have %d", b.Totals[0], hubs, n)
			}
			return nil, nil
		},
	}
}

// look asks a view in one way, for both directions, twice: it must go on seeing the same.
func (h *hubWorld) look(t *testing.T, s graph.Store, way int) {
	ctx := context.Background()
	v, err := graph.LateView(ctx, s)
	if err != nil {
		t.Error(err)
		return
	}
	defer v.Close()
	var ids []graph.EntityID
	for n := range hubs {
		ids = append(ids, h.hub(n))
	}
	b, err := v.Lookup(ctx, ids, nil)
	if err != nil {
		t.Error(err)
		return
	}
	for range 2 {
		for _, step := range []hubStep{{"feeds", graph.Out}, {"watches", graph.In}} {
			sizes, err := h.ways()[way](v, b.Rows, step)
			want := holding(int(v.Revision() - h.first))
			for n, size := range sizes {
				if size != want {
					err = errors.Join(err, fmt.Errorf("%s has %d, want %d", ids[n], size, want))
				}
			}
			if err != nil {
				t.Errorf("way %d, %s at revision %d, step %d: %v", way, step.relation, v.Revision(), v.Revision()-h.first, err)
				return
			}
			h.answers.Add(1)
		}
	}
}
