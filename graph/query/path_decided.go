package query

import (
	"slices"

	"mereon/graph"
	"mereon/schema"
)

// decideWay decides a condition on the way that needs what other systems know. It walks from the start, level by level, until it
// meets the end, and leaves to the store a way around everything that may not be walked through; the lightest way may be longer,
// so for that it walks all that can be reached. It returns of how many entities the condition is not known.
func (x *execution) decideWay(lv *level, q *question, ask *graph.PathQuery) (unknown int, err error) {
	w, err := x.walkerFrom(lv, q, []graph.Row{ask.From})
	if err != nil {
		return 0, err
	}
	w.target, w.whole, w.barred = ask.To, ask.Weight != "", map[graph.EntityID]bool{}
	if err := w.run(); err != nil {
		return 0, err
	}
	if w.groups[0].stopped != nil {
		return 0, x.overBudget()
	}
	if w.arrived > 0 {
		ask.MaxDepth = w.arrived // what lies farther was not decided
	}
	if len(w.barred) > 0 {
		ids := make([]schema.Value, 0, len(w.barred))
		for id := range w.barred {
			ids = append(ids, schema.StringOf(string(id)))
		}
		slices.SortFunc(ids, schema.Compare)
		ask.Through = both(ask.Through, &schema.Condition{Op: schema.NotIn, Path: graph.ColumnID, Value: schema.ListOf(ids)})
	}
	return w.unknown, nil
}
