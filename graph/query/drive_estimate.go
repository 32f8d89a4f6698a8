package query

import (
	"slices"
	"strings"

	"mereon/connectors"
	"mereon/schema"
)

// Shares of rows that a comparison is taken to leave where nothing better is known.
const (
	shareEqual = 0.1
	shareRange = 1.0 / 3
	shareNull  = 0.1
)

// estimate is what is known of the rows of one leg before they are asked for.
type estimate struct {
	rows  int // that fulfil the condition; -1 unknown
	moved int // that the source sends: all of the collection where it cannot filter
}

// estimate guesses from what the connector describes: the number of rows, which columns it filters, and from the model, how
// many values an enumeration has.
func (x *execution) estimate(l *leg) estimate {
	record := l.related.record
	d, err := x.engine.source.Descriptor(x.ctx, record.Connector)
	if err != nil {
		return estimate{-1, -1}
	}
	at := slices.IndexFunc(d.Collections, func(c connectors.Collection) bool { return c.Name == record.Collection })
	if at < 0 || d.Collections[at].RowCount < 0 {
		return estimate{-1, -1}
	}
	c := &d.Collections[at]
	g := guess{catalog: x.engine.catalog, record: record, collection: c, all: d.Collections, joins: l.related.joins}
	rows := int(g.share(l.where)*float64(c.RowCount) + 0.5)
	e := estimate{rows: max(rows, 1), moved: c.RowCount}
	if g.filters(l.where) {
		e.moved = e.rows
	}
	return e
}

// guess estimates shares of one collection.
type guess struct {
	catalog    *catalog
	record     *schema.RecordType
	collection *connectors.Collection
	all        []connectors.Collection // of the system
	joins      []connectors.Join       // that columns with a dot belong to
}

// share is the part of the rows that fulfil c.
func (g *guess) share(c *schema.Condition) float64 {
	if c == nil {
		return 1
	}
	switch c.Op {
	case schema.And:
		all := 1.0
		for _, a := range c.Args {
			all *= g.share(a)
		}
		return all
	case schema.Or:
		none := 1.0
		for _, a := range c.Args {
			none *= 1 - g.share(a)
		}
		return 1 - none
	case schema.Not:
		return 1 - g.share(c.Args[0])
	case schema.Eq:
		return g.equal(c.Path)
	case schema.Ne:
		return 1 - g.equal(c.Path)
	case schema.In:
		return min(1, float64(len(c.Value.List()))*g.equal(c.Path))
	case schema.NotIn:
		return max(0, 1-float64(len(c.Value.List()))*g.equal(c.Path))
	case schema.IsNull:
		if c.Value.Bool() {
			return shareNull
		}
		return 1 - shareNull
	case schema.Lt, schema.Lte, schema.Gt, schema.Gte:
		return shareRange
	}
	return shareEqual
}

// equal is the part of the rows that have one value in a column.
func (g *guess) equal(path schema.Path) float64 {
	if string(path) == g.record.Key {
		return 1 / float64(max(1, g.collection.RowCount))
	}
	p, ok := g.catalog.joinedColumn(g.record, path)
	switch {
	case !ok:
		return shareEqual
	case g.catalog.model.Enums[p.Type.Enum] != nil:
		return 1 / float64(max(1, len(g.catalog.model.Enums[p.Type.Enum].Values)))
	case p.Type.Scalar == schema.Boolean:
		return 0.5
	}
	return shareEqual
}

// filters says whether the source describes that it filters every comparison of c by itself.
func (g *guess) filters(c *schema.Condition) bool {
	if c == nil {
		return true
	}
	if c.Op == schema.And || c.Op == schema.Or || c.Op == schema.Not {
		return !slices.ContainsFunc(c.Args, func(a *schema.Condition) bool { return !g.filters(a) })
	}
	columns, name := g.columns(string(c.Path))
	at := slices.IndexFunc(columns, func(have connectors.Column) bool { return have.Name == name })
	return at >= 0 && slices.Contains(columns[at].Filter, c.Op)
}

// columns finds the collection that a column is of, which may be that of a join, and its name there.
func (g *guess) columns(path string) ([]connectors.Column, string) {
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 {
		return g.collection.Columns, path
	}
	for _, j := range g.joins {
		if j.Name != path[:dot] {
			continue
		}
		for i := range g.all {
			if g.all[i].Name == j.Collection {
				return g.all[i].Columns, path[dot+1:]
			}
		}
	}
	return nil, ""
}
