package query

import (
	"strconv"

	"mereon/graph"
	"mereon/schema/fault"
)

// pathSource is the shortest paths between two entities: one, or all of them.
type pathSource struct {
	all  bool
	most int // paths at once
}

func (s pathSource) String() string {
	if s.all {
		return "shortest paths"
	}
	return "shortest path"
}

// maxPath is how far a path is searched for when the operation does not say.
const maxPath = 1 << 20

func (s pathSource) ask(c *catalog, _ *level, args map[string]any, q *question) (err error) {
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
	if q.maxDepth, err = stepCount("maxDepth", args["maxDepth"]); err != nil {
		return err
	}
	if err = q.walk.understand(c, args); err != nil {
		return err
	}
	if q.walk.decide != nil {
		q.affected = &affectedBy{}
		q.affected.read(c, q)
	}
	if s.all {
		if q.page.first, err = pageSize("first", args["first"], s.most); err != nil {
			return err
		}
	}
	if q.walk.weight != "" {
		return c.weighs(q.steps, q.walk.weight)
	}
	if q.maxDepth == 0 {
		q.maxDepth = maxPath
	}
	return nil
}

func (s pathSource) read(x *execution, lv *level, q *question) (*frame, error) {
	ends, err := x.existing(q.ids)
	if err != nil {
		return nil, err
	}
	ask := graph.PathQuery{
		From: ends[0], To: ends[1], Steps: q.steps, Through: q.walk.through, MaxDepth: q.maxDepth,
		Weight: q.walk.weight, Missing: q.walk.missing, Budget: x.budget(),
	}
	if s.all {
		if ask.Most = q.page.first; ask.Most == 0 {
			return &frame{level: lv, offsets: []int32{0, 0}, ways: &ways{}}, nil
		}
	}
	unknown := 0
	if q.walk.decide != nil && ends[0] != ends[1] {
		if unknown, err = x.decideWay(lv, q, &ask); err != nil {
			return nil, err
		}
	}
	if ask.Most == 1 { // of one any would do, here it is the first
		ask.Most = 2
	}
	found, err := x.view.ShortestPaths(x.ctx, ask)
	if err != nil {
		return nil, err
	}
	if s.all {
		found = found[:min(len(found), q.page.first)]
	}
	if len(found) == 0 && unknown > 0 {
		return nil, fault.New(fault.Unavailable, "no way was found, and of %d entities it is not known whether they may be walked through; ask again, or for other values", unknown)
	}
	x.tally.batch()
	f := &frame{level: lv, cols: q.columns, ways: waysOf(found)}
	f.ways.incomplete = unknown > 0
	for _, p := range found {
		f.rows = append(f.rows, p.Rows...)
	}
	f.n = len(f.rows)
	f.offsets = []int32{0, int32(f.n)}
	if f.n == 0 {
		return f, nil
	}
	x.tally.batch()
	f.cells, err = x.view.Read(x.ctx, f.rows, q.columns)
	return f, err
}

// existing finds entities that must be there.
func (x *execution) existing(ids []graph.EntityID) ([]graph.Row, error) {
	found, err := x.view.Lookup(x.ctx, ids, nil)
	if err != nil {
		return nil, err
	}
	for i, row := range found.Rows {
		if row == graph.NoRow {
			return nil, fault.New(fault.NotFound, "there is no entity %q", ids[i])
		}
	}
	return found.Rows, nil
}

// ways is several paths in one frame: path k has the rows from starts[k] to starts[k+1], and one step fewer, the first of
// which is step starts[k]-k.
type ways struct {
	starts    []int
	weights   []float64
	relations []string
	inverse   []bool
	// incomplete says that a better way may exist: a condition on the way is not known somewhere.
	incomplete bool
}

func waysOf(paths []graph.PathResult) *ways {
	w := &ways{starts: []int{0}}
	for _, p := range paths {
		w.starts = append(w.starts, w.starts[len(w.starts)-1]+len(p.Rows))
		w.weights = append(w.weights, p.Weight)
		w.relations, w.inverse = append(w.relations, p.Relations...), append(w.inverse, p.Inverse...)
	}
	return w
}

func (w *ways) count() int       { return len(w.weights) }
func (w *ways) length(k int) int { return w.starts[k+1] - w.starts[k] - 1 }

// path plans the root fields path and paths.
func (p *planner) path(top *level, m merged, all bool) emit {
	child := p.entityLevel(top, m, pathSource{all, p.engine.limits.First}, "", nil)
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
		case all:
			return w.list(f.ways.count(), true, func(k int) outcome { return w.object(fields, f, k) })
		case f.ways.count() == 0:
			return isNull
		}
		return w.object(fields, f, 0)
	}
}

func (p *planner) pathField(child *level, m merged) emit {
	switch m.field.Name {
	case "length":
		return func(w *writer, f *frame, k int) outcome {
			w.buf = strconv.AppendInt(w.buf, int64(f.ways.length(k)), 10)
			return wrote
		}
	case "weight":
		return func(w *writer, f *frame, k int) outcome {
			if w.x.questions[child.id].walk.weight == "" {
				return isNull
			}
			w.buf = strconv.AppendFloat(w.buf, f.ways.weights[k], 'g', -1, 64)
			return wrote
		}
	case "incomplete":
		return func(w *writer, f *frame, _ int) outcome { return w.bool(f.ways.incomplete) }
	case "nodes":
		inner := p.entity(child, "", p.children(m.uses), child.types)
		return func(w *writer, f *frame, k int) outcome {
			return w.list(f.ways.length(k)+1, true, func(n int) outcome { return inner.entity(w, f, f.ways.starts[k]+n) })
		}
	case "steps":
		var fields []outField
		for _, s := range merge(p.children(m.uses)) {
			fields = append(fields, p.outField(s, pathStepField(s)))
		}
		return func(w *writer, f *frame, k int) outcome {
			return w.list(f.ways.length(k), true, func(n int) outcome { return w.object(fields, f, f.ways.starts[k]-k+n) })
		}
	}
	return constantText(typenameOf(m.field))
}

func pathStepField(m merged) emit {
	switch m.field.Name {
	case "relationship":
		return func(w *writer, f *frame, step int) outcome { return w.text(f.ways.relations[step]) }
	case "direction":
		return func(w *writer, f *frame, step int) outcome { return w.direction(f.ways.inverse[step]) }
	}
	return constantText(typenameOf(m.field))
}
