package query

import (
	"mereon/graph"
	"mereon/schema"
)

// reached asks the store for a reach, unless its condition on every hop needs what other systems know: then it goes level
// after level and decides each with one question to every connector, and says of which starts something was not known.
func (x *execution) reached(lv *level, q *question, ask graph.Reach) (b *graph.Batch, incomplete []bool, err error) {
	if q.walk.decide == nil {
		b, err = x.view.Reach(x.ctx, ask)
		return b, nil, err
	}
	asked := *q
	if after := q.page.after; after != nil {
		asked.page.after = &graph.Cursor{Keys: []schema.Value{after.Keys[0], schema.StringOf("")}, ID: after.ID}
	}
	w, _, err := x.walker(lv, &asked)
	if err != nil {
		return nil, nil, err
	}
	if err := w.run(); err != nil {
		return nil, nil, err
	}
	for g := range w.groups {
		incomplete = append(incomplete, w.groups[g].incomplete)
	}
	b = w.batch()
	x.tally.batch()
	b.Cells, err = x.view.Read(x.ctx, b.Rows, ask.Columns)
	return b, incomplete, err
}

// batch gives the entities that were met as a store gives those of a reach.
func (w *walker) batch() *graph.Batch {
	b := &graph.Batch{Offsets: []int32{0}}
	for g := range w.groups {
		group := &w.groups[g]
		first := int32(len(b.Rows))
		for _, n := range group.nodes {
			via := n.from
			if via >= 0 {
				via += first
			}
			b.Rows, b.Depth = append(b.Rows, n.row), append(b.Depth, n.depth)
			b.Via, b.ViaRelation = append(b.Via, via), append(b.ViaRelation, n.via)
		}
		b.Offsets = append(b.Offsets, int32(len(b.Rows)))
		b.Truncated = append(b.Truncated, group.stopped != nil)
		stopped := group.stopped
		if stopped != nil {
			stopped = &graph.Cursor{Keys: stopped.Keys[:1], ID: stopped.ID}
		}
		b.Stopped = append(b.Stopped, stopped)
	}
	return b
}
