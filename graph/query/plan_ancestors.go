package query

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"mereon/graph"
	"mereon/schema/fault"
)

// commonSource is what is above all of several entities.
type commonSource struct{ most int }

func (commonSource) String() string { return "common ancestors" }

func (s commonSource) ask(c *catalog, _ *level, args map[string]any, q *question) error {
	for _, id := range textsOf(args["of"]) {
		q.ids = append(q.ids, graph.EntityID(id))
	}
	switch n := len(q.ids); {
	case n == 0:
		return fault.New(fault.Invalid, "of names no entity; give at least one id")
	case n > s.most:
		return fault.New(fault.Limit, "%d ids were given, the limit is %d (limits.first); ask for fewer", n, s.most)
	}
	return askHierarchy(c, args, q, false)
}

func (commonSource) read(x *execution, lv *level, q *question) (*frame, error) {
	starts, err := x.existing(q.ids)
	if err != nil {
		return nil, err
	}
	b, err := x.view.Reach(x.ctx, graph.Reach{From: starts, Steps: q.steps, Page: graph.Page{All: true}, Budget: x.groupBudget(len(starts))})
	if err != nil {
		return nil, err
	}
	if slices.Contains(b.Truncated, true) {
		return nil, x.overBudget()
	}
	f := &frame{level: lv, cols: q.columns}
	f.rows, f.depths = commonRows(starts, b)
	f.n = len(f.rows)
	f.offsets = []int32{0, int32(f.n)}
	x.tally.batch()
	if f.cells, err = x.view.Read(x.ctx, f.rows, q.columns); err != nil {
		return nil, err
	}
	f.nearestFirst()
	return f, nil
}

// commonRows returns the rows that every start has above itself or is, with the steps from each.
func commonRows(starts []graph.Row, b *graph.Batch) (rows []graph.Row, depths [][]int32) {
	above := map[graph.Row][]int32{starts[0]: {0}}
	for i := range starts {
		level := map[graph.Row]int32{starts[i]: 0}
		for k := b.Offsets[i]; k < b.Offsets[i+1]; k++ {
			level[b.Rows[k]] = b.Depth[k]
			if i == 0 {
				above[b.Rows[k]] = []int32{b.Depth[k]}
			}
		}
		for row, so := range above {
			if depth, common := level[row]; !common {
				delete(above, row)
			} else if i > 0 {
				above[row] = append(so, depth)
			}
		}
	}
	for row, so := range above {
		rows, depths = append(rows, row), append(depths, so)
	}
	return rows, depths
}

// nearestFirst orders common ancestors by their distance from the farthest entity, then from all, then by id.
func (f *frame) nearestFirst() {
	order := make([]int32, f.n)
	for i := range order {
		order[i] = int32(i)
	}
	id := f.columnOf(graph.ColumnID)
	sum := func(list []int32) (s int32) {
		for _, d := range list {
			s += d
		}
		return s
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(slices.Max(f.depths[a]), slices.Max(f.depths[b])), cmp.Compare(sum(f.depths[a]), sum(f.depths[b])),
			strings.Compare(f.cell(id, int(a)).Text(), f.cell(id, int(b)).Text()))
	})
	f.rows, f.depths, f.cells = pick(f.rows, order), pick(f.depths, order), pickColumns(f.cells, f.n, order)
}

// commonAncestors plans the root field of that name.
func (p *planner) commonAncestors(top *level, m merged) emit {
	child := p.entityLevel(top, m, commonSource{p.engine.limits.First}, "", nil)
	child.wanted = true
	child.column(graph.ColumnID)
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.commonField(child, s)))
	}
	return func(w *writer, _ *frame, _ int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		return w.list(f.n, true, func(k int) outcome { return w.object(fields, f, k) })
	}
}

func (p *planner) commonField(child *level, m merged) emit {
	switch m.field.Name {
	case "entity":
		inner := p.entity(child, "", p.children(m.uses), child.types)
		return func(w *writer, f *frame, i int) outcome { return inner.entity(w, f, i) }
	case "depths":
		return func(w *writer, f *frame, i int) outcome {
			return w.list(len(f.depths[i]), true, func(k int) outcome {
				w.buf = strconv.AppendInt(w.buf, int64(f.depths[i][k]), 10)
				return wrote
			})
		}
	}
	return constantText(typenameOf(m.field))
}
