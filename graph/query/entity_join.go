package query

import (
	"slices"

	"mereon/graph"
	"mereon/schema"
)

// entityJoinSource finds entities whose stored values equal those of the parents.
type entityJoinSource struct {
	join   *schema.Join
	prefix schema.Path
	unique schema.TypeName // scope of a unique key that is the whole join; "" for none
}

func (entityJoinSource) String() string { return "entities by value" }

func (p *planner) entityJoin(j *schema.Join, prefix schema.Path) entityJoinSource {
	s := entityJoinSource{join: j, prefix: prefix}
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
