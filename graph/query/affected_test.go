package query

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mereon/connectors/connectortest"
)

// affectedPage is the part of an answer that walks through everything affected look at.
type affectedPage struct {
	Pump struct {
		Affected struct {
			Truncated, Incomplete bool
			Nodes                 []struct {
				Depth     int
				Entity    *struct{ ID string }
				WorkOrder *struct{ Number string }
				Note      *struct{ ID string }
			}
			PageInfo struct {
				HasNextPage bool
				EndCursor   string
			}
		}
	}
}

func (p *plant) affected(t *testing.T, arguments string) (affectedPage, []string, Result) {
	t.Helper()
	r := p.ask(t, `{ pump(id: "pump-1") { affected(via: ["feeds", "workOrders", "notes", "about"]`+arguments+`) {
		truncated incomplete nodes { depth entity { id } workOrder { number } note { id } } pageInfo { hasNextPage endCursor } } } }`, nil)
	var page affectedPage
	if err := json.Unmarshal(r.Data, &page); err != nil {
		t.Fatalf("%s: %v %v", r.Data, err, r.Errors)
	}
	var ids []string
	for _, n := range page.Pump.Affected.Nodes {
		switch {
		case n.Entity != nil:
			ids = append(ids, fmt.Sprintf("%d %s", n.Depth, n.Entity.ID))
		case n.WorkOrder != nil:
			ids = append(ids, fmt.Sprintf("%d %s", n.Depth, n.WorkOrder.Number))
		case n.Note != nil:
			ids = append(ids, fmt.Sprintf("%d %s", n.Depth, n.Note.ID))
		}
	}
	return page, ids, r
}

func TestAffectedAsksEachCollectionOnceALevel(t *testing.T) {
	p := newPlant(t)
	for _, test := range []struct {
		arguments string
		questions int // work orders of the start; of its level and notes of it; the same one level on; of valve-1; notes of its order
		nodes     int
	}{{", maxDepth: 1", 1, 5}, {", maxDepth: 2", 3, 9}, {", maxDepth: 3", 5, 10}, {", maxDepth: 4", 5, 11}, {", maxDepth: 5", 6, 12}, {"", 7, 12}} {
		_, ids, r := p.affected(t, test.arguments)
		if got := r.Explain.Connectors["erp"]; got != test.questions || len(ids) != test.nodes || len(r.Errors) > 0 {
			t.Errorf("affected(%s) took %d questions for %v (%v), want %d for %d nodes", test.arguments, got, ids, r.Errors, test.questions, test.nodes)
		}
	}
}

func TestAffectedGoesOnByCursorAlsoBehindItsBudget(t *testing.T) {
	p := newPlant(t)
	_, whole, _ := p.affected(t, "")
	for _, bounds := range []string{"first: 5", "budget: 1", "budget: 4, first: 3", "budget: 3, first: 7", "budget: 7"} {
		var got []string
		after := ""
		for range 30 {
			arguments := ", " + bounds
			if after != "" {
				arguments += fmt.Sprintf(", after: %q", after)
			}
			page, ids, _ := p.affected(t, arguments)
			got = append(got, ids...)
			if !page.Pump.Affected.PageInfo.HasNextPage {
				break
			}
			after = page.Pump.Affected.PageInfo.EndCursor
		}
		if !slices.Equal(got, whole) {
			t.Errorf("affected(%s) in pages = %v, want %v", bounds, got, whole)
		}
	}
}

func TestAffectedGoesOnWithoutASourceThatFails(t *testing.T) {
	p := newPlant(t)
	p.faultyERP.Become(connectortest.Die)
	page, ids, r := p.affected(t, "")
	if want := []string{"1 pump-2", "1 valve-less", "2 pump-3"}; !slices.Equal(ids, want) || !page.Pump.Affected.Incomplete {
		t.Errorf("affected = %v, incomplete %t; want %v, incomplete", ids, page.Pump.Affected.Incomplete, want)
	}
	if len(r.Errors) != 1 || r.Errors[0].Path.String() != "pump.affected" {
		t.Errorf("errors %v, want one at pump.affected", r.Errors)
	}
}

func TestAFailureOfRowsOnTheWayIsToldWhereAWalkMetIt(t *testing.T) {
	p := newPlant(t)
	p.faultyERP.Become(connectortest.Die)
	r := p.ask(t, `{ nodes(ids: ["hall-1", "pump-1"]) { ... on Entity { affected(via: ["workOrders"]) { incomplete } } } }`, nil)
	if want := `{"nodes":[{"affected":{"incomplete":false}},{"affected":{"incomplete":true}}]}`; string(r.Data) != want || len(r.Errors) != 1 || r.Errors[0].Path.String() != "nodes[1].affected" {
		t.Errorf("%s %v", r.Data, r.Errors)
	}
}

func TestTheFirstOfPathsIsTheFirstByIds(t *testing.T) {
	p := newPlant(t)
	all := p.data(t, `{ paths(from: "pump-3", to: "hall-1", direction: BOTH) { nodes { id } } }`, nil)
	first := p.data(t, `{ paths(from: "pump-3", to: "hall-1", direction: BOTH, first: 1) { nodes { id } } }`, nil)
	if strings.Count(all, "nodes") < 2 || !strings.HasPrefix(all, strings.TrimSuffix(first, "]}")) {
		t.Errorf("the first of %s is %s", all, first)
	}
}
