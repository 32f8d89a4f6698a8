package connectors

import (
	"context"
	"slices"
	"time"

	"mereon/schema"
)

// planGroups negotiates a question for groups: the source makes them when it can apply all of filter, keys and measures;
// otherwise its rows are asked for and the groups are made here, from at most so many rows as are kept for one answer.
func (l *link) planGroups(ctx context.Context, c *Collection, w Want) (*rowQuestion, error) {
	inner := w
	inner.Order = completeOrder(&w)
	inner.PerKey, inner.Limit = innerLimits(&w)
	accept, err := l.planGrouped(ctx, inner)
	if err == nil && accept.AggregateDone && accept.LimitDone && !accept.OrderDone {
		inner.PerKey, inner.Limit = 0, 0
		accept, err = l.planGrouped(ctx, inner)
	}
	if err != nil {
		return nil, err
	}
	results := resultColumns(&w, c.Columns)
	judged := Want{Kind: Records, Collection: w.Collection, Columns: namesOf(results), Order: inner.Order, PerKey: w.PerKey, Limit: w.Limit, Count: w.Count}
	rq := &rowQuestion{want: judged, accept: accept, most: l.limits.MaxRows, columns: results}
	for _, o := range inner.Order {
		rq.orderAt = append(rq.orderAt, slices.Index(judged.Columns, o.Column))
	}
	if accept.AggregateDone {
		rq.want.Where = keysOnly(w.Where, w.Group)
		return rq, nil
	}
	return l.planRaw(ctx, c, w, rq)
}

// planGrouped asks the connector; an acceptance that leaves a filter or joins to the engine is none.
func (l *link) planGrouped(ctx context.Context, w Want) (Accept, error) {
	accept, err := l.connector.Plan(ctx, w)
	if accept.Residual != nil || len(w.Joins) > 0 && !accept.JoinsDone {
		accept.AggregateDone = false
	}
	return accept, err
}

// planRaw asks for the rows of which groups are made here.
func (l *link) planRaw(ctx context.Context, c *Collection, w Want, groups *rowQuestion) (*rowQuestion, error) {
	inner := w
	inner.Columns, inner.Group, inner.Measures, inner.Order = rawColumns(&w), nil, nil, nil
	inner.PerKey, inner.Limit, inner.Count = 0, 0, false
	accept, err := l.connector.Plan(ctx, inner)
	if err != nil {
		return nil, err
	}
	raw := &rowQuestion{want: inner, accept: accept, most: l.limits.MaxRows, columns: pick(c.Columns, inner.Columns)}
	for _, k := range w.KeyColumns {
		raw.keyAt = append(raw.keyAt, slices.Index(inner.Columns, k))
	}
	raw.fold = &fold{groups: groups}
	for i := range w.Group {
		zone, err := w.Group[i].Zone()
		if err != nil {
			return nil, err
		}
		raw.fold.keys = append(raw.fold.keys, foldKey{at: slices.Index(inner.Columns, w.Group[i].Column), bucket: w.Group[i].Bucket, zone: zone})
	}
	for _, m := range w.Measures {
		raw.fold.measures = append(raw.fold.measures, foldMeasure{at: slices.Index(inner.Columns, m.Column), by: schema.FoldFunc(m.Func)})
	}
	return raw, nil
}

// completeOrder is the order of a question for groups with all keys behind it, so that it is total.
func completeOrder(w *Want) []Order {
	order := slices.Clone(w.Order)
	for i := range w.Group {
		name := w.Group[i].Name()
		if !slices.ContainsFunc(order, func(o Order) bool { return o.Column == name }) {
			order = append(order, Order{Column: name})
		}
	}
	return order
}

// keysOnly is the part of a filter that can be checked on finished groups: what concerns their keys alone.
func keysOnly(where *schema.Condition, groups []GroupBy) *schema.Condition {
	if where == nil {
		return nil
	}
	args := []*schema.Condition{where}
	if where.Op == schema.And {
		args = where.Args
	}
	kept := &schema.Condition{Op: schema.And}
	for _, c := range args {
		known := func(name string) bool {
			return slices.ContainsFunc(groups, func(g GroupBy) bool { return g.Column == name && g.Name() == name && !g.Divides() })
		}
		if columns := columnsOf(c, nil); len(columns) > 0 && !slices.ContainsFunc(columns, func(name string) bool { return !known(name) }) {
			kept.Args = append(kept.Args, c)
		}
	}
	return kept
}

// oneEach gives every key without rows its one group of nothing, where no groups but measures were asked for.
func oneEach(w *Want, rows []Rows) {
	if len(w.Measures) == 0 || len(w.Group) > 0 {
		return
	}
	for i := range rows {
		if r := &rows[i]; r.Count == 0 && (r.Status == OK || r.Status == Empty) {
			*r = Rows{Cells: nothing(w), Count: 1, Total: r.Total, Status: OK}
			if r.Total >= 0 {
				r.Total = 1
			}
		}
	}
}

// nothing is the cells of a group without rows.
func nothing(w *Want) []schema.Value {
	cells := make([]schema.Value, len(w.Measures))
	for i, m := range w.Measures {
		if m.Func == Count {
			cells[i] = schema.IntOf(0)
		}
	}
	return cells
}

// foldKey and foldMeasure say where in a row a key and a measured value is; -1 counts rows.
type foldKey struct {
	at     int
	bucket Bucket
	zone   *time.Location
}

type foldMeasure struct {
	at int
	by schema.FoldFunc
}
