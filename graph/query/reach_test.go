package query

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// reachPage is the part of an answer that paging through reach looks at.
type reachPage struct {
	Entity struct {
		Reach struct {
			TotalCount int
			Truncated  bool
			Nodes      []struct {
				Entity struct{ ID string }
				Path   []struct{ ID string }
			}
			PageInfo struct {
				HasNextPage bool
				EndCursor   string
			}
		}
	}
}

func TestReachGoesOnByCursorAlsoBehindItsBudget(t *testing.T) {
	p := newPlant(t)
	ask := func(arguments, more string) reachPage {
		t.Helper()
		text := fmt.Sprintf(`{ entity(id: "pump-1") { reach(via: ["feeds", "isPartOf", "locatedIn", "isIn"], direction: BOTH%s) { %s truncated nodes { entity { id } } pageInfo { hasNextPage endCursor } } } }`, arguments, more)
		r := p.ask(t, text, nil)
		var page reachPage
		if len(r.Errors) > 0 || json.Unmarshal(r.Data, &page) != nil {
			t.Fatalf("%s: %s %v", text, r.Data, r.Errors)
		}
		return page
	}
	ids := func(page reachPage) (list []string) {
		for _, n := range page.Entity.Reach.Nodes {
			list = append(list, n.Entity.ID)
		}
		return list
	}
	whole := ids(ask("", ""))
	if len(whole) != 8 {
		t.Fatalf("reach = %v, want 8 entities", whole)
	}
	for _, more := range []string{"", "totalCount", "deep: nodes { path { id } }"} {
		for _, bounds := range []string{"first: 3", "budget: 1", "budget: 2, first: 1", "budget: 5, first: 2", "budget: 3"} {
			var got []string
			after := ""
			for range 20 {
				arguments := ", " + bounds
				if after != "" {
					arguments += fmt.Sprintf(", after: %q", after)
				}
				page := ask(arguments, more)
				got = append(got, ids(page)...)
				if page.Entity.Reach.Truncated && !page.Entity.Reach.PageInfo.HasNextPage {
					t.Errorf("%s: a truncated page says that there is no next", bounds)
				}
				if !page.Entity.Reach.PageInfo.HasNextPage {
					break
				}
				after = page.Entity.Reach.PageInfo.EndCursor
			}
			if !slices.Equal(got, whole) {
				t.Errorf("reach(%s) { %s } in pages = %v, want %v", bounds, more, got, whole)
			}
		}
	}
}

func TestAWhereThatHoldsNowhereStillGoesOn(t *testing.T) {
	p := newPlant(t)
	r := p.ask(t, `{ entity(id: "pump-1") { reach(via: ["feeds", "locatedIn"], direction: BOTH, where: {id: {eq: "pump-3"}}, budget: 2) { truncated nodes { entity { id } } pageInfo { hasNextPage endCursor } } } }`, nil)
	var page reachPage
	if err := json.Unmarshal(r.Data, &page); err != nil {
		t.Fatal(err)
	}
	if reach := page.Entity.Reach; len(reach.Nodes) != 0 || !reach.Truncated || !reach.PageInfo.HasNextPage || reach.PageInfo.EndCursor == "" {
		t.Errorf("reach = %s, want no entity and where to go on", r.Data)
	}
}
