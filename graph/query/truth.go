package query

import (
	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
)

// truths decides p for every row of f, in three-valued logic: what needs a value that is not known is Unknown. nil for nil.
func (x *execution) truths(p *predicate, f *frame) ([]schema.Truth, error) {
	if p == nil {
		return nil, nil
	}
	switch {
	case p.pure != nil:
		return x.pureTruths(p.pure, f)
	case p.related != nil:
		return x.relatedTruths(p.related, f)
	case p.path != "":
		return x.valueTruths(p, f), nil
	}
	var out []schema.Truth
	for _, a := range p.args {
		t, err := x.truths(a, f)
		if err != nil {
			return nil, err
		}
		out = combine(p.op, out, t)
	}
	if out == nil {
		out = make([]schema.Truth, f.n)
		for i := range out {
			out[i] = schema.True
			if p.op == schema.Or {
				out[i] = schema.False
			}
		}
	}
	return out, nil
}

func combine(op schema.ConditionOp, a, b []schema.Truth) []schema.Truth {
	if op == schema.Not {
		for i := range b {
			b[i] = -b[i]
		}
		return b
	}
	if a == nil {
		return b
	}
	for i := range a {
		if op == schema.And {
			a[i] = min(a[i], b[i])
		} else {
			a[i] = max(a[i], b[i])
		}
	}
	return a
}

func (x *execution) valueTruths(p *predicate, f *frame) []schema.Truth {
	out := make([]schema.Truth, f.n)
	for i := range out {
		cell := x.federated(f, p.path, i)
		t := schema.True
		if p.test != nil {
			t = p.test.Eval(func(schema.Path) schema.Value { return cell.value }, nil)
		}
		if p.status != nil {
			status := schema.StringOf(string(cell.status))
			t = min(t, p.status.Eval(func(schema.Path) schema.Value { return status }, nil))
		}
		out[i] = t
	}
	return out
}

// pureTruths decides a condition over stored values: from the columns read, or, when it looks at related entities, by
// asking the graph which candidates fulfil it and which fulfil its opposite.
func (x *execution) pureTruths(c *schema.Condition, f *frame) ([]schema.Truth, error) {
	out := make([]schema.Truth, f.n)
	if !relates(c) {
		for i := range out {
			out[i] = c.Eval(func(p schema.Path) schema.Value {
				if at := f.columnOf(p); at >= 0 {
					return f.cell(at, i)
				}
				return schema.Null
			}, nil)
		}
		return out, nil
	}
	if err := x.mark(c, f, out, schema.True); err != nil {
		return nil, err
	}
	opposite := &schema.Condition{Op: schema.Not, Args: []*schema.Condition{c}}
	return out, x.mark(opposite, f, out, schema.False)
}

func (x *execution) mark(c *schema.Condition, f *frame, out []schema.Truth, t schema.Truth) error {
	b, err := x.view.Select(x.ctx, graph.Selection{Rows: f.rows, Where: c, Page: graph.Page{All: true}})
	if err != nil {
		return err
	}
	x.report_.batch()
	is := make(map[graph.Row]struct{}, len(b.Rows))
	for _, row := range b.Rows {
		is[row] = struct{}{}
	}
	for i, row := range f.rows {
		if _, ok := is[row]; ok {
			out[i] = t
		}
	}
	return nil
}

// relatedTruths decides a condition over what a relationship or join leads to: it reads the targets of all candidates at
// once, decides the inner condition for them, and counts per candidate.
func (x *execution) relatedTruths(r *relatedPredicate, f *frame) ([]schema.Truth, error) {
	targets, failed, err := x.targets(r, f)
	if err != nil {
		return nil, err
	}
	inner, err := x.truths(r.where, targets)
	if err != nil {
		return nil, err
	}
	out := make([]schema.Truth, f.n)
	for i := range out {
		if failed != nil && failed(i) {
			continue // stays Unknown
		}
		from, to := targets.group(i)
		out[i] = quantify(r, inner, from, to)
	}
	return out, nil
}

// quantify reduces the truths of one candidate's targets.
func quantify(r *relatedPredicate, inner []schema.Truth, from, to int) schema.Truth {
	var yes, no, unknown int
	for i := from; i < to; i++ {
		switch {
		case inner == nil || inner[i] == schema.True:
			yes++
		case inner[i] == schema.False:
			no++
		default:
			unknown++
		}
	}
	switch r.quantifier {
	case schema.Some:
		return some(yes, unknown)
	case schema.NoneOf:
		return -some(yes, unknown)
	case schema.Every:
		return -some(no, unknown)
	}
	return countTruth(r.count, yes, yes+unknown)
}

func some(found, unknown int) schema.Truth {
	switch {
	case found > 0:
		return schema.True
	case unknown > 0:
		return schema.Unknown
	}
	return schema.False
}

// countTruth compares a number that lies between low and high.
func countTruth(c *schema.Condition, low, high int) schema.Truth {
	t := c.Eval(func(schema.Path) schema.Value { return schema.IntOf(int64(low)) }, nil)
	for n := low + 1; n <= high; n++ {
		if c.Eval(func(schema.Path) schema.Value { return schema.IntOf(int64(n)) }, nil) != t {
			return schema.Unknown
		}
	}
	return t
}

// targets reads what a relationship or join of all rows of f leads to, with what deciding r.where takes. failed says for
// which rows the source of the targets failed.
func (x *execution) targets(r *relatedPredicate, f *frame) (*frame, func(int) bool, error) {
	lv := &level{name: r.field, types: r.types, shown: r.shown, record: r.record, parent: f.level, wanted: true, list: true}
	q := &question{types: r.types, columns: []schema.Path{graph.ColumnType}}
	if r.record != nil {
		q.columns = nil
		return x.recordTargets(r, f, lv, q)
	}
	x.engine.catalog.predicateColumns(r.types, r.where, &lateNeeds{q})
	var t *frame
	var err error
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
	x.askExtra(t, q)
	return t, nil, nil
}

func (x *execution) relationTargets(r *relatedPredicate, f *frame, lv *level, q *question) (*frame, error) {
	var push *schema.Condition
	if r.quantifier == schema.Some { // for the others, targets that fail the stored part count too
		push, _ = r.where.split()
	}
	b, err := x.view.Expand(x.ctx, graph.Expansion{
		From: f.rows, Steps: r.steps, Types: r.types, Where: push, Page: graph.Page{All: true}, Columns: q.columns,
	})
	if err != nil {
		return nil, err
	}
	x.report_.batch()
	return x.frameOf(lv, b, q.columns, nil)
}

func (x *execution) joinTargets(r *relatedPredicate, f *frame, lv *level, q *question) (*frame, error) {
	s := entityJoinSource{join: r.join, prefix: r.prefix}
	keys, groupOf := x.joinKeys(lv, f, s)
	if len(keys) == 0 {
		return &frame{level: lv, offsets: []int32{0}, groupOf: groupOf}, nil
	}
	x.report_.batch()
	return s.selectTargets(x, lv, q, keys, groupOf)
}

// recordTargets reads the records that all rows of f join, with the columns that deciding takes.
func (x *execution) recordTargets(r *relatedPredicate, f *frame, lv *level, q *question) (*frame, func(int) bool, error) {
	add := &lateNeeds{q}
	add.column(schema.Path(r.record.Key))
	x.engine.catalog.predicateColumns(nil, r.where, add)
	source := recordSource{join: r.join, prefix: r.prefix}
	want := connectors.Want{Kind: connectors.Records, Collection: r.record.Collection, Limit: x.budget()}
	if r.quantifier == schema.Some {
		want.Where, _ = r.where.split()
	}
	for _, c := range q.columns {
		want.Columns = append(want.Columns, string(c))
	}
	for _, pair := range r.join.On {
		want.KeyColumns = append(want.KeyColumns, string(pair.Theirs))
	}
	ask := &recordAsk{connector: r.record.Connector, want: want, index: map[string]int{}}
	part := recordPart{level: lv, q: &question{columns: q.columns, rest: r.where}, keyOf: make([]int32, f.n)}
	at := source.columns(f)
	for i := range f.n {
		part.keyOf[i] = ask.key(source.values(lv, nil, f, at, i))
	}
	var results []connectors.Rows
	if len(ask.keys) > 0 {
		answer := x.engine.source.Records(x.ctx, ask.connector, ask.keys, want)
		called(x, "records", ask.connector, want.Collection, answer, len(ask.keys))
		results = answer.Results
	}
	t := x.recordFrame(ask, part, results)
	if err := x.spend(t.n); err != nil {
		return nil, nil, err
	}
	return t, func(i int) bool { g := t.groupIndex(i); return g >= 0 && !known(t.facts[g].status) }, nil
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
