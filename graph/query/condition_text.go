package query

import (
	"fmt"
	"strings"

	"mereon/schema"
)

var opNames = map[schema.ConditionOp]string{
	schema.Eq: "=", schema.Ne: "!=", schema.In: "in", schema.NotIn: "not in", schema.Lt: "<", schema.Lte: "<=", schema.Gt: ">",
	schema.Gte: ">=", schema.StartsWith: "starts with", schema.Contains: "contains", schema.IsNull: "is null",
	schema.Has: "has", schema.HasAny: "has any of", schema.IsEmpty: "is empty",
}

// conditionText shows a condition for people.
func conditionText(c *schema.Condition) string {
	if c == nil {
		return "all"
	}
	switch c.Op {
	case schema.And, schema.Or:
		word := map[schema.ConditionOp]string{schema.And: " and ", schema.Or: " or "}[c.Op]
		parts := make([]string, len(c.Args))
		for i, a := range c.Args {
			parts[i] = conditionText(a)
		}
		if len(parts) == 0 {
			return map[schema.ConditionOp]string{schema.And: "all", schema.Or: "none"}[c.Op]
		}
		return "(" + strings.Join(parts, word) + ")"
	case schema.Not:
		return "not " + conditionText(c.Args[0])
	case schema.RelatedTo:
		r := c.Related
		return fmt.Sprintf("%s of %s(%s)", quantifierText(r.Quantifier, r.Count), r.Relation, conditionText(r.Where))
	}
	return fmt.Sprintf("%s %s %s", c.Path, opNames[c.Op], c.Value.AppendJSON(nil))
}

func quantifierText(q schema.Quantifier, count *schema.Condition) string {
	switch q {
	case schema.Some:
		return "some"
	case schema.Every:
		return "every"
	case schema.NoneOf:
		return "none"
	}
	return conditionText(count)
}

func (p *predicate) String() string {
	switch {
	case p == nil:
		return "all"
	case p.pure != nil:
		return conditionText(p.pure)
	case p.related != nil:
		return fmt.Sprintf("%s of %s(%s)", quantifierText(p.related.quantifier, p.related.count), p.related.field, p.related.where)
	case p.path != "":
		if p.test == nil {
			return string(p.path) + ": " + conditionText(p.status)
		}
		return conditionText(p.test)
	}
	parts := make([]string, len(p.args))
	for i, a := range p.args {
		parts[i] = a.String()
	}
	switch p.op {
	case schema.Not:
		return "not " + parts[0]
	case schema.Or:
		return "(" + strings.Join(parts, " or ") + ")"
	}
	return "(" + strings.Join(parts, " and ") + ")"
}
