package query

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/graph"
	"mereon/schema"
)

// twins adds pumps whose flow, from the connector, is at any time what is stored as their rated flow: null where that is null.
func (p *plant) twins(t *testing.T, random *rand.Rand) {
	t.Helper()
	var ids []graph.EntityID
	set := graph.ChangeSet{}
	for i := range 30 {
		id := graph.EntityID(fmt.Sprintf("t%02d", i))
		serial := "T-" + string(id)
		change := graph.EntityChange{Op: graph.Create, ID: id, Type: "Pump", Values: []graph.PathValue{
			{Path: "name", Value: schema.StringOf(fmt.Sprint("twin ", random.Intn(5)))}, {Path: "serialNumber", Value: schema.StringOf(serial)}}}
		if random.Intn(4) > 0 {
			v := schema.FloatOf(float64(random.Intn(8)))
			change.Values = append(change.Values, graph.PathValue{Path: "ratedFlow", Value: v})
			p.series.Measure("pumps/"+serial+"/flow", ago(time.Second, v, "m3/h"))
		}
		set.Entities = append(set.Entities, change)
		for range random.Intn(4) {
			if len(ids) > 0 {
				set.Relationships = append(set.Relationships, graph.RelationshipChange{From: id, Relation: "feeds", To: ids[random.Intn(len(ids))]})
			}
		}
		ids = append(ids, id)
	}
	if _, err := p.store.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
}

// randomFilter writes a filter over the property X.
func randomFilter(random *rand.Rand, depth int) string {
	if depth == 0 || random.Intn(4) == 0 {
		switch random.Intn(6) {
		case 3: // stored on both sides, so that stored and live values are mixed
			return fmt.Sprintf(`ratedFlow: {%s: %d}`, []string{"lt", "gte", "ne"}[random.Intn(3)], random.Intn(8))
		case 0:
			return fmt.Sprintf(`name: {eq: "twin %d"}`, random.Intn(5))
		case 1:
			return fmt.Sprintf(`X: {in: [%d, %d]}`, random.Intn(8), random.Intn(8))
		case 2:
			return fmt.Sprintf(`X: {isNull: %t}`, random.Intn(2) == 0)
		}
		return fmt.Sprintf(`X: {%s: %d}`, []string{"lt", "lte", "gt", "gte", "eq", "ne"}[random.Intn(6)], random.Intn(8))
	}
	inner := func() string { return randomFilter(random, depth-1) }
	switch random.Intn(7) {
	case 0:
		return fmt.Sprintf("not: {%s}", inner())
	case 1:
		return fmt.Sprintf("or: [{%s}, {%s}]", inner(), inner())
	case 2:
		return fmt.Sprintf("and: [{%s}, {%s}]", inner(), inner())
	case 3:
		// A count in the graph is of what surely fits, here what may fit makes it unknown: compared where both are sure.
		return fmt.Sprintf("fedBy: {count: {where: {X: {isNull: %t}}, gte: %d}}", random.Intn(2) == 0, random.Intn(3))
	}
	return fmt.Sprintf("feeds: {%s: {%s}}", []string{"some", "every", "none"}[random.Intn(3)], inner())
}

// A filter and an order over live values give what the same over stored values give: what the engine decides and what the
// graph decides agree, in three-valued logic, at any depth, in pages, below parents too.
func TestDecidingHereAndInTheGraphAgree(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	p := newPlant(t)
	p.twins(t, random)
	found := 0
	for range 300 {
		filter := randomFilter(random, 3)
		order := []string{"", "orderBy: [{X: ASC}],", "orderBy: [{X: DESC}, {name: ASC}],", "orderBy: [{name: DESC}, {X: ASC}],"}[random.Intn(4)]
		page := []string{"first: 1000", "first: 3", "last: 4"}[random.Intn(3)]
		shape := fmt.Sprintf(`(where: {serialNumber: {startsWith: "T-"}, and: [{%s}]}, %s %s) { totalCount pageInfo { hasNextPage hasPreviousPage } nodes { id } }`, filter, order, page)
		text := `{ pumps` + shape + ` below: pump(id: "t29") { feeds` + shape + ` } }`
		stored := p.data(t, strings.ReplaceAll(text, "X", "ratedFlow"), nil)
		live := p.data(t, strings.ReplaceAll(text, "X", "flow"), nil)
		if diff := cmp.Diff(stored, live); diff != "" {
			t.Fatalf("%s\n-graph +engine:\n%s", text, diff)
		}
		if strings.Contains(stored, `"t`) {
			found++
		}
	}
	if found < 100 {
		t.Errorf("only %d filters found anything", found)
	}
}
