package query

import (
	"fmt"
	"slices"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
)

// A list of records that is filtered by what entities they lead to is decided on its rows. Where fewer entities fulfil their part
// of the filter than the source has rows, the graph goes first: the source is asked for rows with the keys of those entities
// only. It is a part of the filter that every row must fulfil; everything is decided afterwards as it would be without.

// mostKeys is how many keys of entities a question to a source may hold.
const mostKeys = 10_000

// narrowed is the condition on the rows of a record level that entities of the graph give, and why; nil for none.
func (x *execution) narrowed(lv *level, q *question) (*schema.Condition, string, error) {
	if x.engine.side == sourceSide || q.rest == nil || lv.record == nil || !lv.list || lv.rows.(recordSource).join != nil {
		return nil, "", nil
	}
	for _, r := range q.rest.entityJoins() {
		push := r.pushed()
		if push == nil {
			continue
		}
		rows, limit := x.rowsOf(lv, q), mostKeys
		if x.engine.side == cheaperSide {
			if rows >= 0 && rows <= fewCandidates {
				continue
			}
			if rows >= 0 {
				limit = min(limit, rows/2)
			} else {
				limit = fewCandidates * 10
			}
		}
		keys, ok, err := x.entityKeys(r, push, limit)
		if err != nil {
			return nil, "", err
		}
		if ok {
			return keyCondition(r.join, keys), fmt.Sprintf("graph first: %d entities for %s, %s in %s", len(keys), r.field, about(rows), lv.record.Collection), nil
		}
	}
	return nil, "", nil
}

func about(rows int) string {
	if rows < 0 {
		return "an unknown number of rows"
	}
	return fmt.Sprintf("about %d rows", rows)
}

// entityJoins lists the joins to entities that every row must have: those that are not below or, not, none or a count.
func (p *predicate) entityJoins() []*relatedPredicate {
	switch {
	case p.related != nil && p.related.join != nil && p.related.record == nil && p.related.quantifier == schema.Some:
		return []*relatedPredicate{p.related}
	case p.op == schema.And && p.pure == nil && p.related == nil:
		var list []*relatedPredicate
		for _, a := range p.args {
			list = append(list, a.entityJoins()...)
		}
		return list
	}
	return nil
}

// rowsOf is how many rows of a level the source would send by its own description; -1 unknown.
func (x *execution) rowsOf(lv *level, q *question) int {
	return x.estimate(&leg{related: &relatedPredicate{record: lv.record, joins: q.joins}, where: q.push}).moved
}

// entityKeys are the distinct values that join the entities that fulfil a condition; false when there are more than limit.
func (x *execution) entityKeys(r *relatedPredicate, where *schema.Condition, limit int) ([][]schema.Value, bool, error) {
	columns := make([]schema.Path, len(r.join.On))
	for k, pair := range r.join.On {
		columns[k] = pair.Theirs
	}
	x.tally.batch()
	b, err := x.view.Select(x.ctx, graph.Selection{Types: r.types, Where: where, Page: graph.Page{First: limit + 1}, Columns: columns})
	if err != nil || len(b.Rows) > limit {
		return nil, false, err
	}
	var keys [][]schema.Value
	seen := map[string]bool{}
	for i := range b.Rows {
		key := make([]schema.Value, len(columns))
		for k := range columns {
			key[k] = b.Cell(k, i)
		}
		if text := keyText(key); !seen[text] && !slices.ContainsFunc(key, schema.Value.IsNull) {
			seen[text] = true
			keys = append(keys, key)
		}
	}
	return keys, true, nil
}

// keyCondition holds for rows that join an entity with one of the keys.
func keyCondition(j *schema.Join, keys [][]schema.Value) *schema.Condition {
	c := &schema.Condition{Op: schema.And}
	for k, pair := range j.On {
		list := make([]schema.Value, len(keys))
		for i, key := range keys {
			list[i] = key[k]
		}
		c.Args = append(c.Args, &schema.Condition{Op: schema.In, Path: pair.Ours, Value: schema.ListOf(list)})
	}
	return c
}

// narrow adds to a question what entities of the graph say of its rows.
func (x *execution) narrow(lv *level, q *question, w *connectors.Want) (why string, err error) {
	c, why, err := x.narrowed(lv, q)
	if c != nil {
		w.Where = both(w.Where, c)
	}
	return why, err
}
