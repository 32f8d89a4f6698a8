package query

import (
	"strings"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// rootRow is the one row above all root fields.
type rootRow struct{}

func (rootRow) String() string { return "root" }

// ask is one listing as the graph is asked for it.
type ask struct {
	where   *schema.Condition
	order   []graph.Order
	page    graph.Page
	columns []schema.Path
	count   bool
	budget  int
}

// selectSource lists entities of types: the plural root fields.
type selectSource struct{}

func (selectSource) String() string { return "select" }

func (selectSource) read(x *execution, lv *level, q *question) (*frame, error) {
	return x.listed(lv, q, nil, func(a ask) (*graph.Batch, error) {
		return x.view.Select(x.ctx, graph.Selection{
			Types: q.types, Within: q.within, Search: q.search, Where: a.where, Order: a.order, Page: a.page,
			Columns: a.columns, Count: a.count, Budget: a.budget,
		})
	})
}

// expandSource follows one relationship.
type expandSource struct{ steps []graph.Step }

func (s expandSource) String() string {
	name := s.steps[0].Relation
	if s.steps[0].Direction == graph.In {
		return "expand inverse of " + name
	}
	return "expand " + name
}

func (s expandSource) next(_ *execution, lv *level, q *question) graph.Next {
	return expandNext(expansion(lv, q, s.steps, nil, q.asks(lv)))
}

func (s expandSource) read(x *execution, lv *level, q *question) (*frame, error) {
	return x.expand(lv, q, s.steps)
}

// expand asks for the neighbours of all parents at once; at most one each where the field is no list.
func (x *execution) expand(lv *level, q *question, steps []graph.Step) (*frame, error) {
	from, groupOf := x.parents(lv)
	return x.listed(lv, q, groupOf, func(a ask) (*graph.Batch, error) {
		if lv.list {
			if err := x.affords(from, steps, a.page); err != nil {
				return nil, err
			}
		}
		return x.view.Expand(x.ctx, expansion(lv, q, steps, from, a))
	})
}

func expansion(lv *level, q *question, steps []graph.Step, from []graph.Row, a ask) graph.Expansion {
	if !lv.list {
		a.page = graph.Page{First: 1}
	}
	return graph.Expansion{
		From: from, Steps: steps, Types: q.types, Where: a.where, Order: a.order, Page: a.page,
		Columns: a.columns, Props: lv.props, Count: a.count,
	}
}

// affords refuses, before anything is read, pages that would together hold more rows than the budget. The graph is asked for
// counts alone, and only when the pages could be too large.
func (x *execution) affords(from []graph.Row, steps []graph.Step, p graph.Page) error {
	size := p.First + p.Last
	if p.All {
		size = x.engine.limits.Rows
	}
	if len(from) < fewParents || len(from)*size <= x.budget() {
		return nil
	}
	x.tally.batch()
	counts, err := x.view.Expand(x.ctx, graph.Expansion{From: from, Steps: steps, Count: true})
	if err != nil {
		return err
	}
	rows := 0
	for _, total := range counts.Totals {
		rows += min(total, size)
	}
	if rows > x.budget() {
		return x.overBudget()
	}
	return nil
}

// fewParents is how many parents are never too many: their pages fit whatever they hold.
const fewParents = 20

// groupBudget shares the row budget among the groups of a search that goes on and on.
func (x *execution) groupBudget(groups int) int {
	return max(min(1_000, x.budget()), x.budget()/max(1, groups))
}

// hierarchySource is parent (up) and children.
type hierarchySource struct{ up bool }

func (s hierarchySource) String() string {
	if s.up {
		return "parent"
	}
	return "children"
}

func (s hierarchySource) ask(c *catalog, _ *level, args map[string]any, q *question) error {
	return askHierarchy(c, args, q, !s.up)
}

func askHierarchy(c *catalog, args map[string]any, q *question, down bool) error {
	name, _ := args["hierarchy"].(string)
	h, err := c.hierarchy(name)
	if err == nil {
		q.steps = hierarchySteps(h, down)
	}
	return err
}

func (s hierarchySource) next(_ *execution, lv *level, q *question) graph.Next {
	return expandNext(expansion(lv, q, q.steps, nil, q.asks(lv)))
}

func (s hierarchySource) read(x *execution, lv *level, q *question) (*frame, error) {
	return x.expand(lv, q, q.steps)
}

// ancestorSource is everything above, nearest first.
type ancestorSource struct{}

func (ancestorSource) String() string { return "ancestors" }

func (ancestorSource) ask(c *catalog, _ *level, args map[string]any, q *question) error {
	return askHierarchy(c, args, q, false)
}

func (ancestorSource) asks(x *execution, q *question, from []graph.Row) graph.Reach {
	return graph.Reach{From: from, Steps: q.steps, Page: graph.Page{All: true}, Columns: q.columns, Budget: x.groupBudget(len(from))}
}

func (s ancestorSource) next(x *execution, _ *level, q *question) graph.Next {
	return reachNext(s.asks(x, q, nil))
}

func (s ancestorSource) read(x *execution, lv *level, q *question) (*frame, error) {
	from, groupOf := x.parents(lv)
	b, err := x.view.Reach(x.ctx, s.asks(x, q, from))
	if err != nil {
		return nil, err
	}
	return x.frameOf(lv, b, q.columns, groupOf)
}

// descendantSource is everything below.
type descendantSource struct{}

func (descendantSource) String() string { return "descendants" }

func (descendantSource) ask(c *catalog, _ *level, args map[string]any, q *question) error {
	if len(q.order) == 0 {
		q.implied = []graph.Order{{Path: graph.ColumnID}}
		for _, c := range []*graph.Cursor{q.page.after, q.page.before} {
			if c != nil {
				c.Keys = []schema.Value{schema.StringOf(string(c.ID))}
			}
		}
	}
	return askHierarchy(c, args, q, true)
}

func (descendantSource) asks(x *execution, q *question, from []graph.Row, a ask) graph.Reach {
	if a.order == nil {
		a.order = q.implied
	}
	return graph.Reach{
		From: from, Steps: q.steps, Types: q.types, Where: a.where, Order: a.order, Page: a.page,
		Columns: a.columns, Count: a.count, Budget: x.groupBudget(len(from)),
	}
}

func (s descendantSource) next(x *execution, lv *level, q *question) graph.Next {
	return reachNext(s.asks(x, q, nil, q.asks(lv)))
}

func (s descendantSource) read(x *execution, lv *level, q *question) (*frame, error) {
	from, groupOf := x.parents(lv)
	return x.listed(lv, q, groupOf, func(a ask) (*graph.Batch, error) { return x.view.Reach(x.ctx, s.asks(x, q, from, a)) })
}

// lookupSource finds entities by id, or one by a unique value.
type lookupSource struct {
	keys []*schema.Property
	most int // ids at once
}

func (lookupSource) String() string { return "lookup" }

func (s lookupSource) ask(c *catalog, lv *level, args map[string]any, q *question) error {
	if ids, ok := args["ids"]; ok {
		for _, id := range textsOf(ids) {
			q.ids = append(q.ids, graph.EntityID(id))
		}
		if len(q.ids) > s.most {
			return fault.New(fault.Limit, "%d ids were given, the limit is %d (limits.first); ask in several operations", len(q.ids), s.most)
		}
		return nil
	}
	given := 0
	if id, ok := args["id"].(string); ok {
		given++
		q.ids = []graph.EntityID{graph.EntityID(id)}
	}
	for _, p := range s.keys {
		if args[p.Name] == nil {
			continue
		}
		given++
		v, err := schema.ParseValue(args[p.Name], p.Type, c.model)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "argument %s", p.Name)
		}
		q.scope, q.path, q.keys = p.UniqueIn, schema.Path(p.Name), []schema.Value{v}
	}
	if given != 1 {
		names := []string{"id"}
		for _, p := range s.keys {
			names = append(names, p.Name)
		}
		return fault.New(fault.Invalid, "%s takes exactly one of its arguments: %s", lv.name, strings.Join(names, ", "))
	}
	return nil
}

func (s lookupSource) read(x *execution, lv *level, q *question) (*frame, error) {
	var b *graph.Batch
	var err error
	if q.keys != nil {
		b, err = x.finder(lv, q).ByKey(x.ctx, q.scope, q.path, q.keys, q.columns)
	} else {
		b, err = x.finder(lv, q).Lookup(x.ctx, q.ids, q.columns)
	}
	if err != nil {
		return nil, err
	}
	return x.positional(lv, b, q.columns), nil
}
