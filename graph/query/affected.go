package query

import (
	"slices"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
)

// affectedSource is everything that can be reached over relationships and over joins to rows of other systems and back.
type affectedSource struct{}

func (affectedSource) String() string { return "affected" }

// affectedOrder marks cursors: by depth, entities before rows, then by id.
var affectedOrder = []orderKey{{path: "depth", federated: true}, {path: "kind", federated: true}}

func (affectedSource) pageOrder() []orderKey { return affectedOrder }

func (affectedSource) ask(c *catalog, _ *level, args map[string]any, q *question) (err error) {
	by := &affectedBy{}
	q.affected = by
	if q.steps, err = by.follow(c, textsOf(args["via"]), wayOf(args["direction"])); err != nil {
		return err
	}
	if q.maxDepth, err = stepCount("maxDepth", args["maxDepth"]); err != nil {
		return err
	}
	if err = by.understand(c, q, args["through"]); err != nil {
		return err
	}
	if q.walk.budget, err = stepCount("budget", args["budget"]); err != nil {
		return err
	}
	by.read(c, q)
	return nil
}

func (affectedSource) read(x *execution, lv *level, q *question) (*frame, error) {
	w, groupOf, err := x.walker(lv, q)
	if err != nil {
		return nil, err
	}
	if err := w.run(); err != nil {
		return nil, err
	}
	return w.frame(lv, groupOf)
}

// walker prepares the walks from the rows of the parents.
func (x *execution) walker(lv *level, q *question) (*walker, []int32, error) {
	from, groupOf := x.parents(lv)
	w, err := x.walkerFrom(lv, q, from)
	return w, groupOf, err
}

func (x *execution) walkerFrom(lv *level, q *question, from []graph.Row) (*walker, error) {
	w := &walker{x: x, q: q, by: q.affected, target: graph.NoRow, bare: &level{name: lv.name, shown: schema.EntityType, parent: lv.parent},
		groups: make([]walkGroup, len(from)), tables: map[schema.TypeName]*rowsOnWay{}}
	if w.budget = x.groupBudget(len(from)); q.walk.budget > 0 {
		w.budget = min(w.budget, q.walk.budget)
	}
	for name, r := range x.engine.catalog.model.Records {
		table := &rowsOnWay{level: &level{name: lv.name, record: r, parent: lv.parent}}
		for _, path := range w.by.columns[name] {
			table.columns = append(table.columns, string(path))
		}
		w.tables[name] = table
	}
	for _, child := range lv.children {
		if _, walked := child.rows.(walkedRows); walked {
			table := w.tables[child.record.Name]
			for _, path := range child.columns {
				if !slices.Contains(table.columns, string(path)) {
					table.columns = append(table.columns, string(path))
				}
			}
		}
	}
	cells, err := x.view.Read(x.ctx, from, w.by.stored)
	if err != nil {
		return nil, err
	}
	x.tally.batch()
	starts := &frame{level: w.bare, n: len(from), rows: from, cols: w.by.stored, cells: cells}
	for g, row := range from {
		w.groups[g] = walkGroup{start: row, seen: map[walkKey]bool{}}
		w.front = append(w.front, walkRef{g, -1, walkNode{row: row, cells: starts, at: g}})
	}
	return w, nil
}

// frame cuts the page of every group. Its rows are the nodes: entities, and NoRow for rows of other systems.
func (w *walker) frame(lv *level, groupOf []int32) (*frame, error) {
	f := &frame{level: lv, cols: w.q.columns, offsets: []int32{0}, groupOf: groupOf}
	page := w.q.page
	for g := range w.groups {
		group := &w.groups[g]
		first := 0
		for page.after != nil && first < len(group.nodes) && group.nodes[first].compareTo(page.after) <= 0 {
			first++
		}
		nodes := group.nodes[first:]
		facts := groupFacts{total: len(group.nodes), before: first > 0, more: len(nodes) > page.first, truncated: group.stopped != nil, incomplete: group.incomplete, status: connectors.OK}
		if facts.more {
			nodes, group.stopped = nodes[:page.first], nil
		}
		facts.more = facts.more || facts.truncated
		f.walked, f.facts, f.stopped = append(f.walked, nodes...), append(f.facts, facts), append(f.stopped, group.stopped)
		f.failed = append(f.failed, group.failed)
		f.offsets = append(f.offsets, int32(len(f.walked)))
	}
	f.n = len(f.walked)
	f.free = f.n // counted when they were met
	for _, n := range f.walked {
		f.rows = append(f.rows, n.row)
	}
	if f.n == 0 {
		return f, nil
	}
	var err error
	w.x.tally.batch()
	f.cells, err = w.x.view.Read(w.x.ctx, f.rows, f.cols)
	return f, err
}

// walkedRows are the rows of one record type among what is affected: row i of the frame belongs to node i.
type walkedRows struct{}

func (walkedRows) String() string { return "rows met" }

func (walkedRows) frame(x *execution, lv *level) *frame {
	parent := x.frames[lv.parent.id]
	f := &frame{level: lv, n: parent.n, cols: lv.columns, offsets: []int32{0}}
	if q := x.question(lv); q.err == nil {
		f.cols = q.columns
	}
	f.cells = make([]schema.Value, f.n*len(f.cols))
	for i := range f.n {
		if f.offsets = append(f.offsets, int32(i+1)); parent.walked[i].record != lv.record {
			continue
		}
		for c, path := range f.cols {
			if at := parent.walked[i].cells.columnOf(path); at >= 0 {
				f.cells[c*f.n+i] = parent.walked[i].cells.cell(at, parent.walked[i].at)
			}
		}
	}
	return f
}
