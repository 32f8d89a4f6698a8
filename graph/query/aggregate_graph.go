package query

import (
	"time"

	"mereon/graph"
	"mereon/schema"
)

// cutSource makes groups of the rows that another source finds.
type cutSource struct{ of rowSource }

func (s cutSource) String() string { return "groups of " + s.of.String() }

// pushes says whether the graph can make groups of what the source finds.
func (s cutSource) pushes() bool {
	switch of := s.of.(type) {
	case selectSource, expandSource:
		return true
	case hierarchySource:
		return !of.up
	}
	return false
}

func (s cutSource) ask(c *catalog, lv *level, args map[string]any, q *question) error {
	if a, ok := s.of.(asker); ok {
		return a.ask(c, lv, args, q)
	}
	return nil
}

// readCut makes groups in the graph; those that are folded come with their connection.
func (x *execution) readCut(lv *level) {
	if x.folds(lv) || x.has(lv) {
		return
	}
	if !lv.guards.hold(x.guards) {
		x.frames[lv.id] = unwanted(lv)
		return
	}
	parent := x.frames[lv.parent.id]
	if parent.err != nil {
		x.frames[lv.id] = unwanted(lv)
		return
	}
	q := x.question(lv)
	started := time.Now()
	f, err := x.aggregated(lv, q)
	if err == nil {
		x.tally.graphStep(lv, parent, f, started)
		err = x.spend(f.n)
	}
	if err != nil {
		f = &frame{level: lv, err: x.told(err), offsets: []int32{0}}
	}
	x.frames[lv.id] = f
}

// aggregated asks the graph for the groups of all parents at once.
func (x *execution) aggregated(lv *level, q *question) (*frame, error) {
	switch {
	case q.err != nil:
		return nil, q.err
	case q.cut.err != nil:
		return nil, q.cut.err
	}
	a := graph.Aggregation{Of: graph.Selection{Types: q.types, Within: q.within, Search: q.search, Where: q.push}, Most: x.engine.limits.First}
	var groupOf []int32
	switch of := lv.rows.(cutSource).of.(type) {
	case expandSource:
		a.From, groupOf = x.parents(lv)
		a.Steps = of.steps
	case hierarchySource:
		a.From, groupOf = x.parents(lv)
		a.Steps = q.steps
	}
	if q.noTypes {
		return x.noGroups(lv, q, groupOf)
	}
	if _, root := lv.rows.(cutSource).of.(selectSource); !root && a.From == nil {
		a.From = []graph.Row{}
	}
	for _, k := range q.cut.by {
		a.By = append(a.By, graph.Grouping{Path: k.path, Steps: k.steps, Types: k.types, Far: k.far})
	}
	var parts []graphPart
	for n := range q.cut.needs {
		parts = append(parts, q.cut.needs[n].graphPart(&a))
	}
	groups, err := x.view.Aggregate(x.ctx, a)
	if err != nil {
		return nil, err
	}
	return x.cutFrame(lv, q, setsOf(groups, q.cut, parts), groupOf)
}

// graphPart says which measures of an answer of the graph make up one measured property; -1 is not asked for.
type graphPart struct{ count, min, max, sum int }

func (n *measureNeed) graphPart(a *graph.Aggregation) graphPart {
	add := func(wanted bool, fn schema.FoldFunc) int {
		if !wanted {
			return -1
		}
		a.Measures = append(a.Measures, graph.Measure{Func: fn, Path: n.path})
		return len(a.Measures) - 1
	}
	return graphPart{add(true, schema.FoldCount), add(n.min, schema.FoldMin), add(n.max, schema.FoldMax), add(n.sum, schema.FoldSum)}
}

func setsOf(groups *graph.Groups, q *cutQuestion, parts []graphPart) [][]groupSum {
	sets := make([][]groupSum, len(groups.Offsets)-1)
	for s := range sets {
		from, to := groups.Set(s)
		sets[s] = make([]groupSum, 0, to-from)
		for i := from; i < to; i++ {
			g := groupSum{count: groups.Counts[i], cells: make([]sumCell, len(parts))}
			for k := range q.by {
				g.values, g.rows = append(g.values, groups.Key(k, i)), append(g.rows, groups.Row(k, i))
			}
			for n, p := range parts {
				value := func(m int) schema.Value {
					if m < 0 {
						return schema.Null
					}
					return groups.Value(m, i)
				}
				g.cells[n].fold.AddPart(value(p.count).Int(), value(p.min), value(p.max), value(p.sum))
			}
			sets[s] = append(sets[s], g)
		}
	}
	return sets
}

// idle says that nothing of a connection itself is to be read: only groups, which the graph or the source makes.
func (lv *level) idle(q *question) bool {
	return len(lv.cuts) > 0 && !lv.asked && len(q.folds) == 0
}

// settleCuts gives a frame to groups that were to be folded from candidates of lv, when there were none.
func (x *execution) settleCuts(lv *level) {
	if !x.has(lv) {
		return
	}
	for _, k := range lv.cuts {
		if x.folds(k) && !x.has(k) {
			x.frames[k.id] = x.unfolded(k, x.question(k), x.frames[lv.id])
		}
	}
}

// folds says whether groups are made of what their connection reads; the frames of all others belong to whoever asks for
// them, maybe at the same time.
func (x *execution) folds(k *level) bool {
	if !k.guards.hold(x.soonOrLate()) {
		return false
	}
	q := x.question(k)
	return q.err == nil && q.cut.err == nil && q.cut.folded
}

// unfolded is the groups of a connection without candidates, or which could not be read.
func (x *execution) unfolded(lv *level, q *question, of *frame) *frame {
	err := of.err
	var f *frame
	if err == nil {
		sets := make([][]groupSum, len(of.offsets)-1)
		for i := range sets {
			sets[i] = q.cut.table().finish()
		}
		f, err = x.cutFrame(lv, q, sets, of.groupOf)
	}
	if err != nil {
		f = &frame{level: lv, err: err, offsets: []int32{0}}
	}
	return f
}

// keySource finds the entities that are keys of groups.
type keySource struct{ field schema.Path }

func (s keySource) String() string { return "key " + string(s.field) }

func (s keySource) read(x *execution, lv *level, q *question) (*frame, error) {
	groups := x.frames[lv.parent.id]
	at := x.question(lv.parent).cut.keyAt(s.field)
	b := &graph.Batch{Rows: make([]graph.Row, groups.n)}
	for i := range b.Rows {
		b.Rows[i] = graph.NoRow
		if at >= 0 {
			b.Rows[i] = groups.sums[i].rows[at]
		}
	}
	cells, err := x.view.Read(x.ctx, b.Rows, q.columns)
	if err != nil {
		return nil, err
	}
	b.Cells = cells
	f := x.positional(lv, b, q.columns)
	f.offsets = make([]int32, f.n+1)
	for i := range f.offsets {
		f.offsets[i] = int32(i)
	}
	return f, nil
}

// keyAt returns the index of a key, -1 when groups are not made by it.
func (q *cutQuestion) keyAt(field schema.Path) int {
	if q != nil {
		for k := range q.by {
			if q.by[k].field == field {
				return k
			}
		}
	}
	return -1
}
