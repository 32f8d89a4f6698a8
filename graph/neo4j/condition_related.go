package neo4j

import (
	"slices"
	"strings"

	"mereon/schema"
)

// related puts a condition on related entities into words.
func (p *pushdown) related(of string, r *schema.Related, full bool) (text string, sure bool) {
	if !slices.ContainsFunc(p.layout.Relations, func(known schema.Relation) bool { return known.Name == r.Relation }) {
		return p.nobody(r)
	}
	others := p.others(of, r)
	if r.Where == nil {
		return p.anybody(others, r)
	}
	to := of + "s"
	switch {
	case r.Quantifier == schema.CountOf:
		inner, sure := p.say(to, r.Where, false)
		if !sure {
			return "", false
		}
		return p.counted("COUNT { "+others+" AND "+inner+" }", r.Count)
	case full || r.Quantifier == schema.NoneOf:
		return p.decided(others, to, r, full)
	}
	inner, sure := p.say(to, r.Where, false)
	switch {
	case inner == "" && r.Quantifier == schema.Every:
		return "", false
	case inner == "":
		return "EXISTS { " + others + " }", false
	case r.Quantifier == schema.Every:
		return "NOT EXISTS { " + others + " AND NOT coalesce(" + inner + ", false) }", sure
	}
	return "EXISTS { " + others + " AND " + inner + " }", sure
}

// others finds the entities at the other end, of the types that count. Who is related to itself has one state, which no single
// pattern would go along twice.
func (p *pushdown) others(of string, r *schema.Related) string {
	from, to := "-", "->"
	if r.Inverse {
		from, to = "<-", "-"
	}
	e, n := "e"+of, "n"+of
	text := "MATCH (" + of + ")<-[:_state]-()" + from + "[" + e + ":`" + relationshipType(r.Relation) + "`]" + to + "(" + n + ") WHERE " + e + "._until > $u AND " + e + "._since <= $r"
	if r.Types == nil && r.Where == nil { // nothing has to be known of them
		return text
	}
	state := of + "s"
	text += " MATCH (" + n + ")-[:_state]->(" + state + ") WHERE " + state + "._until > $u AND " + state + "._since <= $r"
	if r.Types != nil {
		text += " AND " + state + ".assetType IN " + p.parameter(idsOf(r.Types))
	}
	return text
}

// anybody is a condition that holds for every related entity.
func (p *pushdown) anybody(others string, r *schema.Related) (text string, sure bool) {
	switch r.Quantifier {
	case schema.Every:
		return p.parameter(true), true
	case schema.NoneOf:
		return "NOT EXISTS { " + others + " }", true
	case schema.CountOf:
		return p.counted("COUNT { "+others+" }", r.Count)
	}
	return "EXISTS { " + others + " }", true
}

// nobody is a condition on who is related over a relation that there is not.
func (p *pushdown) nobody(r *schema.Related) (text string, sure bool) {
	switch r.Quantifier {
	case schema.Some:
		return p.parameter(false), true
	case schema.CountOf:
		return p.counted(p.parameter(0), r.Count)
	}
	return p.parameter(true), true
}

// decided is a condition in all three values: unknown where those for whom it is would matter.
func (p *pushdown) decided(others, to string, r *schema.Related, full bool) (text string, sure bool) {
	inner, _ := p.say(to, r.Where, true)
	if inner == "" {
		return "", false
	}
	if !full { // NoneOf
		return "NOT EXISTS { " + others + " AND coalesce(" + inner + ", true) }", true
	}
	doubt := " WHEN EXISTS { " + others + " AND (" + inner + ") IS NULL } THEN null "
	switch r.Quantifier {
	case schema.Every:
		return "CASE WHEN EXISTS { " + others + " AND NOT (" + inner + ") } THEN false" + doubt + "ELSE true END", true
	case schema.NoneOf:
		return "CASE WHEN EXISTS { " + others + " AND " + inner + " } THEN false" + doubt + "ELSE true END", true
	}
	return "CASE WHEN EXISTS { " + others + " AND " + inner + " } THEN true" + doubt + "ELSE false END", true
}

// counted compares how many there are with whole numbers.
func (p *pushdown) counted(count string, c *schema.Condition) (text string, sure bool) {
	var texts []string
	for _, part := range conjuncts(c) {
		words, known := comparisons[part.Op]
		if !known || part.Value.Kind() != schema.IntValue {
			return "", false
		}
		texts = append(texts, count+words+p.parameter(part.Value.Int()))
	}
	if len(texts) == 0 {
		return p.parameter(true), true
	}
	return "(" + strings.Join(texts, " AND ") + ")", true
}
