package neo4j

import (
	"fmt"
	"strings"

	"mereon/graph"
	"mereon/schema"
)

// pushdown collects what Neo4j is asked to test and sort: fixed words of Cypher around parameters. What it lets pass is
// tested again in memory unless it is whole, so it may let too much pass but never too little.
type pushdown struct {
	layout     *graph.Layout
	tests      []string
	parameters map[string]any
	whole      bool // the tests say all that was asked, exactly
}

func newPushdown(layout *graph.Layout) *pushdown {
	return &pushdown{layout: layout, parameters: map[string]any{}, whole: true}
}

// pushedDown takes what it can of a condition.
func pushedDown(layout *graph.Layout, where *schema.Condition) *pushdown {
	p := newPushdown(layout)
	p.where(where)
	return p
}

// parameter gives a value a name in the text.
func (p *pushdown) parameter(value any) string {
	name := fmt.Sprint("v", len(p.parameters))
	p.parameters[name] = value
	return "$" + name
}

// theEntity is the variable that stands for the state of an entity that is tested.
const theEntity = "s"

// column names where the sort key of a column of it stands; ok is false when it stands nowhere.
func (p *pushdown) column(path schema.Path) (text string, ok bool) { return columnOf(theEntity, path) }

func columnOf(state string, path schema.Path) (text string, ok bool) {
	switch path {
	case graph.ColumnID:
		return state + ".id", true
	case graph.ColumnType:
		return state + ".assetType", true
	}
	if !pushed(path) && !timed(path) {
		return "", false
	}
	return state + ".`" + string(path) + "`", true // a plain name: fixed ones are read and planned better than those given as values
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

// comparand says what of a value a column is compared with.
func comparand(path schema.Path, v schema.Value) (string, bool) {
	if bare(path) {
		return v.Text(), v.Kind() == schema.StringValue
	}
	return sortKey(v), !v.IsNull()
}

// where takes what it can of a condition.
func (p *pushdown) where(c *schema.Condition) {
	for _, part := range conjuncts(c) {
		text, sure := p.say(theEntity, part, false)
		if p.whole = p.whole && sure; text != "" {
			p.tests = append(p.tests, text)
		}
	}
}

// deepest is how far conditions are put into words: every level of them may double the text.
const deepest = 4

// say puts a condition on a state into words; "" when it has none. They are true wherever the condition is, and sure says
// that they are nowhere else. What is the same for all is a parameter: Neo4j takes constants out, and its hints go with
// them. With full they are the condition in all three values of its logic, which is that of Cypher, or there are none: only
// such words can be turned around.
func (p *pushdown) say(of string, c *schema.Condition, full bool) (text string, sure bool) {
	switch {
	case c == nil:
		return p.parameter(true), true
	case len(of) > deepest:
		return "", false
	}
	switch c.Op {
	case schema.And, schema.Or:
		return p.combine(of, c, full)
	case schema.Not:
		if text, _ = p.say(of, c.Args[0], true); text == "" {
			return "", false
		}
		return "NOT " + text, true
	case schema.RelatedTo:
		return p.related(of, c.Related, full)
	}
	column, ok := columnOf(of, c.Path)
	if !ok {
		return "", false
	}
	if text, sure = p.compare(column, c); full && !sure {
		return "", false
	}
	return text, sure
}

func (p *pushdown) combine(of string, c *schema.Condition, full bool) (text string, sure bool) {
	var texts []string
	sure = true
	for _, a := range c.Args {
		text, one := p.say(of, a, full)
		sure = sure && one
		switch {
		case text != "":
			texts = append(texts, text)
		case full || c.Op == schema.Or:
			return "", false
		}
	}
	switch {
	case len(texts) > 0:
		return "(" + strings.Join(texts, map[schema.ConditionOp]string{schema.And: " AND ", schema.Or: " OR "}[c.Op]) + ")", sure
	case !sure:
		return "", false
	}
	return p.parameter(c.Op == schema.And), true
}

// order returns the words that sort as asked; ok is false when Neo4j cannot.
func (p *pushdown) order(orders []graph.Order, back bool) (text string, ok bool) {
	var words []string
	for _, o := range orders {
		column, ok := p.column(o.Path)
		if !ok {
			return "", false
		}
		if !bare(o.Path) && o.Desc { // ascending, null comes last in Cypher too
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
