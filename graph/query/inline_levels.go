package query

import (
	"slices"

	"mereon/connectors"
	"mereon/schema"
)

// inlinedLevel is a level whose rows come with the rows of the level above, as the columns of a join.
type inlinedLevel struct {
	level *level
	name  string // of the join
	key   schema.Path
}

// inline rewrites what a level asks where its source, or that of a join in its filter, joins by itself. Groups are left alone:
// they are made of the question as it stands.
func (x *execution) inline(lv *level, q *question) *question {
	if q.err != nil || lv.cut != nil || len(q.folds) > 0 {
		return q
	}
	s := joinSet{record: lv.record}
	where, order := q.rest, q.order
	if x.engine.catalog.inlinable(q.rest, lv.record) {
		where = x.inlined(q.rest, &s)
	}
	if q.late && lv.record != nil {
		order = x.inlinedOrder(q.order, &s)
	}
	below := x.inlineChildren(lv, &s)
	if where == q.rest && len(s.list) == 0 {
		return q
	}
	out := *q
	if push, rest := where.split(); push != nil {
		out.push, out.rest = both(q.push, push), rest
	} else {
		out.rest = rest
	}
	out.order, out.joins, out.below = order, s.list, below
	out.late = slices.ContainsFunc(order, func(k orderKey) bool { return k.federated })
	x.engine.catalog.columnsOf(lv, &out)
	x.dynamicColumns(lv, &out)
	for _, child := range below {
		x.takeColumns(&out, child)
	}
	return &out
}

// inlineChildren finds the levels below that come with the rows of lv.
func (x *execution) inlineChildren(lv *level, s *joinSet) []inlinedLevel {
	if lv.record == nil {
		return nil
	}
	var below []inlinedLevel
	for _, child := range lv.children {
		source, ok := child.rows.(recordSource)
		if !ok || child.list || source.join == nil || source.prefix != "" || !child.guards.hold(x.guards) {
			continue
		}
		to, ok := x.inlines(lv.record, source.join)
		if !ok {
			continue
		}
		q := x.question(child)
		if q.err != nil {
			continue
		}
		s.add(source.join.Field, source.join, to, q.joins)
		below = append(below, inlinedLevel{child, source.join.Field, schema.Path(to.Key)})
	}
	return below
}

// takeColumns makes a question read what a level below needs.
func (x *execution) takeColumns(q *question, child inlinedLevel) {
	add := &lateNeeds{q}
	add.column(under(child.name, child.key))
	for _, c := range x.question(child.level).columns {
		add.column(under(child.name, c))
	}
}

// comesWith says whether the rows of child are columns of those of lv. Their frames are then set together.
func (x *execution) comesWith(lv, child *level) bool {
	q := x.questions[lv.id]
	return lv.record != nil && q != nil && lv.guards.hold(x.guards) && slices.ContainsFunc(q.below, func(b inlinedLevel) bool { return b.level == child })
}

// setRecordFrame sets the frame of a level of records, and those of the levels whose rows came with it: at most one row for
// each, none where there is nothing to read.
func (x *execution) setRecordFrame(lv *level, f *frame) {
	x.frames[lv.id] = f
	if q := x.questions[lv.id]; q != nil && (!f.unwanted || lv.guards.hold(x.guards)) {
		for _, child := range q.below {
			below := &frame{level: child.level, offsets: []int32{0}, unwanted: f.unwanted}
			if f.err == nil && f.n > 0 {
				below = x.inlinedFrame(f, child)
			}
			x.setRecordFrame(child.level, below)
		}
	}
}

func (x *execution) inlinedFrame(f *frame, child inlinedLevel) *frame {
	out := &frame{level: child.level, cols: x.question(child.level).columns, offsets: make([]int32, 1, f.n+1), facts: make([]groupFacts, f.n)}
	key := f.columnOf(under(child.name, child.key))
	var rows []int
	for i := range f.n {
		out.facts[i] = groupFacts{total: 0, status: connectors.Empty}
		if !f.cell(key, i).IsNull() {
			rows = append(rows, i)
			out.facts[i] = groupFacts{total: 1, status: connectors.OK}
		}
		out.offsets = append(out.offsets, int32(len(rows)))
	}
	out.n = len(rows)
	out.cells = make([]schema.Value, 0, out.n*len(out.cols))
	for _, column := range out.cols {
		at := f.columnOf(under(child.name, column))
		for _, i := range rows {
			out.cells = append(out.cells, f.cell(at, i))
		}
	}
	return out
}
