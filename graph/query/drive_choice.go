package query

import (
	"fmt"
	"strings"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// side is where the candidates of a federated filter come from.
type side uint8

const (
	cheaperSide side = iota
	graphSide
	sourceSide
)

// fewCandidates is how many keys are never too many for one question, so that nothing is gained by asking the other way round.
const fewCandidates = 100

// driven is a filter for which a side was chosen.
type driven struct {
	where *schema.Condition // on the graph, beside what is pushed down; nil: the graph's side
	rows  drivenRows
	empty bool // no candidate can exist
	why   string
}

// drivenRows are the rows that were read for joins in a filter, so that they are not asked for again.
type drivenRows map[*relatedPredicate]*joinedRows

// driving chooses the side of a question whose filter needs the rows of other systems, and asks the source when it goes
// first. read asks the graph.
func (x *execution) driving(lv *level, q *question, read func(ask) (*graph.Batch, error)) (driven, error) {
	var d driven
	ways := q.rest.drives(false)
	if len(ways) == 0 || x.engine.side == graphSide {
		return d, nil
	}
	way, cost := x.cheapest(ways)
	candidates := fewCandidates + 1
	if x.engine.side == cheaperSide {
		most, err := x.bound(q)
		if err != nil || most <= fewCandidates {
			return d, err
		}
		if candidates = most; most > x.budget() || cost.rows >= 0 && cost.moved+cost.rows < most {
			if candidates, err = x.candidates(q, most, read); err != nil {
				return d, err
			}
		}
		if candidates <= fewCandidates {
			return driven{why: fmt.Sprintf("graph first: only %d candidates", candidates)}, nil
		}
	}
	d.why = x.compare(way, cost, candidates)
	if !strings.HasPrefix(d.why, "source first") {
		return d, nil
	}
	return x.askFirst(lv, d, way, candidates)
}

// candidates counts what the graph's side would have to look at.
func (x *execution) candidates(q *question, most int, read func(ask) (*graph.Batch, error)) (int, error) {
	x.tally.batch()
	b, err := read(ask{where: q.push, count: true, budget: x.budget()})
	if fault.CodeOf(err) == fault.Limit {
		return max(most, x.budget()+1), nil // nobody has counted them all
	}
	if err != nil {
		return 0, err
	}
	total := 0
	for _, n := range b.Totals {
		total += n
	}
	return total, nil
}

// cheapest returns the way with the fewest rows; unknown numbers are the worst.
func (x *execution) cheapest(ways []drive) (drive, estimate) {
	var best drive
	var least estimate
	for k, way := range ways {
		sum := estimate{}
		for _, l := range way.legs {
			e := x.estimate(l)
			if e.rows < 0 {
				sum = e
				break
			}
			sum.rows, sum.moved = sum.rows+e.rows, sum.moved+e.moved
		}
		if k == 0 || sum.rows >= 0 && (least.rows < 0 || sum.moved < least.moved) {
			best, least = way, sum
		}
	}
	return best, least
}

// compare says which side goes first and why, with the numbers.
func (x *execution) compare(way drive, e estimate, candidates int) string {
	names := way.names()
	switch {
	case x.engine.side == sourceSide:
		return "source first: chosen"
	case candidates > x.budget():
		return fmt.Sprintf("source first: the graph has %d candidates, more than the row budget of %d; %s", candidates, x.budget(), names)
	case e.rows < 0:
		return fmt.Sprintf("graph first: %d candidates; how many rows %s has is not known", candidates, names)
	case e.moved > x.budget():
		return fmt.Sprintf("graph first: %d candidates; %s would send about %d rows, more than the row budget of %d", candidates, names, e.moved, x.budget())
	case e.moved+e.rows < candidates:
		return fmt.Sprintf("source first: about %d rows of %s, %d candidates in the graph", e.moved, names, candidates)
	}
	return fmt.Sprintf("graph first: %d candidates in the graph, about %d rows of %s", candidates, e.moved, names)
}

func (d drive) names() string {
	var names []string
	for _, l := range d.legs {
		names = append(names, l.related.record.Connector+" "+l.related.record.Collection)
	}
	return strings.Join(names, ", ")
}

// bound returns how many entities of the question's types there are.
func (x *execution) bound(q *question) (int, error) {
	counts, err := x.view.Counts(x.ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	if q.types == nil {
		for _, n := range counts {
			total += n
		}
		return total, nil
	}
	for _, t := range q.types {
		total += counts[t]
	}
	return total, nil
}
