package query

import (
	"strconv"

	"mereon/graph"
	"mereon/schema/fault"
)

// pathSource is a shortest path between two entities.
type pathSource struct{}

func (pathSource) String() string { return "shortest path" }

// maxPath is how far a path is searched for when the operation does not say.
const maxPath = 1 << 20

func (pathSource) ask(c *catalog, _ *level, args map[string]any, q *question) (err error) {
	from, _ := args["from"].(string)
	to, _ := args["to"].(string)
	q.ids = []graph.EntityID{graph.EntityID(from), graph.EntityID(to)}
	var via []string
	if args["via"] != nil {
		via = append([]string{}, textsOf(args["via"])...)
	}
	if q.steps, err = c.steps(via, args["direction"]); err != nil {
		return err
	}
	if q.maxDepth, err = stepCount("maxDepth", args["maxDepth"]); q.maxDepth == 0 {
		q.maxDepth = maxPath
	}
	return err
}

func (pathSource) read(x *execution, lv *level, q *question) (*frame, error) {
	ends, err := x.view.Lookup(x.ctx, q.ids, nil)
	if err != nil {
		return nil, err
	}
	for i, row := range ends.Rows {
		if row == graph.NoRow {
			return nil, fault.New(fault.NotFound, "there is no entity %q", q.ids[i])
		}
	}
	found, err := x.view.ShortestPaths(x.ctx, graph.PathQuery{
		From: ends.Rows[0], To: ends.Rows[1], Steps: q.steps, MaxDepth: q.maxDepth, Budget: x.budget(),
	})
	if err != nil {
		return nil, err
	}
	x.tally.batch()
	f := &frame{level: lv, cols: q.columns, offsets: []int32{0, 0}}
	if len(found) == 0 {
		return f, nil
	}
	f.path, f.rows, f.n = &found[0], found[0].Rows, len(found[0].Rows)
	f.offsets[1] = int32(f.n)
	x.tally.batch()
	f.cells, err = x.view.Read(x.ctx, f.rows, q.columns)
	return f, err
}

// path plans the root field path.
func (p *planner) path(top *level, m merged) emit {
	child := p.entityLevel(top, m, pathSource{}, "", nil)
	child.wanted = true
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.pathField(child, s)))
	}
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		switch {
		case f.err != nil:
			return w.lost(f)
		case f.path == nil:
			return isNull
		}
		return w.object(fields, f, i)
	}
}

func (p *planner) pathField(child *level, m merged) emit {
	switch m.field.Name {
	case "length":
		return func(w *writer, f *frame, _ int) outcome {
			w.buf = strconv.AppendInt(w.buf, int64(len(f.path.Relations)), 10)
			return wrote
		}
	case "nodes":
		inner := p.entity(child, "", p.children(m.uses), child.types)
		return func(w *writer, f *frame, _ int) outcome {
			return w.list(f.n, true, func(k int) outcome { return inner.entity(w, f, k) })
		}
	case "steps":
		var fields []outField
		for _, s := range merge(p.children(m.uses)) {
			fields = append(fields, p.outField(s, pathStepField(s)))
		}
		return func(w *writer, f *frame, _ int) outcome {
			return w.list(len(f.path.Relations), true, func(k int) outcome { return w.object(fields, f, k) })
		}
	}
	return constantText(typenameOf(m.field))
}

func pathStepField(m merged) emit {
	switch m.field.Name {
	case "relationship":
		return func(w *writer, f *frame, k int) outcome { return w.text(f.path.Relations[k]) }
	case "direction":
		return func(w *writer, f *frame, k int) outcome { return w.direction(f.path.Inverse[k]) }
	}
	return constantText(typenameOf(m.field))
}
