package query

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/schema/fault"
)

type connection struct {
	TotalCount int
	Nodes      []struct{ ID, Number string }
	PageInfo   struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
}

func (c connection) ids() []string {
	out := []string{}
	for _, n := range c.Nodes {
		out = append(out, n.ID+n.Number)
	}
	return out
}

func (p *plant) page(t *testing.T, text string, variables map[string]any) connection {
	t.Helper()
	var answer map[string]connection
	if err := json.Unmarshal([]byte(p.data(t, text, variables)), &answer); err != nil {
		t.Fatal(err)
	}
	for _, c := range answer {
		return c
	}
	return connection{}
}

// Every order, decided by the graph or by the engine, gives the same rows in pages of any size, both ways.
func TestPagesCoverAnOrderExactlyOnceBothWays(t *testing.T) {
	p := newPlant(t)
	p.hundred(t)
	shape := "{ totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
	for _, root := range []string{
		`orderBy: []`, `orderBy: [{ratedFlow: DESC}]`, `orderBy: [{name: ASC}, {id: ASC}]`, `orderBy: [{flow: ASC}]`, `orderBy: [{load: DESC}, {name: ASC}]`,
		`where: {or: [{flow: {gt: 1}}, {ratedFlow: {gt: 50}}]}`, `orderBy: [{motor: {ratedSpeed: DESC}}]`, `within: {of: "site", hierarchy: "place"}`,
	} {
		all := p.page(t, fmt.Sprintf(`{ pumps(%s, first: 10000) %s`, root, shape), nil).ids()
		for _, size := range []int{1, 7, 50, 200} {
			forwards := fmt.Sprintf(`query($n: Int, $at: String) { pumps(%s, first: $n, after: $at) %s`, root, shape)
			backwards := fmt.Sprintf(`query($n: Int, $at: String) { pumps(%s, last: $n, before: $at) %s`, root, shape)
			got, pages := []string{}, p.page(t, forwards, map[string]any{"n": size})
			for {
				got = append(got, pages.ids()...)
				if !pages.PageInfo.HasNextPage {
					break
				}
				pages = p.page(t, forwards, map[string]any{"n": size, "at": *pages.PageInfo.EndCursor})
			}
			if diff := cmp.Diff(all, got); diff != "" {
				t.Fatalf("%s forwards by %d: %s", root, size, diff)
			}
			got, pages = []string{}, p.page(t, backwards, map[string]any{"n": size})
			for {
				got = append(pages.ids(), got...)
				if !pages.PageInfo.HasPreviousPage {
					break
				}
				pages = p.page(t, backwards, map[string]any{"n": size, "at": *pages.PageInfo.StartCursor})
			}
			if diff := cmp.Diff(all, got); diff != "" {
				t.Fatalf("%s backwards by %d: %s", root, size, diff)
			}
		}
	}
}

func TestRecordsPageForwards(t *testing.T) {
	p := newPlant(t)
	for _, order := range []string{"", "orderBy: [{due: ASC}],", "orderBy: [{due: DESC}, {priority: ASC}],", "orderBy: [{status: DESC}],"} {
		query := `query($n: Int, $at: String) { workOrders(` + order + ` first: $n, after: $at) { totalCount nodes { number } pageInfo { hasNextPage endCursor } } }`
		all := p.page(t, query, map[string]any{"n": 100}).ids()
		if len(all) != 6 {
			t.Fatal(all)
		}
		var got []string
		variables := map[string]any{"n": 2}
		for {
			c := p.page(t, query, variables)
			got = append(got, c.ids()...)
			if !c.PageInfo.HasNextPage {
				break
			}
			variables["at"] = *c.PageInfo.EndCursor
		}
		if !slices.Equal(all, got) {
			t.Errorf("%s: %v, in pages %v", order, all, got)
		}
	}
}

func TestReachAndRelationshipsPageForwards(t *testing.T) {
	p := newPlant(t)
	for _, field := range []string{"reach(via: [\"feeds\", \"isPartOf\"], direction: BOTH, first: 1, after: $at) { nodes { entity { id } } pageInfo { hasNextPage endCursor } totalCount }",
		"relationships(first: 1, after: $at) { nodes { other { id } } pageInfo { hasNextPage endCursor } totalCount }"} {
		var at any
		count, total := 0, 0
		for {
			var answer struct {
				Pump map[string]connection
			}
			if err := json.Unmarshal([]byte(p.data(t, `query($at: String) { pump(id: "pump-1") { `+field+` } }`, map[string]any{"at": at})), &answer); err != nil {
				t.Fatal(err)
			}
			var c connection
			for _, c = range answer.Pump {
				count += len(c.Nodes)
				total = c.TotalCount
			}
			if !c.PageInfo.HasNextPage {
				break
			}
			at = *c.PageInfo.EndCursor
		}
		if count != total || total < 4 {
			t.Errorf("%s: %d of %d", field, count, total)
		}
	}
}

func TestPageArgumentsAreRefusedWithTheReason(t *testing.T) {
	p := newPlant(t)
	cursor := *p.page(t, `{ pumps(orderBy: [{name: ASC}]) { pageInfo { endCursor } } }`, nil).PageInfo.EndCursor
	for operation, want := range map[string]fault.Code{
		`{ pumps(first: -1) { totalCount } }`:                                      fault.Invalid,
		`{ pumps(first: 10001) { totalCount } }`:                                   fault.Limit,
		`{ pumps(first: 2, last: 3) { totalCount } }`:                              fault.Invalid,
		`{ pumps(after: "nonsense") { totalCount } }`:                              fault.Invalid,
		`{ pumps(after: "AQAAAAAA") { totalCount } }`:                              fault.Invalid,
		`{ pumps(after: "` + cursor + `") { totalCount } }`:                        fault.Invalid,
		`{ pumps(orderBy: [{id: ASC}], before: "` + cursor + `") { totalCount } }`: fault.Invalid,
		`{ workOrders(after: "` + cursor + `") { totalCount } }`:                   fault.Invalid,
	} {
		r := p.ask(t, operation, nil)
		if len(r.Errors) != 1 || r.Errors[0].Code != want || string(r.Data) != "null" {
			t.Errorf("%s: %s %v", operation, r.Data, r.Errors)
		}
	}
}
