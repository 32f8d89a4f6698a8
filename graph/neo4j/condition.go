package neo4j

import (
	"fmt"
	"strings"

	"mereon/graph"
	"mereon/schema"
)

// pushdown collects what Neo4j is asked to test and sort: fixed words of Cypher around parameters. What it lets pass is
// tested again in memory, so it may let too much pass but never too little.
type pushdown struct {
	tests      []string
	parameters map[string]any
	whole      bool // the tests say all that was asked, exactly
}

func newPushdown() *pushdown { return &pushdown{parameters: map[string]any{}, whole: true} }

// parameter gives a value a name in the text.
func (p *pushdown) parameter(value any) string {
	name := fmt.Sprint("v", len(p.parameters))
	p.parameters[name] = value
	return "$" + name
}

// column names where the sort key of a column stands; ok is false when it stands nowhere.
func (p *pushdown) column(path schema.Path) (text string, ok bool) {
	switch path {
	case graph.ColumnID:
		return "s.id", true
	case graph.ColumnType:
		return "s.assetType", true
	}
	if !pushed(path) && !timed(path) {
		return "", false
	}
	return "s.`" + string(path) + "`", true // a plain name: fixed ones are read and planned better than those given as values
}

// timed are the built-in columns that state nodes hold as sort keys.
func timed(path schema.Path) bool {
	switch path {
	case graph.ColumnRevision, graph.ColumnCreatedAt, graph.ColumnUpdatedAt:
		return true
	}
	return false
}

// bare says that a column stands as itself, not as a sort key.
func bare(path schema.Path) bool { return path == graph.ColumnID || path == graph.ColumnType }

// comparable says what of a value a column is compared with.
func comparand(path schema.Path, v schema.Value) (string, bool) {
	if bare(path) {
		return v.Text(), v.Kind() == schema.StringValue
	}
	return sortKey(v), !v.IsNull()
}

// where takes what it can of a condition.
func (p *pushdown) where(c *schema.Condition) {
	switch {
	case c == nil:
	case c.Op == schema.And:
		for _, a := range c.Args {
			p.where(a)
		}
	case !p.compare(c):
		p.whole = false
	}
}

var comparisons = map[schema.ConditionOp]string{schema.Eq: "=", schema.Lt: "<", schema.Lte: "<=", schema.Gt: ">", schema.Gte: ">="}

// compare takes a comparison and says whether its test is exactly what was asked.
func (p *pushdown) compare(c *schema.Condition) bool {
	switch c.Op {
	case schema.Eq, schema.Lt, schema.Lte, schema.Gt, schema.Gte:
		if key, ok := comparand(c.Path, c.Value); ok {
			return p.test(c.Path, func(column string) string { return column + " " + comparisons[c.Op] + " " + p.parameter(key) })
		}
	case schema.In:
		keys := []string{}
		for _, v := range c.Value.List() {
			if key, ok := comparand(c.Path, v); ok {
				keys = append(keys, key)
			} else if !v.IsNull() {
				return false
			}
		}
		return p.test(c.Path, func(column string) string { return column + " IN " + p.parameter(keys) })
	case schema.IsNull:
		words := " IS NOT NULL"
		if c.Value.Bool() {
			words = " IS NULL"
		}
		return p.test(c.Path, func(column string) string { return column + words })
	case schema.StartsWith, schema.Contains:
		p.text(c)
	}
	return false
}

// text takes a comparison of texts: those of values that are no strings are tested in memory.
func (p *pushdown) text(c *schema.Condition) {
	words := map[schema.ConditionOp]string{schema.StartsWith: " STARTS WITH ", schema.Contains: " CONTAINS "}[c.Op]
	if c.Value.Kind() != schema.StringValue || c.Path == graph.ColumnType {
		return
	}
	p.test(c.Path, func(column string) string {
		if bare(c.Path) {
			return column + words + p.parameter(c.Value.Text())
		}
		wanted := c.Value.Text()
		if c.Op == schema.StartsWith {
			wanted = sortKey(c.Value)
		}
		return "(" + column + words + p.parameter(wanted) + " OR NOT " + column + " STARTS WITH '5')"
	})
}

func (p *pushdown) test(path schema.Path, text func(column string) string) bool {
	column, ok := p.column(path)
	if ok {
		p.tests = append(p.tests, text(column))
	}
	return ok
}

// order returns the words that sort as asked; ok is false when Neo4j cannot.
func (p *pushdown) order(orders []graph.Order, back bool) (text string, ok bool) {
	var words []string
	for _, o := range orders {
		column, ok := p.column(o.Path)
		if !ok {
			return "", false
		}
		if !bare(o.Path) {
			words = append(words, "("+column+" IS NULL)"+direction(back))
		}
		words = append(words, column+direction(o.Desc != back))
	}
	return strings.Join(append(words, "s.id"+direction(back)), ", "), true
}

func direction(down bool) string {
	if down {
		return " DESC"
	}
	return ""
}

// beyond adds the test that a row comes after a cursor, or before it; ok is false when Neo4j cannot tell.
func (p *pushdown) beyond(orders []graph.Order, at *graph.Cursor, back bool) (ok bool) {
	if at == nil {
		return true
	}
	text := "s.id " + sign(back) + " " + p.parameter(string(at.ID))
	for i := len(orders) - 1; i >= 0; i-- {
		column, ok := p.column(orders[i].Path)
		if !ok {
			return false
		}
		switch key, known := comparand(orders[i].Path, at.Keys[i]); {
		case at.Keys[i].IsNull() && back:
			text = "(" + column + " IS NOT NULL OR " + text + ")"
		case at.Keys[i].IsNull():
			text = "(" + column + " IS NULL AND " + text + ")"
		case !known:
			return false
		default:
			value := p.parameter(key)
			further := column + " " + sign(back != orders[i].Desc) + " " + value
			if !back && !bare(orders[i].Path) {
				further = column + " IS NULL OR " + further
			}
			text = "(" + further + " OR " + column + " = " + value + " AND " + text + ")"
		}
	}
	p.tests = append(p.tests, text)
	return true
}

func sign(back bool) string {
	if back {
		return "<"
	}
	return ">"
}
