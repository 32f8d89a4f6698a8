package query

import (
	"encoding/json"
	"strings"
	"testing"
)

// found returns the ids or numbers of the nodes of the only root field of an answer, with a ? when it is incomplete.
func found(t *testing.T, r Result) string {
	t.Helper()
	if len(r.Errors) > 0 {
		return r.Errors[0].Message
	}
	var answer map[string]struct {
		Incomplete bool
		Nodes      []struct{ ID, Number string }
	}
	if err := json.Unmarshal(r.Data, &answer); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, root := range answer {
		for _, n := range root.Nodes {
			ids = append(ids, n.ID+n.Number)
		}
		if root.Incomplete {
			ids = append(ids, "?")
		}
	}
	return strings.Join(ids, " ")
}

// Filters on every kind of thing, in every mix. The answers were worked out by hand from testdata/plant and plant_test.go.
// A ? says that some could not be decided.
func TestFilters(t *testing.T) {
	p := newPlant(t)
	for _, c := range []struct{ root, where, want string }{
		// Stored values.
		{"pumps", `ratedFlow: {gte: 10}`, "pump-1 pump-2"},
		{"pumps", `not: {ratedFlow: {gte: 10}}`, "valve-less"},
		{"pumps", `ratedFlow: {isNull: true}`, "pump-3"},
		{"pumps", `motor: {ratedSpeed: {gt: 1000}}`, "pump-1"},
		{"pumps", `motor: {isNull: true}`, "pump-3 valve-less"},
		{"pumps", `tags: {has: "spare"}`, "pump-3"},
		{"equipments", `or: [{serialNumber: {startsWith: "V"}}, {tags: {hasAny: ["critical"]}}]`, "pump-1 valve-1 valve-2"},
		// Live values.
		{"pumps", `flow: {lt: 5}`, "pump-1 valve-less"},
		{"pumps", `not: {flow: {lt: 5}}`, "pump-2 pump-3"},
		{"pumps", `mode: {eq: AUTO}`, "pump-1 ?"},
		{"pumps", `mode: {status: {eq: BAD_DATA}}`, "pump-2"},
		{"pumps", `motor: {speed: {gt: 1000}}`, "pump-1 ?"},
		{"pumps", `flow: {lt: 5}, temperature: {gt: 50}`, "pump-1 ?"},
		// Computed values.
		{"pumps", `load: {lt: 0.2}`, "pump-1 ?"},
		{"pumps", `spare: {gte: 4}`, "pump-1 pump-2 valve-less ?"},
		{"pumps", `or: [{load: {gt: 1}}, {spare: {lt: 5}}, {id: {eq: "pump-3"}}]`, "pump-2 pump-3 valve-less"},
		// One related entity.
		{"pumps", `location: {name: {eq: "Hall 1"}}`, "pump-1 pump-2"},
		{"equipments", `assembly: {isNull: true}`, "pump-1 pump-2 valve-less"},
		{"equipments", `assembly: {location: {level: {eq: 0}}}`, "pump-3 valve-1"},
		{"equipments", `assembly: {workOrders: {some: {status: {eq: OPEN}}}}`, "pump-3 valve-1"},
		// Many related entities.
		{"pumps", `feeds: {some: {ratedFlow: {lt: 6}}}`, "pump-1"},
		{"pumps", `feeds: {some: {flow: {gt: 10}}}`, "pump-1"},
		{"pumps", `feeds: {every: {flow: {gt: 1}}, some: {}}`, "pump-1 pump-2"},
		{"pumps", `feeds: {none: {flow: {lt: 2}}}`, "pump-2 pump-3 valve-less"},
		{"pumps", `feeds: {count: {where: {flow: {lt: 20}}, gte: 2}}`, "pump-1"},
		{"pumps", `fedBy: {count: {eq: 0}}`, "pump-1"},
		{"spaces", `equipment: {some: {workOrders: {some: {priority: {eq: 1}, status: {eq: OPEN}}}}}`, "hall-1"},
		{"spaces", `equipment: {none: {workOrders: {some: {status: {eq: OPEN}}}}}`, "hall-2 site"},
		{"spaces", `spaces: {some: {equipment: {some: {parts: {some: {serialNumber: {eq: "V-1"}}}}}}}`, "site"},
		// Joined records.
		{"pumps", `workOrders: {some: {status: {eq: OPEN}, priority: {lte: 2}}}`, "pump-1 pump-2"},
		{"pumps", `workOrders: {some: {due: {isNull: true}}}`, "pump-1"},
		{"pumps", `workOrders: {count: {gte: 1}}`, "pump-1 pump-2"},
		{"pumps", `workOrders: {count: {where: {status: {eq: OPEN}}, eq: 2}}`, "pump-1"},
		{"equipments", `workOrders: {none: {}}`, "pump-3 valve-2 valve-less"},
		{"equipments", `not: {workOrders: {every: {status: {eq: OPEN}}}}`, "pump-1"},
		{"equipments", `not: {workOrders: {none: {priority: {gt: 4}}}}`, "valve-1"},
		// Records of records, and back to entities.
		{"pumps", `workOrders: {some: {notes: {some: {text: {contains: "seal"}}}}}`, "pump-2"},
		{"pumps", `workOrders: {some: {notes: {some: {about: {some: {serialNumber: {eq: "P-2"}}}}}}}`, "pump-1"},
		{"pumps", `workOrders: {some: {notes: {count: {eq: 2}}}}`, "pump-1"},
		{"workOrders", `asset: {location: {name: {eq: "Hall 1"}}}`, "WO-1 WO-2 WO-3 WO-4 WO-5"},
		{"workOrders", `asset: {isNull: true}`, "WO-6"},
		{"workOrders", `asset: {workOrders: {count: {gte: 3}}}, status: {eq: OPEN}`, "WO-1 WO-3"},
		{"workOrders", `notes: {some: {text: {contains: "key"}}}`, "WO-1"},
		{"workOrders", `or: [{status: {eq: DONE}}, {notes: {some: {topic: {eq: "inlet"}}}}]`, "WO-2 WO-4 WO-6"},
		{"workOrders", `not: {notes: {some: {}}}, priority: {lt: 3}`, "WO-2 WO-6"},
		{"notes", `workOrder: {asset: {location: {name: {eq: "Hall 1"}}}}`, "N-1 N-2 N-3"},
		{"notes", `workOrder: {status: {eq: OPEN}, asset: {name: {contains: "2"}}}`, "N-3"},
		{"notes", `about: {none: {}}`, "N-2"},
		// All together.
		{"pumps", `location: {name: {eq: "Hall 1"}}, flow: {lt: 20}, workOrders: {some: {status: {eq: OPEN}, priority: {eq: 1}}}, feeds: {some: {}}`, "pump-1 pump-2"},
		{"pumps", `or: [{flow: {gt: 10}, workOrders: {some: {priority: {eq: 1}}}}, {not: {or: [{load: {gt: 0.2}}, {fedBy: {none: {}}}]}}]`, "pump-2 ?"},
		{"pumps", `and: [{or: [{temperature: {gt: 50}}, {ratedFlow: {lt: 6}}]}, {not: {workOrders: {some: {status: {eq: DONE}}}}}]`, "pump-2 valve-less ?"},
	} {
		key := "id"
		if c.root == "workOrders" {
			key = "number"
		}
		r := p.ask(t, `{ `+c.root+`(where: {`+c.where+`}) { incomplete nodes { `+key+` } } }`, nil)
		if got := found(t, r); got != c.want {
			t.Errorf("%s where %s = %s, want %s", c.root, c.where, got, c.want)
		}
	}
}

// within and a search go with every other filter.
func TestFiltersWithinAHierarchy(t *testing.T) {
	p := newPlant(t)
	for operation, want := range map[string]string{
		`{ pumps(within: {of: "site", hierarchy: "place"}, where: {flow: {lt: 5}}) { incomplete nodes { id } } }`:                                   "pump-1 valve-less",
		`{ pumps(within: {of: "hall-2", hierarchy: "place"}, where: {flow: {lt: 10}}) { incomplete nodes { id } } }`:                                "pump-3 valve-less",
		`{ equipments(within: {of: "pump-1", hierarchy: "parts"}, where: {workOrders: {some: {}}}) { incomplete nodes { id } } }`:                   "valve-1",
		`{ equipments(within: {of: "pump-1", hierarchy: "parts", depth: 1}, where: {workOrders: {none: {}}}) { incomplete nodes { id } } }`:         "pump-3",
		`{ pumps(within: {of: "site", hierarchy: "place"}, where: {workOrders: {some: {}}}, orderBy: [{flow: DESC}]) { incomplete nodes { id } } }`: "pump-2 pump-1",
	} {
		if got := found(t, p.ask(t, operation, nil)); got != want {
			t.Errorf("%s = %s, want %s", operation, got, want)
		}
	}
}

func TestOrders(t *testing.T) {
	p := newPlant(t)
	for _, c := range []struct{ root, order, want string }{
		{"pumps", `{ratedFlow: DESC}`, "pump-1 pump-2 valve-less pump-3"},
		{"pumps", `{flow: ASC}`, "valve-less pump-1 pump-3 pump-2"},
		{"pumps", `{load: DESC}`, "pump-2 valve-less pump-1 pump-3 ?"},
		{"pumps", `{motor: {ratedSpeed: ASC}}`, "pump-2 pump-1 pump-3 valve-less"},
		{"pumps", `{motor: {speed: ASC}}, {name: DESC}`, "pump-1 pump-3 pump-2 valve-less ?"},
		{"pumps", `{location: {name: DESC}}, {flow: DESC}`, "pump-3 valve-less pump-2 pump-1"},
		{"equipments", `{assembly: {name: ASC}}, {id: DESC}`, "valve-1 pump-3 valve-2 valve-less pump-2 pump-1"},
		{"equipments", `{assembly: {location: {level: DESC}}}, {name: ASC}`, "valve-2 valve-1 pump-3 valve-less pump-1 pump-2"},
		{"pumps", `{feeds: {count: DESC}}, {id: DESC}`, "pump-1 pump-2 valve-less pump-3"},
		{"pumps", `{workOrders: {count: ASC}}, {flow: ASC}`, "valve-less pump-3 pump-2 pump-1"},
		{"spaces", `{equipment: {count: DESC}}`, "hall-1 hall-2 site"},
		{"workOrders", `{priority: ASC}, {number: DESC}`, "WO-4 WO-1 WO-6 WO-2 WO-3 WO-5"},
		{"workOrders", `{due: DESC}`, "WO-5 WO-4 WO-1 WO-2 WO-3 WO-6"},
		{"workOrders", `{asset: {name: DESC}}, {number: ASC}`, "WO-5 WO-4 WO-1 WO-2 WO-3 WO-6"},
		{"workOrders", `{notes: {count: DESC}}`, "WO-1 WO-4 WO-2 WO-3 WO-5 WO-6"},
		{"notes", `{workOrder: {due: DESC}}, {id: DESC}`, "N-3 N-2 N-1"},
		{"notes", `{workOrder: {asset: {ratedFlow: ASC}}}`, "Field \"ratedFlow\" is not defined"},
		{"notes", `{workOrder: {asset: {serialNumber: DESC}}}`, "N-3 N-1 N-2"},
	} {
		if strings.HasPrefix(c.want, "Field") {
			continue // an interface has only its own keys; validation refuses
		}
		key := "id"
		if c.root == "workOrders" {
			key = "number"
		}
		whole := found(t, p.ask(t, `{ `+c.root+`(orderBy: [`+c.order+`]) { `+`incomplete nodes { `+key+` } } }`, nil))
		if whole != c.want {
			t.Errorf("%s by %s = %s, want %s", c.root, c.order, whole, c.want)
		}
		if paged := p.pages(t, c.root, c.order, key); paged != strings.TrimSuffix(c.want, " ?") {
			t.Errorf("%s by %s in pages = %s, want %s", c.root, c.order, paged, c.want)
		}
	}
}

// pages reads a connection two rows at a time.
func (p *plant) pages(t *testing.T, root, order, key string) string {
	t.Helper()
	var ids []string
	after := "null"
	for range 10 {
		r := p.ask(t, `{ `+root+`(orderBy: [`+order+`], first: 2, after: `+after+`) { pageInfo { hasNextPage endCursor } nodes { key: `+key+` } } }`, nil)
		var answer map[string]struct {
			PageInfo struct {
				HasNextPage bool
				EndCursor   json.RawMessage
			}
			Nodes []struct{ Key string }
		}
		if err := json.Unmarshal(r.Data, &answer); err != nil || len(r.Errors) > 0 {
			t.Fatal(err, r.Errors)
		}
		for _, n := range answer[root].Nodes {
			ids = append(ids, n.Key)
		}
		after = string(answer[root].PageInfo.EndCursor)
		if !answer[root].PageInfo.HasNextPage {
			return strings.Join(ids, " ")
		}
	}
	t.Fatalf("%s by %s has no end", root, order)
	return ""
}

// What a filter or an order needs is asked for all candidates, everything else only for the page.
func TestOnlyWhatDecidesIsAskedForAllCandidates(t *testing.T) {
	p := newPlant(t)
	p.many(t, 1_500)
	for _, c := range []struct {
		operation  string
		plant, erp int
	}{
		{`{ pumps(first: 3) { nodes { flow { value } temperature { value } } } }`, 6, 0},
		{`{ pumps(first: 3, where: {flow: {gt: 0}}) { nodes { id temperature { value } } } }`, 1_504 + 3, 0},
		{`{ pumps(first: 2, orderBy: [{flow: DESC}]) { nodes { id workOrders { nodes { number } } } } }`, 1_504, 2},
		{`{ pumps(first: 1, where: {workOrders: {some: {}}}) { nodes { id flow { value } } } }`, 1, 1},
		{`{ pumps(first: 3, where: {name: {contains: "pump"}, flow: {gt: 0}}) { nodes { id temperature { value } } } }`, 6, 0},
	} {
		_, series := p.series.Calls()
		_, rows := p.erp.Calls()
		if r := p.ask(t, c.operation, nil); len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		_, seriesAfter := p.series.Calls()
		_, rowsAfter := p.erp.Calls()
		if seriesAfter-series != c.plant || rowsAfter-rows != c.erp {
			t.Errorf("%s asked for %d series and %d keys of records, want %d and %d", c.operation, seriesAfter-series, rowsAfter-rows, c.plant, c.erp)
		}
	}
}

func TestAnEntityFilterNamesTypesAlsoWhereTheListIsOfOne(t *testing.T) {
	p := newPlant(t)
	for operation, want := range map[string]string{
		`{ entities(type: "Equipment", where: {is: {Pump: {ratedFlow: {gt: 15}}}}) { nodes { id } } }`: `{"entities":{"nodes":[{"id":"pump-1"}]}}`,
		`{ entities(type: "Valve", where: {is: {Pump: {flow: {gt: 0}}}}) { totalCount incomplete } }`:  `{"entities":{"totalCount":0,"incomplete":false}}`,
	} {
		if r := p.ask(t, operation, nil); string(r.Data) != want || len(r.Errors) > 0 {
			t.Errorf("%s\n got %s %v\nwant %s", operation, r.Data, r.Errors, want)
		}
	}
}
