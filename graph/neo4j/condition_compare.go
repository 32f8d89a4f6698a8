package neo4j

import (
	"strings"

	"mereon/graph"
	"mereon/schema"
)

var comparisons = map[schema.ConditionOp]string{schema.Eq: " = ", schema.Ne: " <> ", schema.Lt: " < ", schema.Lte: " <= ", schema.Gt: " > ", schema.Gte: " >= "}

// compare puts a comparison of a column into words. Unless they are not sure they are null where the comparison is unknown.
func (p *pushdown) compare(column string, c *schema.Condition) (text string, sure bool) {
	switch c.Op {
	case schema.Eq, schema.Ne, schema.Lt, schema.Lte, schema.Gt, schema.Gte:
		key, ok := comparand(c.Path, c.Value)
		switch {
		case c.Value.IsNull():
			return p.parameter(nil), true
		case ok:
			return column + comparisons[c.Op] + p.parameter(key), true
		}
	case schema.In, schema.NotIn:
		return p.among(column, c)
	case schema.IsNull:
		if c.Value.Bool() {
			return column + " IS NULL", true
		}
		return column + " IS NOT NULL", true
	case schema.StartsWith, schema.Contains:
		return p.text(column, c)
	case schema.Has, schema.HasAny:
		return p.has(column, c)
	case schema.IsEmpty:
		if bare(c.Path) {
			break
		}
		if c.Value.Bool() {
			return "(" + column + " = 'a' OR NOT " + column + " STARTS WITH 'a')", true
		}
		return "(" + column + " <> 'a' AND " + column + " STARTS WITH 'a')", true
	}
	return "", false
}

// among puts In and NotIn into words. In Cypher as here null makes what is not found unknown, but nothing is found among
// nothing, not even null.
func (p *pushdown) among(column string, c *schema.Condition) (text string, sure bool) {
	keys := []any{}
	for _, v := range c.Value.List() {
		switch key, ok := comparand(c.Path, v); {
		case ok:
			keys = append(keys, key)
		case v.IsNull():
			keys = append(keys, nil)
		default:
			return "", false
		}
	}
	not := ""
	if c.Op == schema.NotIn {
		not = "NOT "
	}
	if len(keys) == 0 {
		return not + "CASE WHEN " + column + " IS NULL THEN null ELSE false END", true
	}
	return not + column + " IN " + p.parameter(keys), true
}

// text puts a comparison of texts into words. Numbers and times have none, and those of decimals are not known: a sort key
// leaves out how many zeros follow.
func (p *pushdown) text(column string, c *schema.Condition) (text string, sure bool) {
	wanted := c.Value.Text()
	switch {
	case c.Value.IsNull():
		return p.parameter(nil), true
	case c.Value.Kind() != schema.StringValue || c.Path == graph.ColumnType:
		return "", false
	case wanted == "":
		return "(" + column + " IS NOT NULL OR null)", true
	case bare(c.Path) && c.Op == schema.StartsWith:
		return column + " STARTS WITH " + p.parameter(wanted), true
	case bare(c.Path):
		return column + " CONTAINS " + p.parameter(wanted), true
	case c.Op == schema.StartsWith:
		var texts []string
		for _, kind := range kindsOfText {
			texts = append(texts, column+" STARTS WITH "+p.parameter(kind+valid(wanted)))
		}
		text = strings.Join(texts, " OR ")
	default:
		text = "left(" + column + ", 1) IN " + p.parameter(kindsOfText) + " AND substring(" + column + ", 1) CONTAINS " + p.parameter(valid(wanted))
	}
	if strings.Trim(wanted, "-.0123456789") == "" {
		return "(" + text + " OR " + column + " STARTS WITH '2')", false
	}
	return "(" + text + ")", true
}

// kindsOfText begin the sort keys of values that hold a text: strings, dates, JSON.
var kindsOfText = []string{"5", "6", "9"}

func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// has puts Has and HasAny into words: the keys of elements stand one behind the other, each between the ends of two.
func (p *pushdown) has(column string, c *schema.Condition) (text string, sure bool) {
	wanted := []schema.Value{c.Value}
	if c.Op == schema.HasAny {
		wanted = c.Value.List()
	}
	if bare(c.Path) || len(wanted) == 0 {
		return "", false
	}
	var texts []string
	holds := func(key string) {
		element := strings.TrimPrefix(key, "a")
		texts = append(texts, column+" STARTS WITH "+p.parameter(key), column+" STARTS WITH 'a' AND "+column+" CONTAINS "+p.parameter("\x00\x00"+element))
	}
	for _, v := range wanted {
		if v.IsNull() {
			return "", false
		}
		holds(listKey([]schema.Value{v}))
	}
	met := strings.Join(texts, " OR ")
	texts = nil
	holds(listKey([]schema.Value{schema.Null}))
	return "CASE WHEN " + met + " THEN true WHEN " + column + " IS NULL OR " + strings.Join(texts, " OR ") + " THEN null ELSE false END", true
}
