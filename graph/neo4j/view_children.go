package neo4j

import (
	"context"
	"maps"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/record"
)

// children fetches a page of neighbours of every parent: Neo4j tests, sorts and cuts per parent, where it means the same.
type children struct {
	v       *View
	q       *graph.Expansion
	p       *patch
	parents []graph.EntityID
	out, in string // relationship types followed forwards and backwards
	totals  map[graph.EntityID]int
}

// childrenOf is nil when all neighbours have to come over: for every row, for a part of a window, or for conditions and
// orders that Neo4j cannot have.
func childrenOf(v *View, q *graph.Expansion, w *walk, parents []graph.EntityID) *children {
	if len(parents) == 0 || len(parents) > aheadFrom || q.Page.All || !pageable(&q.Page, q.Order) {
		return nil
	}
	push := newPushdown()
	if push.where(q.Where); !push.whole {
		return nil
	}
	c := &children{v: v, q: q, p: w.p, parents: parents}
	c.out, c.in = w.directions()
	if c.out == "" && c.in == "" {
		return nil
	}
	return c
}

// fetch brings the page, one more behind it, one before it, and the totals.
func (c *children) fetch(ctx context.Context) error {
	back := c.q.Page.Last > 0
	want, at := c.q.Page.First, c.q.Page.After
	if back {
		want, at = c.q.Page.Last, c.q.Page.Before
	}
	push := c.tests()
	push.beyond(c.q.Order, at, back)
	if err := c.take(ctx, push, back, want+1); err != nil {
		return err
	}
	if at != nil {
		other := c.tests()
		other.atOrBeyond(c.q.Order, at, !back)
		if err := c.take(ctx, other, !back, 1); err != nil {
			return err
		}
	}
	if c.q.Count {
		return c.count(ctx)
	}
	return nil
}

func (c *children) tests() *pushdown {
	push := newPushdown()
	push.where(c.q.Where)
	if c.q.Types != nil {
		push.tests = append(push.tests, "s.assetType IN "+push.parameter(idsOf(c.q.Types)))
	}
	return push
}

// around is the beginning of a statement: the state of every neighbour of a parent that passes, with what relates them.
func (c *children) around(push *pushdown) (text string, parameters map[string]any) {
	const holds = " WHERE e._since <= $r AND e._until > $u RETURN e, y"
	var ways []string
	if c.out != "" {
		ways = append(ways, "WITH a MATCH (a)-[e:"+c.out+"]->(y)"+holds)
	}
	if c.in != "" {
		ways = append(ways, "WITH a MATCH (a)<-[e:"+c.in+"]-(y)"+holds)
	}
	text = "UNWIND $ids AS id MATCH (a:@Entity {id: id}) USING INDEX SEEK a:@Entity(id)\nCALL { WITH a CALL { " + strings.Join(ways, " UNION ALL ") +
		" } WITH y, collect(e) AS es\nMATCH (s:@State) USING INDEX SEEK s:@State(id, _since) WHERE s.id = y.id AND s._since <= $r AND s._until > $u"
	for _, t := range push.tests {
		text += " AND " + t
	}
	parameters = map[string]any{"ids": idsOf(c.parents)}
	maps.Copy(parameters, push.parameters)
	return text, parameters
}

func (c *children) take(ctx context.Context, push *pushdown, back bool, limit int) error {
	text, parameters := c.around(push)
	order, _ := push.order(c.q.Order, back)
	maps.Copy(parameters, push.parameters)
	parameters["limit"] = limit
	records, err := c.v.read(ctx, statement{text: text + "\nWITH s, es ORDER BY " + order + " LIMIT $limit\nRETURN s.id AS child, s.assetType AS type, s._data AS data, [e IN es | [startNode(e).id, type(e), endNode(e).id, e._props]] AS ties }",
		returns: "child, type, data, ties"}, parameters)
	if err != nil {
		return err
	}
	found := make([]record.Entity, len(records))
	for i, r := range records {
		if found[i], err = entityOf(r); err != nil {
			return err
		}
		ties, _ := r.Values[3].([]any)
		for _, tie := range ties {
			values, _ := tie.([]any)
			edge, err := relationshipOf(&driver.Record{Values: values})
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

func (c *children) count(ctx context.Context) error {
	text, parameters := c.around(c.tests())
	records, err := c.v.read(ctx, statement{text: text + "\nRETURN count(s) AS n }", returns: "a.id, n"}, parameters)
	if err != nil {
		return err
	}
	c.totals = make(map[graph.EntityID]int, len(records))
	for _, r := range records {
		id, _ := r.Values[0].(string)
		n, _ := r.Values[1].(int64)
		c.totals[graph.EntityID(id)] = int(n)
	}
	return nil
}

// tell writes the totals into an answer of one group a row.
func (c *children) tell(b *graph.Batch, rows []graph.Row) {
	if c == nil || !c.q.Count {
		return
	}
	for i, row := range rows {
		if ids := c.v.idsAt([]graph.Row{row}); len(ids) == 1 && i < len(b.Totals) {
			b.Totals[i] = c.totals[ids[0]]
		}
	}
}

// pageable says whether Neo4j can cut a page out of an order: one end of it is open and all keys are such that it sorts them.
func pageable(p *graph.Page, orders []graph.Order) bool {
	if p.First > 0 == (p.Last > 0) || p.First > 0 && p.Before != nil || p.Last > 0 && p.After != nil {
		return false
	}
	probe := newPushdown()
	_, ok := probe.order(orders, false)
	return ok && probe.beyond(orders, p.After, false) && probe.beyond(orders, p.Before, true)
}
