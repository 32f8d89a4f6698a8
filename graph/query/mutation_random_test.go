package query

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mereon/graph"
	"mereon/schema/fault"
)

// chance makes random changes of a small plant: spaces in spaces, pumps in them and in each other.
type chance struct {
	*rand.Rand
	made int
}

func (c *chance) pick(ids ...string) string { return ids[c.IntN(len(ids))] }

func (c *chance) space() string {
	return c.pick("site", "hall-1", "hall-2", "attic", "cellar", "nowhere")
}

func (c *chance) pump() string {
	return c.pick("pump-1", "pump-2", "pump-3", "valve-less", "new-1", "new-2")
}

func (c *chance) change() map[string]any {
	switch c.IntN(9) {
	case 0, 1:
		set := map[string]any{"serialNumber": fmt.Sprint("P-", c.IntN(9))}
		c.fill(set, "location", c.space)
		c.fill(set, "assembly", c.pump)
		c.made++
		set["id"] = fmt.Sprint("new-", c.made)
		return map[string]any{"create": map[string]any{"type": "Pump", "input": set}}
	case 2:
		set := map[string]any{}
		c.fill(set, "within", c.space)
		return map[string]any{"update": map[string]any{"id": c.pick("site", "hall-1", "hall-2"), "set": set}}
	case 3, 4:
		set := map[string]any{}
		c.fill(set, "location", c.space)
		c.fill(set, "assembly", c.pump)
		if c.IntN(4) == 0 {
			set["serialNumber"] = fmt.Sprint("P-", c.IntN(9))
		}
		return map[string]any{"update": map[string]any{"id": c.pump(), "set": set}}
	case 5:
		return map[string]any{"delete": map[string]any{"id": c.pick("hall-1", "hall-2", "pump-1", "pump-3", "valve-1", "new-1"), "children": c.pick("REFUSE", "DELETE", "DETACH")}}
	case 6:
		return map[string]any{"create": map[string]any{"type": "Space", "input": map[string]any{"id": c.pick("attic", "cellar"), "within": c.space()}}}
	case 7:
		name, other := "location", c.space()
		if c.IntN(2) == 0 {
			name, other = "assembly", c.pump()
		}
		return map[string]any{c.pick("relate", "unrelate"): map[string]any{"from": c.pump(), "name": name, "to": other}}
	}
	return map[string]any{c.pick("relate", "unrelate"): map[string]any{"from": c.space(), "name": c.pick("spaces", "within"), "to": c.space()}}
}

func (c *chance) fill(set map[string]any, field string, other func() string) {
	switch c.IntN(4) {
	case 0:
		set[field] = nil
	case 1, 2:
		set[field] = other()
	}
}

// unseen says whether a mistake is in a change that is left out of the change set, so that a store cannot find it.
func unseen(p fault.Problem) bool {
	return strings.HasSuffix(p.Field, "late.from") || strings.HasSuffix(p.Field, "late.name")
}

func TestDraftsAndStoresRefuseTheSameChanges(t *testing.T) {
	p := newPlant(t)
	view, err := p.store.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	accepted, refused := 0, map[string]int{}
	for seed := range uint64(4000) {
		c := &chance{Rand: rand.New(rand.NewPCG(seed, 4))}
		var changes []any
		for range 1 + c.IntN(6) {
			changes = append(changes, c.change())
		}
		d := p.engine.drafting(view, "")
		m := &mutation{verb: "apply", answer: &Plan{engine: p.engine}}
		if err := m.draft(t.Context(), d, map[string]any{"changes": changes}); err != nil {
			t.Fatal(err)
		}
		set, problems, err := d.ChangeSet(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		set.DryRun, set.Origin = true, graph.FromAPI
		_, err = p.store.Apply(t.Context(), set)
		switch {
		case problems.Err() == nil && err != nil, err == nil && problems.Err() != nil && !slices.ContainsFunc(problems, unseen):
			t.Errorf("seed %d: %v\n  the store says %v\n  the draft says %v", seed, changes, err, problems)
		case err == nil:
			accepted++
		}
		for _, problem := range problems {
			refused[string(problem.Code)]++
			if problem.Field == "" {
				t.Errorf("seed %d: %s has no field", seed, problem.Message)
			}
		}
		if t.Failed() {
			return
		}
	}
	if accepted < 400 || refused["CONFLICT"] < 400 || refused["NOT_FOUND"] < 400 {
		t.Errorf("%d accepted, refused %v: too few to tell", accepted, refused)
	}
}
