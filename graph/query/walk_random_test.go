package query

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// mesh is what walks are checked against: who feeds whom, what flows, which orders there are.
type mesh struct {
	feeds  map[string][]string
	flow   map[string]*float64
	orders map[string][]string
}

func (p *plant) mesh(t *testing.T) mesh {
	t.Helper()
	r := p.ask(t, `{ pumps(first: 1000) { nodes { id flow { value } feeds(first: 1000) { nodes { id } } workOrders(first: 1000) { nodes { number } } } } }`, nil)
	var all struct {
		Pumps struct {
			Nodes []struct {
				ID         string
				Flow       struct{ Value *float64 }
				Feeds      struct{ Nodes []struct{ ID string } }
				WorkOrders struct{ Nodes []struct{ Number string } }
			}
		}
	}
	if err := json.Unmarshal(r.Data, &all); err != nil || len(r.Errors) > 0 {
		t.Fatal(err, r.Errors)
	}
	m := mesh{feeds: map[string][]string{}, flow: map[string]*float64{}, orders: map[string][]string{}}
	for _, n := range all.Pumps.Nodes {
		m.flow[n.ID] = n.Flow.Value
		for _, to := range n.Feeds.Nodes {
			m.feeds[n.ID] = append(m.feeds[n.ID], to.ID)
		}
		for _, o := range n.WorkOrders.Nodes {
			m.orders[n.ID] = append(m.orders[n.ID], o.Number)
		}
	}
	return m
}

// join makes pumps feed others, also in circles.
func (p *plant) join(t *testing.T, r *rand.Rand, times int) {
	t.Helper()
	for range times {
		got := p.ask(t, `mutation($from: ID!, $to: ID!) { relate(from: $from, name: "feeds", to: $to) { id } }`,
			map[string]any{"from": fmt.Sprintf("x-%02d", r.IntN(60)), "to": fmt.Sprintf("x-%02d", r.IntN(60))})
		if len(got.Errors) > 0 {
			t.Fatal(got.Errors[0])
		}
	}
}

// reach returns what is reached with its depth, by "depth id"; passes says what may be walked through.
func (m mesh) reach(start string, orders bool, most int, passes func(id string) bool) []string {
	depth := map[string]int{start: 0}
	var found []string
	for level := []string{start}; len(level) > 0; {
		var next []string
		for _, id := range level {
			if most > 0 && depth[id] == most {
				continue
			}
			to := slices.Clone(m.feeds[id])
			if orders {
				to = append(to, m.orders[id]...)
			}
			for _, other := range to {
				if _, seen := depth[other]; seen || m.isPump(other) && !passes(other) {
					continue
				}
				depth[other] = depth[id] + 1
				next = append(next, other)
				found = append(found, fmt.Sprintf("%d %s", depth[other], other))
			}
		}
		level = next
	}
	slices.Sort(found)
	return found
}

func (m mesh) isPump(id string) bool {
	_, is := m.flow[id]
	return is
}

func TestWalksReachWhatIsThere(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 3))
		p := crowdedPlant(t, r)
		p.join(t, r, 100)
		m := p.mesh(t)
		ids := slices.Sorted(maps.Keys(m.feeds))
		for range 12 {
			start, most, least := ids[r.IntN(len(ids))], r.IntN(4), float64(r.IntN(8))
			flows := func(id string) bool { return m.flow[id] != nil && *m.flow[id] >= least }
			depth := ""
			if most > 0 {
				depth = fmt.Sprintf(", maxDepth: %d", most)
			}
			through := fmt.Sprintf("{is: {Pump: {flow: {gte: %g}}}}", least)
			p.checkWalk(t, fmt.Sprintf(`{ pump(id: %q) { walk: affected(via: ["feeds", "workOrders"]%s, first: 1000) { nodes { depth entity { id } workOrder { number } } } } }`, start, depth),
				m.reach(start, true, most, func(string) bool { return true }))
			p.checkWalk(t, fmt.Sprintf(`{ pump(id: %q) { walk: affected(via: ["feeds", "workOrders"]%s, through: {entity: %s}, first: 1000) { nodes { depth entity { id } workOrder { number } } } } }`, start, depth, through),
				m.reach(start, true, most, flows))
			p.checkWalk(t, fmt.Sprintf(`{ pump(id: %q) { walk: reach(via: ["feeds"]%s, through: %s, first: 1000) { nodes { depth entity { id } } } } }`, start, depth, through),
				m.reach(start, false, most, flows))
			p.checkWays(t, m, start, ids[r.IntN(len(ids))], through, flows)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func (p *plant) checkWalk(t *testing.T, operation string, want []string) {
	t.Helper()
	r := p.ask(t, operation, nil)
	var answer struct {
		Pump struct {
			Walk struct {
				Nodes []struct {
					Depth     int
					Entity    *struct{ ID string }
					WorkOrder *struct{ Number string }
				}
			}
		}
	}
	if err := json.Unmarshal(r.Data, &answer); err != nil || len(r.Errors) > 0 {
		t.Fatalf("%s: %v %v", operation, err, r.Errors)
	}
	var got []string
	for _, n := range answer.Pump.Walk.Nodes {
		if n.Entity != nil {
			got = append(got, fmt.Sprintf("%d %s", n.Depth, n.Entity.ID))
		} else {
			got = append(got, fmt.Sprintf("%d %s", n.Depth, n.WorkOrder.Number))
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s\n got %v\nwant %v", operation, got, want)
	}
}

// checkWays compares the lengths of the shortest paths, and sees that each goes through what it may.
func (p *plant) checkWays(t *testing.T, m mesh, from, to, through string, passes func(id string) bool) {
	t.Helper()
	want := -1
	for _, reached := range m.reach(from, false, 0, func(id string) bool { return id == to || passes(id) }) {
		var depth int
		var id string
		if fmt.Sscan(reached, &depth, &id); id == to {
			want = depth
		}
	}
	r := p.ask(t, fmt.Sprintf(`{ one: path(from: %q, to: %q, via: ["feeds"], through: %s) { length } paths(from: %q, to: %q, via: ["feeds"], through: %s, first: 50) { length nodes { id } } }`,
		from, to, through, from, to, through), nil)
	var answer struct {
		One   *struct{ Length int }
		Paths []struct {
			Length int
			Nodes  []struct{ ID string }
		}
	}
	if err := json.Unmarshal(r.Data, &answer); err != nil {
		t.Fatal(err)
	}
	if from == to {
		want = 0
	}
	if want < 0 {
		if answer.One != nil || len(answer.Paths) > 0 {
			t.Errorf("a path from %s to %s through %s: %s", from, to, through, r.Data)
		}
		return
	}
	if answer.One == nil || answer.One.Length != want || len(answer.Paths) == 0 {
		t.Errorf("path from %s to %s through %s = %s %v, want %d steps", from, to, through, r.Data, r.Errors, want)
	}
	for _, path := range answer.Paths {
		for i, n := range path.Nodes {
			if path.Length != want || i > 0 && (!slices.Contains(m.feeds[path.Nodes[i-1].ID], n.ID) || n.ID != to && !passes(n.ID)) {
				t.Errorf("path %v from %s to %s through %s", path.Nodes, from, to, through)
			}
		}
	}
}
