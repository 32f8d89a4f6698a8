package neo4j

import (
	"context"
	"maps"
	"slices"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

// children fetches a page of neighbours of every parent with the totals: Neo4j tests, sorts and cuts per parent, where it
// means the same. One statement does all.
type children struct {
	v       *View
	q       *graph.Expansion
	p       *patch
	parents []graph.EntityID
	out, in string // relationship types followed forwards and backwards
	push    *pushdown
	totals  map[graph.EntityID]int
	met     []schema.Value // ids of those that passed
}

// childrenOf is nil when there are too many parents for one statement, or nothing is followed.
func childrenOf(v *View, q *graph.Expansion, parents int) *children {
	if parents == 0 || parents > aheadFrom {
		return nil
	}
	push := pushedDown(v.layout, q.Where)
	if q.Types != nil {
		push.tests = append(push.tests, "s.assetType IN "+push.parameter(idsOf(q.Types)))
	}
	c := &children{v: v, q: q, push: push}
	c.out, c.in = v.directions(q.Steps)
	if c.out == "" && c.in == "" {
		return nil
	}
	return c
}

// pages says whether Neo4j can cut the page. Otherwise all neighbours that it lets pass come over: for every row, for a part of
// a window, or for conditions and orders that it cannot have.
func (c *children) pages() bool {
	return c.push.whole && (counting(&c.q.Page) || pageable(&c.q.Page, c.q.Order))
}

const theParents = "UNWIND $ids AS id MATCH (a:@Entity {id: id}) USING INDEX SEEK a:@Entity(id)"

// all brings every neighbour that Neo4j lets pass, with what is left of the conditions on it looks at.
func (c *children) all(ctx context.Context, p *patch, parents []graph.EntityID) error {
	c.p, c.parents = p, parents
	ties := c.ties()
	if c.single() {
		ties = "[" + tied + "]"
	}
	text := theParents + "\n" + c.ways() + c.states(c.push.tests)
	c.push.parameters["ids"] = idsOf(c.parents)
	records, err := c.v.read(ctx, statement{text: text, returns: theState + ", " + ties, lists: true, much: true}, c.push.parameters)
	if err != nil {
		return err
	}
	if err := c.take(records); err != nil || c.push.whole {
		return err
	}
	return c.v.satisfy(ctx, c.p, c.ids(), c.q.Where)
}

// ids are those of the neighbours that came over.
func (c *children) ids() []graph.EntityID {
	ids := make([]graph.EntityID, len(c.met))
	for i, id := range c.met {
		ids[i] = graph.EntityID(id.Text())
	}
	return ids
}

// counting says that a page has no rows: only totals are asked for.
func counting(p *graph.Page) bool { return *p == graph.Page{} }

// parts are the page, one more behind it, one before it, and the totals: each a subquery about a parent, a, under a name.
func (c *children) parts() (parts [][2]string) {
	back := c.q.Page.Last > 0
	want, at := c.q.Page.First, c.q.Page.After
	if back {
		want, at = c.q.Page.Last, c.q.Page.Before
	}
	if want > 0 {
		parts = append(parts, [2]string{"page", c.page(back, c.push.parameter(want+1), func() { c.push.beyond(c.q.Order, at, back) })})
	}
	if at != nil {
		parts = append(parts, [2]string{"beside", c.page(!back, "1", func() { c.push.atOrBeyond(c.q.Order, at, !back) })})
	}
	if want == 0 || c.q.Count {
		parts = append(parts, [2]string{"total", c.count()})
	}
	return parts
}

// fetch brings all parts into a patch, unless they came with the parents.
func (c *children) fetch(ctx context.Context, p *patch, parents []graph.EntityID) error {
	c.p, c.parents = p, parents
	text, returns := theParents, "a.id"
	parts := c.parts()
	if rows, ok := c.v.foreseen.take(c.parents, c.question(parts)); ok {
		return c.noteAll(rows)
	}
	for _, part := range parts {
		text += "\nCALL { WITH ~a " + part[1] + " AS " + part[0] + " }"
		returns += ", " + part[0]
	}
	parameters := map[string]any{"ids": idsOf(c.parents)}
	maps.Copy(parameters, c.push.parameters)
	records, err := c.v.read(ctx, statement{text: text, returns: returns}, parameters)
	if err != nil {
		return err
	}
	rows := make([][]any, len(records))
	for i, r := range records {
		rows[i] = r.Values
	}
	return c.noteAll(rows)
}

// noteAll takes what the parents have: their ids, and the parts.
func (c *children) noteAll(rows [][]any) error {
	c.totals = make(map[graph.EntityID]int, len(rows))
	for _, row := range rows {
		if err := c.note(row); err != nil {
			return err
		}
	}
	return nil
}

// single says that no neighbour can be met twice, so that the relationship to it can be kept beside it.
func (c *children) single() bool {
	return (c.out == "") != (c.in == "") && !strings.Contains(c.out+c.in, "|")
}

const edgeHolds = " WHERE e._since <= $r AND e._until > $u"

// ways is the beginning of a part: every neighbour once, y, with e where there is only one way to it.
func (c *children) ways() string {
	var ways []string
	if c.out != "" {
		ways = append(ways, "MATCH (a)-[e:"+c.out+"]->(y)"+edgeHolds)
	}
	if c.in != "" {
		ways = append(ways, "MATCH (a)<-[e:"+c.in+"]-(y)"+edgeHolds)
	}
	if c.single() {
		return ways[0]
	}
	return "CALL { WITH ~a " + strings.Join(ways, " RETURN y UNION ALL WITH ~a ") + " RETURN y }\nWITH DISTINCT ~a, y"
}

// states goes on from y to what it is at the revision, s, if that passes.
func (c *children) states(tests []string) string {
	text := "\nMATCH (y)-[:_state]->(s) WHERE "
	for _, t := range tests {
		text += t + " AND "
	}
	return text + "s._until > $u AND s._since <= $r"
}

// page is the part that takes the first rows of an order, of those that cursor lets pass. By id alone they are sorted before
// it is known what they are: that is looked at until there are enough.
func (c *children) page(back bool, limit string, cursor func()) string {
	tests := len(c.push.tests)
	cursor()
	further := slices.Clone(c.push.tests[tests:])
	c.push.tests = c.push.tests[:tests]
	order, _ := c.push.order(c.q.Order, back)
	kept, ties := "y", c.ties()
	if c.single() {
		kept, ties = "y, e", "["+tied+"]"
	}
	const states = "RETURN collect([s.id, s.assetType, s._data, "
	if len(c.q.Order) > 0 {
		return c.ways() + c.states(append(slices.Clone(c.push.tests), further...)) + "\nWITH ~a, s, " + kept + " ORDER BY " + order + " LIMIT " + limit + " " + states + ties + "])"
	}
	text := c.ways() + "\nWITH ~a, " + kept
	order = strings.ReplaceAll(order, "s.id", "y.id")
	for _, t := range further {
		text += " WHERE " + strings.ReplaceAll(t, "s.id", "y.id")
	}
	return text + " ORDER BY " + order + c.states(c.push.tests) + "\nWITH ~a, s, " + kept + " ORDER BY " + order + " LIMIT " + limit + " " + states + ties + "])"
}

// ties are the relationships between a and y.
func (c *children) ties() string {
	var lists []string
	if c.out != "" {
		lists = append(lists, "[(a)-[e:"+c.out+"]->(y)"+edgeHolds+" | "+tied+"]")
	}
	if c.in != "" {
		lists = append(lists, "[(a)<-[e:"+c.in+"]-(y)"+edgeHolds+" | "+tied+"]")
	}
	return strings.Join(lists, " + ")
}

const tied = "[startNode(e).id, type(e), endNode(e).id, e._props]"

// count is the part that counts all. Nothing has to be known of what is only counted.
func (c *children) count() string {
	if len(c.push.tests) == 0 {
		return c.ways() + " RETURN count(*)"
	}
	return c.ways() + c.states(c.push.tests) + " RETURN count(*)"
}

// edges is the part that counts relationships.
func (c *children) edges() string {
	var ways []string
	if c.out != "" {
		ways = append(ways, "MATCH (a)-[e:"+c.out+"]->()"+edgeHolds)
	}
	if c.in != "" {
		ways = append(ways, "MATCH (a)<-[e:"+c.in+"]-()"+edgeHolds)
	}
	return "CALL { WITH ~a " + strings.Join(ways, " RETURN e UNION ALL WITH ~a ") + " RETURN e } RETURN count(*) AS n"
}

// note takes what one parent has.
func (c *children) note(values []any) error {
	parent, _ := values[0].(string)
	for _, value := range values[1:] {
		if n, ok := value.(int64); ok {
			c.totals[graph.EntityID(parent)] = int(n)
		} else if err := c.take(recordsOf(value)); err != nil {
			return err
		}
	}
	return nil
}

// take adds neighbours with the relationships to them.
func (c *children) take(rows []*driver.Record) error {
	found := make([]record.Entity, len(rows))
	for i, row := range rows {
		var err error
		if found[i], err = entityOf(row); err != nil {
			return err
		}
		c.met = append(c.met, schema.StringOf(string(found[i].ID)))
		for _, tie := range recordsOf(row.Values[3]) {
			edge, err := relationshipOf(tie)
			if err != nil {
				return err
			}
			c.p.edges[edgeOf(&edge)] = edge
		}
	}
	c.v.learn(found)
	c.p.addEntities(found)
	return nil
}

// local is what memory tests again. What conditions on related entities look at is not there: they are left to Neo4j, and whom
// it did not let pass may be there as a parent.
func (c *children) local() *schema.Condition {
	if !c.push.whole || !looksAround(c.q.Where) {
		return c.q.Where
	}
	return &schema.Condition{Op: schema.In, Path: graph.ColumnID, Value: schema.ListOf(c.met)}
}

// tell writes the totals into an answer of one group a row. A page without rows has all of them behind it.
func (c *children) tell(b *graph.Batch, rows []graph.Row) {
	for i, row := range rows {
		ids := c.v.idsAt([]graph.Row{row})
		if len(ids) != 1 || i >= len(b.More) {
			continue
		}
		if c.q.Count {
			b.Totals[i] = c.totals[ids[0]]
		}
		if counting(&c.q.Page) {
			b.More[i] = c.totals[ids[0]] > 0
		}
	}
}

// pageable says whether Neo4j can cut a page out of an order: one end of it is open and all keys are such that it sorts them.
func pageable(p *graph.Page, orders []graph.Order) bool {
	if p.First > 0 == (p.Last > 0) || p.First > 0 && p.Before != nil || p.Last > 0 && p.After != nil {
		return false
	}
	probe := newPushdown(nil)
	_, ok := probe.order(orders, false)
	return ok && probe.beyond(orders, p.After, false) && probe.beyond(orders, p.Before, true)
}
