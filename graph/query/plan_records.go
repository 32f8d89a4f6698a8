package query

import (
	"slices"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// join plans a field that reaches records or entities by equal values, from an entity or a record.
func (p *planner) join(lv *level, prefix schema.Path, m merged, j *schema.Join, types typeSet) emit {
	for _, pair := range j.On {
		lv.column(inside(prefix, pair.Ours))
	}
	record := p.catalog.model.Records[j.Target]
	if record == nil {
		source := p.entityJoin(j, prefix)
		if j.Many {
			return p.many(lv, m, source, j.Target, types)
		}
		return p.one(lv, m, source, j.Target, types)
	}
	child := p.recordLevel(lv, m, record, recordSource{join: j, prefix: prefix}, types)
	child.list = j.Many
	if j.Many {
		return p.recordConnection(child, m)
	}
	return p.oneRecord(child, m)
}

func (p *planner) recordLevel(lv *level, m merged, record *schema.RecordType, source recordSource, types typeSet) *level {
	child, isNew := p.newLevel(lv, levelKey(m.field), m.field, m.guards, restrict(lv, types))
	if isNew {
		child.rows, child.record = source, record
	}
	return child
}

func (p *planner) oneRecord(child *level, m merged) emit {
	child.wanted = true
	fields := p.recordProgram(child, m)
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		w.sourceFailure(child.record.Connector, f.factsOf(i).status)
		from, to := f.group(i)
		if from == to {
			return isNull
		}
		return w.object(fields, f, from)
	}
}

// recordProgram plans the selection on rows of a record type.
func (p *planner) recordProgram(child *level, m merged) []outField {
	fields := merge(p.children(m.uses))
	out := make([]outField, 0, len(fields))
	for _, s := range fields {
		if p.err != nil {
			return nil
		}
		out = append(out, p.outField(s, p.recordField(child, s)))
	}
	return out
}

func (p *planner) recordField(child *level, m merged) emit {
	if m.field.Name == "__typename" {
		return constantText(string(child.record.Name))
	}
	found, ok := recordMember(child.record, m.field.Name)
	if !ok {
		p.fail(fault.New(fault.Internal, "field %s has no meaning in the model", m.field.Name))
		return nil
	}
	if found.join != nil {
		return p.join(child, "", m, found.join, nil)
	}
	if m.field.Arguments.ForName("unit") != nil && found.property.Unit != "" {
		return p.stored(child, m, found)
	}
	path := found.path
	child.column(path)
	return func(w *writer, f *frame, i int) outcome { return w.value(f.cell(f.columnOf(path), i)) }
}

// recordConnection plans a connection of records: null but for its status when the source failed.
func (p *planner) recordConnection(child *level, m merged) emit {
	selected := merge(p.children(m.uses))
	fields := make([]outField, 0, len(selected))
	for _, s := range selected {
		e := p.recordConnectionField(child, s)
		if s.field.Name != "status" && s.field.Name != "incomplete" && s.field.Name != "__typename" {
			e = unlessFailed(e)
		}
		fields = append(fields, p.outField(s, e))
	}
	connector := child.record.Connector
	return func(w *writer, _ *frame, i int) outcome {
		f := w.x.frames[child.id]
		if f.err != nil {
			return w.lost(f)
		}
		w.sourceFailure(connector, f.recordFacts(i).status)
		return w.object(fields, f, i)
	}
}

// recordFacts is what is known of the rows of parent row i; a parent that lacks a value has none.
func (f *frame) recordFacts(i int) groupFacts {
	if f.groupIndex(i) < 0 {
		return groupFacts{status: connectors.NotBound, total: 0}
	}
	return f.factsOf(i)
}

func unlessFailed(e emit) emit {
	return func(w *writer, f *frame, i int) outcome {
		if !known(f.recordFacts(i).status) {
			return isNull
		}
		return e(w, f, i)
	}
}

func (p *planner) recordConnectionField(child *level, m merged) emit {
	switch m.field.Name {
	case "nodes":
		child.wanted = true
		fields := p.recordProgram(child, m)
		return func(w *writer, f *frame, i int) outcome {
			from, to := f.group(i)
			return w.list(to-from, true, func(k int) outcome { return w.object(fields, f, from+k) })
		}
	case "edges":
		return p.recordEdges(child, m)
	case "pageInfo":
		return p.pageInfo(child, m)
	case "status":
		return func(w *writer, f *frame, i int) outcome { return w.text(string(f.recordFacts(i).status)) }
	}
	return p.connectionFact(child, m)
}

func (p *planner) recordEdges(child *level, m merged) emit {
	child.wanted = true
	var fields []outField
	for _, s := range merge(p.children(m.uses)) {
		switch s.field.Name {
		case "cursor":
			child.cursors = true
			fields = append(fields, p.outField(s, func(w *writer, f *frame, i int) outcome { return w.cursor(f, i) }))
		case "node":
			inner := p.recordProgram(child, s)
			fields = append(fields, p.outField(s, func(w *writer, f *frame, i int) outcome { return w.object(inner, f, i) }))
		default:
			fields = append(fields, p.outField(s, constantText(s.field.ObjectDefinition.Name)))
		}
	}
	return func(w *writer, f *frame, i int) outcome {
		from, to := f.group(i)
		return w.list(to-from, true, func(k int) outcome { return w.object(fields, f, from+k) })
	}
}

// entityJoinSource finds entities whose stored values equal those of the parents.
type entityJoinSource struct {
	join   *schema.Join
	prefix schema.Path
	unique schema.TypeName // scope of a unique key that is the whole join; "" for none
	many   bool
}

func (entityJoinSource) String() string { return "entities by value" }

func (p *planner) entityJoin(j *schema.Join, prefix schema.Path) entityJoinSource {
	s := entityJoinSource{join: j, prefix: prefix, many: j.Many}
	if len(j.On) != 1 {
		return s
	}
	if target := p.catalog.model.Types[j.Target]; target != nil {
		if property, ok := target.Property(j.On[0].Theirs); ok && property.Unique {
			s.unique = property.UniqueIn
		}
	}
	return s
}

func (s entityJoinSource) read(x *execution, lv *level, q *question) (*frame, error) {
	parent := x.frames[lv.parent.id]
	keys, groupOf := x.joinKeys(lv, parent, s)
	if len(keys) == 0 {
		return &frame{level: lv, offsets: []int32{0}, groupOf: groupOf}, nil
	}
	if s.single() && q.where == nil && !lv.list {
		return s.byKey(x, lv, q, keys, groupOf)
	}
	return s.bySelect(x, lv, q, keys, groupOf)
}

func (s entityJoinSource) single() bool {
	return s.unique != "" || len(s.join.On) == 1 && s.join.On[0].Theirs == graph.ColumnID
}

// joinKeys returns the distinct values of the parents, and which of them each parent row has.
func (x *execution) joinKeys(lv *level, parent *frame, s entityJoinSource) ([][]schema.Value, []int32) {
	source := recordSource{join: s.join, prefix: s.prefix}
	ask := recordAsk{index: map[string]int{}}
	at := source.columns(parent)
	groupOf := make([]int32, parent.n)
	for i := range parent.n {
		groupOf[i] = ask.key(source.values(lv, nil, parent, at, i))
	}
	keys := make([][]schema.Value, len(ask.keys))
	for k, key := range ask.keys {
		keys[k] = key.Values
	}
	return keys, groupOf
}

// byKey looks every value up in a unique key, or as an id.
func (s entityJoinSource) byKey(x *execution, lv *level, q *question, keys [][]schema.Value, groupOf []int32) (*frame, error) {
	values := make([]schema.Value, len(keys))
	ids := make([]graph.EntityID, len(keys))
	for k, key := range keys {
		values[k], ids[k] = key[0], graph.EntityID(key[0].Text())
	}
	var b *graph.Batch
	var err error
	if s.unique != "" {
		b, err = x.view.ByKey(x.ctx, s.unique, s.join.On[0].Theirs, values, q.columns)
	} else {
		b, err = x.view.Lookup(x.ctx, ids, q.columns)
	}
	if err != nil {
		return nil, err
	}
	f := x.positional(lv, b, q.columns)
	f.groupOf, f.offsets = groupOf, make([]int32, f.n+1)
	for i := range f.offsets {
		f.offsets[i] = int32(i)
	}
	return f, nil
}

// bySelect asks for every entity with one of the values, and filters, orders and pages the groups here.
func (s entityJoinSource) bySelect(x *execution, lv *level, q *question, keys [][]schema.Value, groupOf []int32) (*frame, error) {
	f, err := s.selectTargets(x, lv, q, keys, groupOf)
	if err != nil {
		return nil, err
	}
	x.askExtra(f, q)
	return x.window(f, q, lv)
}

// selectTargets asks for every entity with one of the values, and sorts them to their groups.
func (s entityJoinSource) selectTargets(x *execution, lv *level, q *question, keys [][]schema.Value, groupOf []int32) (*frame, error) {
	where := &schema.Condition{Op: schema.And}
	columns := q.columns
	for k, pair := range s.join.On {
		list := make([]schema.Value, len(keys))
		for i, key := range keys {
			list[i] = key[k]
		}
		where.Args = append(where.Args, &schema.Condition{Op: schema.In, Path: pair.Theirs, Value: schema.ListOf(list)})
		if !slices.Contains(columns, pair.Theirs) {
			columns = append(slices.Clip(columns), pair.Theirs)
		}
	}
	if q.push != nil {
		where.Args = append(where.Args, q.push)
	}
	b, err := x.view.Select(x.ctx, graph.Selection{
		Types: q.types, Where: where, Order: q.graphOrder, Page: graph.Page{All: true}, Columns: columns, Budget: x.budget(),
	})
	if err != nil {
		return nil, err
	}
	f, err := x.frameOf(lv, b, columns, nil)
	if err != nil {
		return nil, err
	}
	x.group(f, s.join, keys)
	f.groupOf = groupOf
	return f, nil
}
