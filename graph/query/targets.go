package query

import (
	"slices"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
)

// targets reads what a relationship or join of all rows of f leads to, with what deciding r.where and ordering by key (nil:
// nothing) take. failed says for which rows the source of the targets failed; nil: for none.
func (x *execution) targets(r *relatedPredicate, f *frame, key *orderKey) (t *frame, failed func(int) bool, err error) {
	lv := &level{name: r.field, types: r.types, shown: r.shown, record: r.record, parent: f.level, wanted: true, list: true}
	q := &question{types: r.types, columns: []schema.Path{graph.ColumnType}}
	if r.record != nil {
		q.columns = nil
		return x.recordTargets(r, f, lv, q, key)
	}
	add := &lateNeeds{q}
	if r.also != nil {
		r.also(add)
	}
	x.engine.catalog.predicateColumns(r.types, r.where, add)
	if key != nil {
		add.column(graph.ColumnID)
		x.engine.catalog.keyColumns(r.types, key, add)
	}
	if r.join != nil {
		t, err = x.joinTargets(r, f, lv, q)
	} else {
		t, err = x.relationTargets(r, f, lv, q)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := x.spend(t.n); err != nil {
		return nil, nil, err
	}
	t.driven = f.driven
	x.askExtra(t, q)
	return t, nil, nil
}

func (x *execution) relationTargets(r *relatedPredicate, f *frame, lv *level, q *question) (*frame, error) {
	if err := x.affords(f.rows, r.steps, graph.Page{All: true}); err != nil {
		return nil, err
	}
	b, err := x.view.Expand(x.ctx, graph.Expansion{
		From: f.rows, Steps: r.steps, Types: r.types, Where: r.pushed(), Page: graph.Page{All: true}, Columns: q.columns,
	})
	if err != nil {
		return nil, err
	}
	x.tally.batch()
	return x.frameOf(lv, b, q.columns, nil)
}

func (x *execution) joinTargets(r *relatedPredicate, f *frame, lv *level, q *question) (*frame, error) {
	s := entityJoinSource{join: r.join, prefix: r.prefix}
	keys, groupOf := x.joinKeys(lv, f, s)
	if len(keys) == 0 {
		return &frame{level: lv, offsets: []int32{0}, groupOf: groupOf}, nil
	}
	x.tally.batch()
	q.push = r.pushed()
	return s.selectTargets(x, lv, q, keys, groupOf)
}

// recordTargets reads the records that all rows of f join, with the columns that deciding takes.
func (x *execution) recordTargets(r *relatedPredicate, f *frame, lv *level, q *question, key *orderKey) (*frame, func(int) bool, error) {
	q.columns = x.joinColumns(r)
	if key != nil {
		x.engine.catalog.keyColumns(nil, key, &lateNeeds{q})
	}
	if r.also != nil {
		r.also(&lateNeeds{q})
	}
	source := recordSource{join: r.join, prefix: r.prefix}
	want := connectors.Want{Kind: connectors.Records, Collection: r.record.Collection, Joins: r.joins, Where: r.pushed(), Limit: x.budget()}
	if key != nil { // as the field shows it: the first row by its key
		want.PerKey, want.Order = 1, []connectors.Order{{Column: r.record.Key}}
	}
	for _, c := range q.columns {
		want.Columns = append(want.Columns, string(c))
	}
	for _, pair := range r.join.On {
		want.KeyColumns = append(want.KeyColumns, string(pair.Theirs))
	}
	ask := &recordAsk{connector: r.record.Connector, want: want, index: map[string]int{}}
	part := recordPart{level: lv, q: q, keyOf: make([]int32, f.n), all: true}
	at := source.columns(f)
	for i := range f.n {
		part.keyOf[i] = ask.key(source.values(lv, nil, f, at, i))
	}
	var results []connectors.Rows
	if rows := f.driven[r]; rows != nil {
		results = rows.of(ask.keys)
	} else if len(ask.keys) > 0 {
		answer := x.engine.source.Records(x.ctx, ask.connector, ask.keys, want)
		calledFor(x, f.level, "records", ask.connector, want.Collection+" of "+r.field+", by key, to decide", answer, len(ask.keys))
		results = answer.Results
		if key == nil && cutOff(results) {
			return nil, nil, x.overBudget()
		}
	}
	t := x.recordFrame(ask, part, results)
	if err := x.spend(t.n); err != nil {
		return nil, nil, err
	}
	t.driven = f.driven
	return t, func(i int) bool {
		g := t.groupIndex(i)
		return g >= 0 && !t.facts[g].decidable(t.offsets[g+1] > t.offsets[g])
	}, nil
}

// cutOff says whether rows are missing because they are too many.
func cutOff(results []connectors.Rows) bool {
	return slices.ContainsFunc(results, func(r connectors.Rows) bool { return r.More || r.Status == connectors.Truncated })
}

// decidable says whether a filter over the rows of a group can be decided. Rows with a value that does not fit the model
// can, rows that were not taken at all because the source lied cannot.
func (g groupFacts) decidable(rows bool) bool {
	return known(g.status) && (g.status != connectors.BadData || rows)
}

// decideRecords filters and pages the rows of a record level whose filter looks beyond its own columns.
func (x *execution) decideRecords(part recordPart, f *frame) *frame {
	facts := f.facts
	out, err := x.window(f, part.q, part.level)
	if err != nil {
		return &frame{level: part.level, err: x.told(err), offsets: []int32{0}}
	}
	out.groupOf = part.keyOf
	for g := range out.facts {
		out.facts[g].status, out.facts[g].why = facts[g].status, facts[g].why
		if facts[g].status == connectors.OK && out.facts[g].total == 0 {
			out.facts[g].status = connectors.Empty
		}
	}
	return out
}
