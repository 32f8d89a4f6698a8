package query

import (
	"fmt"
	"math"

	"mereon/schema"
	"mereon/schema/fault"
)

// The cost of an operation is how many values its plan may touch: for every level, rows times what is read of each. Rows are
// the pages asked for, multiplied down the levels; where that is too much, they are bounded by how many entities there are.
const (
	costOfKey   = 10  // a value asked of a connector, against 1 for a stored one
	costOfDepth = 20  // rows of a list that goes up a hierarchy
	costOfList  = 100 // rows of a list without a page of its own
)

// afford refuses an operation whose cost is above the limit, before anything is read.
func (x *execution) afford() error {
	limit := float64(x.engine.limits.Cost)
	total, _, _ := x.costs(nil)
	if total > limit {
		counts, err := x.view.Counts(x.ctx)
		if err != nil {
			return err
		}
		dearest, most := (*level)(nil), 0.0
		if total, dearest, most = x.costs(counts); total > limit {
			return fault.New(fault.Limit, "the operation may touch %s values, the limit is %.0f (limits.cost); %s alone may touch %s: ask for smaller pages with first, or for fewer levels",
				amount(total), limit, dearest.pathName(), amount(most))
		}
	}
	x.tally.explain.Cost = whole(total)
	return nil
}

func whole(n float64) int64 { return int64(min(n, math.MaxInt64/2)) }

func amount(n float64) string {
	if n < 1e15 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.0e", n)
}

// costs adds up all levels, and says which is the dearest. counts are entities by type; nil: not known.
func (x *execution) costs(counts map[schema.TypeName]int) (total float64, dearest *level, most float64) {
	if cap(x.bounds) < len(x.plan.levels) {
		x.bounds, x.prices = make([]float64, len(x.plan.levels)), make([]float64, len(x.plan.levels))
	}
	x.bounds, x.prices = x.bounds[:len(x.plan.levels)], x.prices[:len(x.plan.levels)]
	x.bounds[0], x.looked = 1, 0
	for _, lv := range x.plan.levels[1:] {
		x.bounds[lv.id], x.prices[lv.id] = 0, 0
		if !lv.guards.hold(x.guards) || x.bounds[lv.parent.id] == 0 {
			continue
		}
		rows, cost := x.costOf(lv, x.question(lv), counts)
		x.bounds[lv.id], x.prices[lv.id] = rows, cost
		total += cost
		if dearest == nil || cost > most {
			dearest, most = lv, cost
		}
	}
	return total, dearest, most
}

// costOf returns how many rows a level may have in all, and what they cost.
func (x *execution) costOf(lv *level, q *question, counts map[schema.TypeName]int) (rows, cost float64) {
	if q.err != nil {
		return 0, 0
	}
	parents, all := x.bounds[lv.parent.id], x.entities(lv, counts)
	switch {
	case lv.cut != nil:
		return x.costOfCut(lv, q, parents, all)
	case lv.list && !lv.wanted:
		if cost = parents; lv.idle(q) {
			return 0, 0
		}
	case lv.list:
		rows = parents * min(float64(q.page.first+q.page.last), all)
	case q.ids != nil:
		rows = float64(len(q.ids))
	default:
		rows = parents * lv.most()
	}
	if x.engine.catalog.divides(lv.rows) {
		rows = min(rows, all) // each entity is below one parent only
	}
	if q.decided() {
		looked := min(all, float64(x.engine.limits.Rows)-x.looked) // the budget is that of all levels together
		x.looked += looked
		cost += looked * float64(1+costOfKey*(len(q.extra)+q.rest.joins()))
	}
	cost += rows * float64(1+len(q.columns)+costOfKey*len(lv.live))
	for _, need := range lv.history {
		cost += rows * float64(historyPoints(need, x.variables))
	}
	return rows, cost
}

// entities is how many entities of the types of a level there are; without end when that is not known.
func (x *execution) entities(lv *level, counts map[schema.TypeName]int) float64 {
	if counts == nil || lv.record != nil {
		return math.Inf(1)
	}
	types := lv.types
	if types == nil {
		types = x.engine.catalog.all
	}
	n := 0
	for _, t := range types {
		n += counts[t]
	}
	return float64(n)
}

// most is how many rows a level without a page has for each parent.
func (lv *level) most() float64 {
	switch lv.rows.(type) {
	case ancestorSource:
		return costOfDepth
	case pathSource, alarmSource, relationshipSource:
		return costOfList
	}
	return 1
}

// divides says whether rows are found by a relationship that has at most one source for each target.
func (c *catalog) divides(rows rowSource) bool {
	if h, ok := rows.(hierarchySource); ok {
		return !h.up
	}
	s, ok := rows.(expandSource)
	if !ok {
		return false
	}
	r := c.model.Relations[s.steps[0].Relation]
	if r == nil || len(s.steps) != 1 {
		return false
	}
	if s.steps[0].Direction == 0 {
		return r.InverseOne
	}
	return r.Single
}

// joins is how many joins and relationships a filter decides by.
func (p *predicate) joins() (n int) {
	p.visit(func(p *predicate) {
		if p.related != nil {
			n += 1 + p.related.where.joins()
		}
	})
	return n
}

// historyPoints is how many measurements a range may have for each row.
func historyPoints(need *historyNeed, variables map[string]any) int64 {
	args, err := argumentsOf(need.field, variables)
	if err != nil {
		return 0
	}
	n, _ := wholeNumber(args["first"])
	return max(n, 1)
}
