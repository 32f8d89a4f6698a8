package query

import (
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// question is the arguments of one level, understood: what is asked, in the words of graph and connectors.
type question struct {
	err error

	where      *predicate
	push       *schema.Condition // the part of where that the graph, or the connector, decides
	rest       *predicate        // the part that needs federated values; nil: none
	order      []orderKey
	late       bool // the order needs federated values, or what relationships and joins lead to
	graphOrder []graph.Order
	implied    []graph.Order // the order when none is asked for, where it is not the store's own
	columns    []schema.Path // what to read of every row: the level's, and what order and filter need
	extra      []schema.Path // live properties that filter, order and property(name:) need
	page       page
	joins      []connectors.Join // of records: what the source joins by itself
	below      []inlinedLevel    // levels whose rows come with these

	types    []schema.TypeName
	noTypes  bool // no type can match
	within   *graph.Within
	search   string
	walk     walkQuestion
	affected *affectedBy
	steps    []graph.Step
	maxDepth int
	ids      []graph.EntityID
	scope    schema.TypeName
	path     schema.Path
	keys     []schema.Value
	relation string
	way      graph.Direction
	severity []string
	cut      *cutQuestion   // of a level of groups
	folds    []*cutQuestion // groups that are made of what this level reads
}

// decided says whether the engine decides filter, order and page, on candidates, or makes groups of them.
func (q *question) decided() bool { return q.rest != nil || q.late || len(q.folds) > 0 }

// page is a window of a connection.
type page struct {
	first, last   int
	after, before *graph.Cursor
}

func (p page) graph(wanted bool) graph.Page {
	if !wanted {
		return graph.Page{}
	}
	return graph.Page{First: p.first, After: p.after, Last: p.last, Before: p.before}
}

// ordered is a row source whose pages have an order of their own.
type ordered interface{ pageOrder() []orderKey }

// asker is a row source with arguments of its own.
type asker interface {
	ask(c *catalog, lv *level, args map[string]any, q *question) error
}

// question understands the arguments of lv for one execution.
func (c *catalog) question(lv *level, variables map[string]any, limits *Limits) question {
	q := question{types: lv.types, columns: lv.columns}
	if lv.field == nil {
		return q
	}
	args, err := argumentsOf(lv.field, variables)
	if err == nil && lv.list {
		err = c.listArguments(lv, args, &q, limits)
	}
	if a, ok := lv.rows.(asker); ok && err == nil {
		err = a.ask(c, lv, args, &q)
	}
	if err == nil && lv.cut != nil {
		q.cut = c.cutArguments(lv, &q, variables, limits)
	}
	for _, k := range lv.cuts {
		if cut := c.cutArguments(k, &q, variables, limits); err == nil && cut.err == nil && cut.folded {
			q.folds = append(q.folds, cut)
		}
	}
	q.err = err
	c.columnsOf(lv, &q)
	return q
}

func (c *catalog) listArguments(lv *level, args map[string]any, q *question, limits *Limits) error {
	scope := filterScope{catalog: c, shown: lv.shown, record: lv.record}
	if name, ok := args["type"].(string); ok {
		if c.model.Types[schema.TypeName(name)] == nil {
			return unknownName("asset type", name, c.typeNames())
		}
		q.types = c.concrete(schema.TypeName(name))
	}
	where, err := scope.parse(args["where"])
	if err != nil {
		return err
	}
	if !lv.grouped {
		if q.order, err = c.orderKeys(lv, args["orderBy"]); err != nil {
			return err
		}
	}
	q.where = where
	q.push, q.rest = where.split()
	q.rest.loosen(false)
	for _, k := range q.order {
		q.late = q.late || k.federated
	}
	if err = q.searchArgument(args["search"]); err != nil {
		return err
	}
	if w, ok := args["within"].(map[string]any); ok {
		if q.within, err = c.within(w); err != nil {
			return err
		}
	}
	q.noTypes = q.types != nil && len(q.types) == 0
	if lv.grouped {
		return nil
	}
	return q.pageArguments(c, lv, args, limits)
}

func (q *question) pageArguments(c *catalog, lv *level, args map[string]any, limits *Limits) (err error) {
	if q.page.first, err = pageSize("first", args["first"], limits.First); err != nil {
		return err
	}
	if q.page.last, err = pageSize("last", args["last"], limits.First); err != nil {
		return err
	}
	if args["last"] != nil {
		if explicit := lv.field.Arguments.ForName("first"); explicit != nil && args["first"] != nil {
			return fault.New(fault.Invalid, "first and last cannot be combined; ask for one of them")
		}
		q.page.first = 0
	}
	order := q.order
	if o, own := lv.rows.(ordered); own {
		order = o.pageOrder()
	}
	hash := orderHash(lv, order)
	if q.page.after, err = c.decodeCursor("after", args["after"], hash, len(order)); err != nil {
		return err
	}
	q.page.before, err = c.decodeCursor("before", args["before"], hash, len(order))
	return err
}

func pageSize(name string, v any, limit int) (int, error) {
	if v == nil {
		return 0, nil
	}
	n, ok := wholeNumber(v)
	switch {
	case !ok || n < 0:
		return 0, fault.New(fault.Invalid, "%s must be a whole number from 0 to %d", name, limit)
	case n > int64(limit):
		return 0, fault.New(fault.Limit, "%s is %d, the limit is %d (limits.first); ask for pages with after", name, n, limit)
	}
	return int(n), nil
}

// within understands the input Within.
func (c *catalog) within(in map[string]any) (*graph.Within, error) {
	name, _ := in["hierarchy"].(string)
	h, err := c.hierarchy(name)
	if err != nil {
		return nil, err
	}
	root, _ := in["of"].(string)
	w := &graph.Within{Root: graph.EntityID(root), Steps: hierarchySteps(h, true)}
	w.Depth, err = stepCount("depth", in["depth"])
	return w, err
}

// stepCount reads an optional number of steps; 0 is no limit.
func stepCount(name string, v any) (int, error) {
	if v == nil {
		return 0, nil
	}
	n, ok := wholeNumber(v)
	if !ok || n < 1 || n > 1<<30 {
		return 0, fault.New(fault.Invalid, "%s must be a whole number from 1", name)
	}
	return int(n), nil
}

func (c *catalog) hierarchy(name string) (*schema.Hierarchy, error) {
	if h := c.model.Hierarchies[name]; h != nil {
		return h, nil
	}
	names := make([]string, 0, len(c.model.Hierarchies))
	for n := range c.model.Hierarchies {
		names = append(names, n)
	}
	return nil, unknownName("hierarchy", name, names)
}

func (c *catalog) typeNames() []string {
	names := make([]string, len(c.model.TypeNames))
	for i, n := range c.model.TypeNames {
		names[i] = string(n)
	}
	return names
}

func usesVariables(arguments ast.ArgumentList) bool {
	for _, a := range arguments {
		if hasVariable(a.Value) {
			return true
		}
	}
	return false
}

func hasVariable(v *ast.Value) bool {
	if v == nil {
		return false
	}
	if v.Kind == ast.Variable {
		return true
	}
	for _, child := range v.Children {
		if hasVariable(child.Value) {
			return true
		}
	}
	return false
}
