package neo4j

import (
	"context"
	"slices"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/graph/search"
	"mereon/schema"
	"mereon/schema/fault"
)

// Select implements graph.View.
func (v *View) Select(ctx context.Context, q graph.Selection) (*graph.Batch, error) {
	return asked(ctx, v, func() (*graph.Batch, error) { return v.selected(ctx, q) })
}

func (v *View) selected(ctx context.Context, q graph.Selection) (*graph.Batch, error) {
	c := newCandidates(v, &q, newPatch(v.layout))
	keys := len(q.Order)
	if keys == 0 && c.query != nil {
		keys = 1
	}
	if err := checkCursors(&q.Page, keys); err != nil {
		return nil, err
	}
	var err error
	switch {
	case q.IDs != nil || q.Rows != nil || q.Within != nil:
		err = c.listed(ctx)
	case c.pages():
		err = c.page(ctx)
	default:
		err = c.all(ctx)
	}
	if err != nil {
		return nil, err
	}
	return c.answer(ctx)
}

func checkCursors(page *graph.Page, want int) error {
	for _, c := range []*graph.Cursor{page.After, page.Before} {
		if c != nil && len(c.Keys) != want {
			return fault.New(fault.Invalid, "a cursor of this order has %d keys, not %d: use the cursors that came with the same order", want, len(c.Keys))
		}
	}
	return nil
}

// candidates collects the entities that may be in an answer, and what their conditions look at.
type candidates struct {
	v        *View
	q        *graph.Selection
	query    *search.Query // what is searched for; nil for nothing
	p        *patch
	ids      []graph.EntityID
	afforded bool // Neo4j does not have to look at more than the budget
	before   bool // a match precedes the page's cursor
	after    bool // one follows it, seen backwards
	total    int  // counted by Neo4j; -1: by memory
}

func newCandidates(v *View, q *graph.Selection, p *patch) *candidates {
	c := &candidates{v: v, q: q, p: p, total: -1}
	if query := search.Parse(q.Search); !query.Empty() {
		c.query = &query
	}
	return c
}

// source is where the candidates come from.
func (c *candidates) source() source {
	if c.query != nil {
		return searched(c.v.store.options.Graph, *c.query, c.q)
	}
	return sourceOf(c.v.layout, c.q.Types, c.q.Where)
}

// listed takes the entities that the selection lists.
func (c *candidates) listed(ctx context.Context) error {
	switch {
	case c.q.IDs != nil:
		c.ids = slices.Clone(c.q.IDs)
	case c.q.Rows != nil:
		c.ids = c.v.idsAt(c.q.Rows)
	}
	if w := c.q.Within; w != nil {
		walk, depth := newWalk(c.v, c.p, w.Steps), aheadDepth
		if w.Depth > 0 {
			depth = min(depth, w.Depth)
		}
		if err := walk.ahead(ctx, []graph.EntityID{w.Root}, c.v.levelsAlong(w.Steps, 1, depth, withRelationships)); err != nil {
			return err
		}
		reached, err := walk.all(ctx, []graph.EntityID{w.Root}, w.Depth, 0)
		if err != nil {
			return err
		}
		if c.q.IDs == nil && c.q.Rows == nil {
			c.ids = reached
		}
	}
	found, err := c.v.known(ctx, c.ids)
	if err != nil {
		return err
	}
	for _, e := range found {
		c.p.entities[e.ID] = e
	}
	if c.q.Within != nil { // the root must be there for its steps to be taken
		root, err := c.v.known(ctx, []graph.EntityID{c.q.Within.Root})
		if err != nil {
			return err
		}
		for _, e := range root {
			c.p.entities[e.ID] = e
		}
	}
	return c.v.satisfy(ctx, c.p, c.ids, c.q.Where)
}

// all takes every entity that Neo4j lets pass.
func (c *candidates) all(ctx context.Context) error {
	push := pushedDown(c.v.layout, c.q.Where)
	limit := int64(forever)
	if c.q.Budget > 0 {
		if err := c.affordable(ctx); err != nil {
			return err
		}
		limit = int64(c.q.Budget) + 1
	}
	found, err := c.fetch(ctx, push, "", limit)
	if err != nil {
		return err
	}
	if c.q.Budget > 0 && len(found) > c.q.Budget {
		return tooMany(c.q.Budget)
	}
	return c.take(ctx, found)
}

func tooMany(budget int) error {
	return fault.New(fault.Limit, "the question would have to look at more than %d entities: narrow it by a type or an indexed property, or raise the row budget", budget)
}

// countOf reads a count. In a statement that opens a view Neo4j says nothing where there is nothing to count: what is around
// a list of rows makes groups of them.
func countOf(records []*driver.Record) int {
	if len(records) == 0 {
		return 0
	}
	n, _ := records[0].Values[0].(int64)
	return int(n)
}

// affordable refuses to let Neo4j look at more entities than the budget.
func (c *candidates) affordable(ctx context.Context) error {
	if c.v.settled.Load() && c.v.size <= c.q.Budget {
		return nil
	}
	src := c.source()
	src.params["limit"] = int64(c.q.Budget) + 1
	records, err := c.v.read(ctx, statement{text: src.match + alive + " WITH s LIMIT $limit", returns: "count(*)"}, src.params)
	if err != nil {
		return err
	}
	if countOf(records) > c.q.Budget {
		return tooMany(c.q.Budget)
	}
	return nil
}

// fetch asks for the entities that pass, in an order, up to a limit.
func (c *candidates) fetch(ctx context.Context, push *pushdown, order string, limit int64) ([]record.Entity, error) {
	src := c.source()
	var text strings.Builder
	text.WriteString(src.match)
	for _, t := range push.tests {
		text.WriteString(" AND ")
		text.WriteString(t)
	}
	text.WriteString(alive)
	params := map[string]any{}
	for k, p := range push.parameters {
		params[k] = p
	}
	for k, p := range src.params {
		params[k] = p
	}
	ask := statement{text: text.String(), returns: theState}
	if order != "" {
		ask.tail = " ORDER BY " + order
	}
	if limit < forever {
		ask.tail += " LIMIT $limit"
		params["limit"] = limit
	} else if !c.v.settled.Load() { // it may be much: a view is not opened with it
		if err := c.v.settle(ctx); err != nil {
			return nil, err
		}
	}
	return c.v.fetch.entities(ctx, ask, params)
}

// take adds candidates with what their conditions look at.
func (c *candidates) take(ctx context.Context, found []record.Entity) error {
	c.v.learn(found)
	c.p.addEntities(found)
	ids := make([]graph.EntityID, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	c.ids = append(c.ids, ids...)
	return c.v.satisfy(ctx, c.p, ids, c.local())
}

// whole says that Neo4j can decide the conditions exactly.
func (c *candidates) whole() bool { return pushedDown(c.v.layout, c.q.Where).whole }

// local is what memory tests of the conditions on candidates that Neo4j let pass: not again what it would have to fetch.
func (c *candidates) local() *schema.Condition {
	if c.q.IDs == nil && c.q.Rows == nil && c.q.Within == nil && looksAround(c.q.Where) && c.whole() {
		return nil
	}
	return c.q.Where
}

// answer lets memory decide among the candidates.
func (c *candidates) answer(ctx context.Context) (*graph.Batch, error) {
	s, err := c.p.snapshot(c.v.revision, c.query != nil)
	if err != nil {
		return nil, err
	}
	q := *c.q
	q.Where = c.local()
	q.Columns, q.Budget = withID(q.Columns), 0
	if q.IDs == nil && q.Rows == nil && q.Within == nil {
		q.IDs = c.ids
		if q.IDs == nil {
			q.IDs = []graph.EntityID{}
		}
	}
	if q.Rows != nil {
		if q.Rows, err = rowsIn(ctx, s, c.v.idsAt(q.Rows)); err != nil {
			return nil, err
		}
	}
	b, err := s.Select(ctx, q)
	if err != nil {
		return nil, err
	}
	b.Before[0], b.More[0] = b.Before[0] || c.before, b.More[0] || c.after
	if q.Count && c.total >= 0 {
		b.Totals[0] = c.total
	}
	return c.v.adopt(ctx, s, b, c.q.Columns)
}

// satisfy fetches what a condition on entities looks at beyond themselves.
func (v *View) satisfy(ctx context.Context, p *patch, ids []graph.EntityID, c *schema.Condition) error {
	if c == nil || len(ids) == 0 {
		return nil
	}
	for _, a := range c.Args {
		if err := v.satisfy(ctx, p, ids, a); err != nil {
			return err
		}
	}
	if c.Op != schema.RelatedTo || !v.relates(c.Related.Relation) {
		return nil
	}
	direction := graph.Out
	if c.Related.Inverse {
		direction = graph.In
	}
	edges, err := v.fetch.edges(ctx, idsOf(ids), hop{[]string{c.Related.Relation}, direction})
	if err != nil {
		return err
	}
	p.addEdges(edges)
	others := otherEnds(edges, direction)
	found, err := v.known(ctx, others)
	if err != nil {
		return err
	}
	for _, e := range found {
		p.entities[e.ID] = e
	}
	return v.satisfy(ctx, p, others, c.Related.Where)
}

// relates says whether the model knows a relation.
func (v *View) relates(relation string) bool {
	return slices.ContainsFunc(v.layout.Relations, func(r schema.Relation) bool { return r.Name == relation })
}

// otherEnds are the entities that edges lead to, each once.
func otherEnds(edges []record.Relationship, direction graph.Direction) []graph.EntityID {
	seen := map[graph.EntityID]bool{}
	var others []graph.EntityID
	add := func(id graph.EntityID) {
		if !seen[id] {
			seen[id] = true
			others = append(others, id)
		}
	}
	for i := range edges {
		if direction != graph.In {
			add(edges[i].To)
		}
		if direction != graph.Out {
			add(edges[i].From)
		}
	}
	return others
}
