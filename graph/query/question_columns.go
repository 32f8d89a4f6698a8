package query

import (
	"slices"

	"mereon/schema"
)

// columnsOf works out what is read of every row: what the selection needs, and what deciding filter and order needs.
func (c *catalog) columnsOf(lv *level, q *question) {
	if q.columns = lv.columns; !q.late {
		q.graphOrder = graphOrder(q.order)
	}
	if lv.record != nil {
		c.recordColumns(lv, q)
		return
	}
	add := &lateNeeds{q}
	for _, k := range q.order {
		switch {
		case k.ranked:
		case k.federated:
			c.keyColumns(q.types, &k, add)
		case lv.cursors || q.decided():
			add.column(k.path)
		}
	}
	if lv.cursors || q.decided() {
		add.column(lv.idColumn())
	}
	c.predicateColumns(q.types, q.rest, add)
	c.foldColumns(q, add)
}

// lateNeeds collects in a question what the level itself does not read.
type lateNeeds struct{ q *question }

func (n *lateNeeds) column(p schema.Path) {
	if !slices.Contains(n.q.columns, p) {
		n.q.columns = append(slices.Clip(n.q.columns), p)
	}
}

func (n *lateNeeds) live(p schema.Path) {
	if !slices.Contains(n.q.extra, p) {
		n.q.extra = append(n.q.extra, p)
	}
}

// predicateColumns adds what the engine needs to decide p over entities of types.
func (c *catalog) predicateColumns(types typeSet, p *predicate, add needs) {
	p.visit(func(p *predicate) {
		switch {
		case p.pure != nil:
			conditionPaths(p.pure, add.column)
		case p.related != nil && p.related.join != nil:
			p.related.joined(add)
		case p.path != "":
			c.addProperty(types, p.path, add)
		}
	})
}

// keyColumns adds what knowing an order key of a row takes: for a join, the values that join.
func (c *catalog) keyColumns(types typeSet, k *orderKey, add needs) {
	switch {
	case k.related == nil && k.federated:
		c.addProperty(types, k.path, add)
	case k.related == nil:
		add.column(k.path)
	case k.related.to.join != nil:
		k.related.to.joined(add)
	}
}

// joined adds the columns whose values join the targets.
func (r *relatedPredicate) joined(add needs) {
	for _, pair := range r.join.On {
		add.column(inside(r.prefix, pair.Ours))
	}
}

// recordColumns are the columns of a record level: order keys and the key for cursors, paths of pure leaves.
func (c *catalog) recordColumns(lv *level, q *question) {
	add := &lateNeeds{q}
	add.column(schema.Path(lv.record.Key))
	for _, k := range q.order {
		c.keyColumns(nil, &k, add)
	}
	c.predicateColumns(nil, q.rest, add)
	c.foldColumns(q, add)
}

// dynamicColumns adds the properties named by variables in property(name: $x).
func (x *execution) dynamicColumns(lv *level, q *question) {
	for _, field := range lv.dynamic {
		args, err := argumentsOf(field, x.variables)
		if err != nil {
			continue
		}
		if name, ok := args["name"].(string); ok {
			x.engine.catalog.addProperty(lv.types, schema.Path(name), &lateNeeds{q})
		}
	}
}
