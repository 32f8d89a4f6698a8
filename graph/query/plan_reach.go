package query

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"mereon/graph"
	"mereon/schema"
)

// reachSource is everything that can be reached over relationships.
type reachSource struct{}

func (reachSource) String() string { return "reach" }

func (reachSource) ask(c *catalog, _ *level, args map[string]any, q *question) (err error) {
	if q.steps, err = c.steps(textsOf(args["via"]), args["direction"]); err != nil {
		return err
	}
	if q.maxDepth, err = stepCount("maxDepth", args["maxDepth"]); err != nil {
		return err
	}
	if err = q.walk.understand(c, args); err == nil && q.walk.decide != nil {
		q.affected = &affectedBy{}
		q.affected.read(c, q)
	}
	return err
}

// steps understands names of relationships and a direction.
func (c *catalog) steps(via []string, direction any) ([]graph.Step, error) {
	way := wayOf(direction)
	if via == nil {
		via = slices.Sorted(maps.Keys(c.model.Relations))
	}
	steps := make([]graph.Step, len(via))
	for i, name := range via {
		if c.model.Relations[name] == nil {
			names := make([]string, 0, len(c.model.Relations))
			for n := range c.model.Relations {
				names = append(names, n)
			}
			return nil, unknownName("relationship", name, names)
		}
		steps[i] = graph.Step{Relation: name, Direction: way}
	}
	return steps, nil
}

func wayOf(direction any) graph.Direction {
	switch direction {
	case "IN":
		return graph.In
	case "BOTH":
		return graph.Both
	}
	return graph.Out
}

// reachOrder marks cursors into what was reached: its order is by depth, then id.
var reachOrder = []orderKey{{path: "depth", federated: true}}

func (reachSource) pageOrder() []orderKey { return reachOrder }

// read takes everything within the row budget, since the way to each entity may be wanted, and cuts the page out here.
func (s reachSource) read(x *execution, lv *level, q *question) (*frame, error) {
	from, groupOf := x.parents(lv)
	b, incomplete, err := x.reached(lv, q, s.asks(x, lv, q, from))
	if err != nil {
		return nil, err
	}
	f, err := x.frameOf(lv, b, q.columns, groupOf)
	if err != nil {
		return nil, err
	}
	if f.facts == nil {
		f.facts = make([]groupFacts, len(f.offsets)-1)
	}
	for g, some := range incomplete {
		f.facts[g].incomplete = some
	}
	f.stopped = b.Stopped
	x.askExtra(f, q)
	return f, x.pickReached(f, q, lv)
}

func (reachSource) asks(x *execution, lv *level, q *question, from []graph.Row) graph.Reach {
	ask := graph.Reach{From: from, Steps: q.steps, MaxDepth: q.maxDepth, Through: q.walk.through, Page: graph.Page{All: true},
		Columns: q.columns, Paths: lv.paths, Budget: x.groupBudget(len(from)), Past: q.page.after}
	if q.walk.budget > 0 {
		ask.Budget = min(ask.Budget, q.walk.budget)
	}
	if !lv.paths {
		ask.Types, ask.Where = q.types, q.push
	}
	return ask
}

func (s reachSource) next(x *execution, lv *level, q *question) graph.Next {
	if q.walk.decide != nil {
		return graph.Next{}
	}
	return reachNext(s.asks(x, lv, q, nil))
}

// pickReached filters what was reached and cuts the page of every group; the frame keeps all rows, for the ways.
func (x *execution) pickReached(f *frame, q *question, lv *level) error {
	where, all := q.rest, lv.paths || q.walk.decide != nil
	if all {
		where = q.where
	}
	truths, err := x.truths(where, f)
	if err != nil {
		return err
	}
	x.foldReached(f, q, lv, truths)
	f.keyed = [][]schema.Value{make([]schema.Value, f.n)}
	for i := range f.n {
		f.keyed[0][i] = schema.IntOf(int64(f.depth[i]))
	}
	paged := question{order: reachOrder, page: q.page}
	offsets := []int32{0}
	for g := range f.facts {
		rows, unknown := f.fulfilling(g, truths)
		if all && q.types != nil {
			rows = slices.DeleteFunc(rows, func(i int32) bool {
				_, is := slices.BinarySearch(q.types, f.typeOf(int(i)))
				return !is
			})
		}
		facts := &f.facts[g]
		facts.incomplete = facts.incomplete || unknown
		x.sortRows(f, reachOrder, rows)
		facts.total = len(rows)
		rows, facts.before, facts.more = x.cut(f, &paged, rows)
		if facts.more {
			f.stopped[g] = nil // the page ends at its last row, before the search does
		}
		facts.more = facts.more || facts.truncated
		f.picked = append(f.picked, rows...)
		offsets = append(offsets, int32(len(f.picked)))
	}
	f.offsets = offsets
	f.free = f.reachedBefore(q.page.after)
	return nil
}

// reachedBefore counts the rows up to a place: they were paid for when they were given.
func (f *frame) reachedBefore(at *graph.Cursor) (n int) {
	if at == nil {
		return 0
	}
	id := f.columnOf(graph.ColumnID)
	for i := range f.n {
		if c := cmp.Compare(int64(f.depth[i]), at.Keys[0].Int()); c < 0 || c == 0 && f.cell(id, i).Text() <= string(at.ID) {
			n++
		}
	}
	return n
}

// reach plans the field reach.
func (p *planner) reach(lv *level, m merged, types typeSet) emit {
	child := p.entityLevel(lv, m, reachSource{}, "", types)
	child.list, child.wanted, child.cursors = true, true, true
	child.column(graph.ColumnID)
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.reachField(child, s)))
	}
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		w.undecided(f, i)
		return w.object(fields, f, i)
	}
}

func (p *planner) reachField(child *level, m merged) emit {
	switch m.field.Name {
	case "nodes":
		fields := p.reachedProgram(child, m)
		return func(w *writer, f *frame, i int) outcome {
			from, to := f.group(i)
			return w.list(to-from, true, func(k int) outcome { return w.object(fields, f, int(f.picked[from+k])) })
		}
	case "edges":
		return p.reachEdges(child, m)
	case "pageInfo":
		return p.reachPage(m)
	}
	return p.connectionFact(child, m)
}

func (p *planner) reachedProgram(child *level, m merged) []outField {
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		fields = append(fields, p.outField(s, p.reachedField(child, s)))
	}
	return fields
}

func (p *planner) reachedField(child *level, m merged) emit {
	switch m.field.Name {
	case "entity":
		inner := p.entity(child, "", p.children(m.uses), child.types)
		return func(w *writer, f *frame, i int) outcome { return inner.entity(w, f, i) }
	case "depth":
		return func(w *writer, f *frame, i int) outcome {
			w.buf = strconv.AppendInt(w.buf, int64(f.depth[i]), 10)
			return wrote
		}
	case "path":
		child.paths = true
		inner := p.entity(child, "", p.children(m.uses), child.types)
		return func(w *writer, f *frame, i int) outcome {
			way := f.way(i)
			return w.list(len(way), true, func(k int) outcome { return inner.entity(w, f, way[k]) })
		}
	}
	return constantText(typenameOf(m.field))
}

// way returns the rows from the first after the start to row i.
func (f *frame) way(i int) []int {
	way := make([]int, f.depth[i])
	for k := len(way) - 1; k >= 0 && i >= 0; k-- {
		way[k] = i
		i = int(f.via[i])
	}
	return way
}

func (p *planner) reachEdges(child *level, m merged) emit {
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		switch s.field.Name {
		case "cursor":
			fields = append(fields, p.outField(s, func(w *writer, f *frame, i int) outcome { return w.reachCursor(f, i) }))
		case "node":
			inner := p.reachedProgram(child, s)
			fields = append(fields, p.outField(s, func(w *writer, f *frame, i int) outcome { return w.object(inner, f, i) }))
		default:
			fields = append(fields, p.outField(s, constantText(typenameOf(s.field))))
		}
	}
	return func(w *writer, f *frame, i int) outcome {
		from, to := f.group(i)
		return w.list(to-from, true, func(k int) outcome { return w.object(fields, f, int(f.picked[from+k])) })
	}
}

func (w *writer) reachCursor(f *frame, i int) outcome {
	w.buf = append(w.buf, '"')
	w.buf = w.x.engine.catalog.appendCursor(w.buf, orderHash(f.level, reachOrder), func(int) schema.Value {
		return schema.IntOf(int64(f.depth[i]))
	}, 1, f.cell(f.columnOf(graph.ColumnID), i).Text())
	w.buf = append(w.buf, '"')
	return wrote
}

// reachPlace writes where the budget ended a search as a cursor.
func (w *writer) reachPlace(at *graph.Cursor) outcome {
	w.buf = append(w.buf, '"')
	w.buf = w.x.engine.catalog.appendCursor(w.buf, orderHash(&level{}, reachOrder), func(k int) schema.Value { return at.Keys[k] }, len(at.Keys), string(at.ID))
	w.buf = append(w.buf, '"')
	return wrote
}

func (p *planner) reachPage(m merged) emit {
	return p.walkPage(m, (*writer).reachPlace, func(w *writer, f *frame, at int) outcome { return w.reachCursor(f, int(f.picked[at])) })
}

// walkPage writes the page info of what was walked to: row writes the cursor of one row, and place that of where the
// budget ended the walk, which is the end of the page then.
func (p *planner) walkPage(m merged, place func(*writer, *graph.Cursor) outcome, row func(w *writer, f *frame, at int) outcome) emit {
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		e := pageInfoField(&level{}, s)
		if end := s.field.Name == "endCursor"; end || s.field.Name == "startCursor" {
			e = func(w *writer, f *frame, i int) outcome {
				from, to := f.group(i)
				switch g := f.groupIndex(i); {
				case end && g >= 0 && f.stopped[g] != nil:
					return place(w, f.stopped[g])
				case from == to:
					return isNull
				case end:
					return row(w, f, to-1)
				}
				return row(w, f, from)
			}
		}
		fields = append(fields, p.outField(s, e))
	}
	return func(w *writer, f *frame, i int) outcome { return w.object(fields, f, i) }
}
