package query

import (
	"slices"

	"mereon/graph"
	"mereon/schema"
)

// verdict is what is known of one condition over one row: its truth lies from low to high. They differ where a value that
// another system owes is not known, which may be anything; a stored value that is missing is known to be missing, and makes both
// Unknown. So a row is given when low is True, and leaves a connection incomplete when only high is.
type verdict struct{ low, high schema.Truth }

// undecided is the verdict over what another system did not say.
var undecided = verdict{schema.False, schema.True}

func surely(t schema.Truth) verdict { return verdict{t, t} }

func (v verdict) not() verdict { return verdict{-v.high, -v.low} }

// truths decides p for every row of f, in three-valued logic. nil for nil.
func (x *execution) truths(p *predicate, f *frame) ([]verdict, error) {
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
	var out []verdict
	for _, a := range p.args {
		t, err := x.truths(a, f)
		if err != nil {
			return nil, err
		}
		out = combine(p.op, out, t)
	}
	if out == nil {
		empty := surely(schema.True)
		if p.op == schema.Or {
			empty = surely(schema.False)
		}
		out = slices.Repeat([]verdict{empty}, f.n)
	}
	return out, nil
}

func combine(op schema.ConditionOp, a, b []verdict) []verdict {
	if op == schema.Not {
		for i := range b {
			b[i] = b[i].not()
		}
		return b
	}
	if a == nil {
		return b
	}
	for i := range a {
		if op == schema.And {
			a[i] = verdict{min(a[i].low, b[i].low), min(a[i].high, b[i].high)}
		} else {
			a[i] = verdict{max(a[i].low, b[i].low), max(a[i].high, b[i].high)}
		}
	}
	return a
}

func (x *execution) valueTruths(p *predicate, f *frame) []verdict {
	out := make([]verdict, f.n)
	for i := range out {
		cell := x.federated(f, p.path, i)
		t := schema.True
		if p.test != nil {
			t = p.test.Eval(func(schema.Path) schema.Value { return cell.value }, nil)
		}
		out[i] = surely(t)
		if t == schema.Unknown && cell.value.IsNull() {
			out[i] = undecided
		}
		if p.status != nil {
			status := schema.StringOf(string(cell.status))
			s := p.status.Eval(func(schema.Path) schema.Value { return status }, nil)
			out[i] = verdict{min(out[i].low, s), min(out[i].high, s)}
		}
	}
	return out
}

// pureTruths decides a condition over stored values: from the columns read, or, when it looks at related entities, by
// asking the graph which candidates fulfil it and which fulfil its opposite.
func (x *execution) pureTruths(c *schema.Condition, f *frame) ([]verdict, error) {
	out := make([]verdict, f.n)
	if !relates(c) {
		for i := range out {
			out[i] = surely(c.Eval(func(p schema.Path) schema.Value {
				if at := f.columnOf(p); at >= 0 {
					return f.cell(at, i)
				}
				return schema.Null
			}, nil))
		}
		return out, nil
	}
	if err := x.mark(c, f, out, schema.True); err != nil {
		return nil, err
	}
	opposite := &schema.Condition{Op: schema.Not, Args: []*schema.Condition{c}}
	return out, x.mark(opposite, f, out, schema.False)
}

func (x *execution) mark(c *schema.Condition, f *frame, out []verdict, t schema.Truth) error {
	b, err := x.view.Select(x.ctx, graph.Selection{Rows: f.rows, Where: c, Page: graph.Page{All: true}})
	if err != nil {
		return err
	}
	x.tally.batch()
	is := make(map[graph.Row]struct{}, len(b.Rows))
	for _, row := range b.Rows {
		is[row] = struct{}{}
	}
	for i, row := range f.rows {
		if _, ok := is[row]; ok {
			out[i] = surely(t)
		}
	}
	return nil
}

// relatedTruths decides a condition over what a relationship or join leads to: it reads the targets of all candidates at
// once, decides the inner condition for them, and counts per candidate.
func (x *execution) relatedTruths(r *relatedPredicate, f *frame) ([]verdict, error) {
	targets, failed, err := x.targets(r, f, nil)
	if err != nil {
		return nil, err
	}
	inner, err := x.truths(r.where, targets)
	if err != nil {
		return nil, err
	}
	out := make([]verdict, f.n)
	for i := range out {
		if failed != nil && failed(i) {
			out[i] = undecided
			continue
		}
		from, to := targets.group(i)
		if inner == nil {
			out[i] = quantify(r, slices.Repeat([]verdict{surely(schema.True)}, to-from))
		} else {
			out[i] = quantify(r, inner[from:to])
		}
	}
	return out, nil
}

// quantify reduces the verdicts of one candidate's targets.
func quantify(r *relatedPredicate, targets []verdict) verdict {
	some, every := surely(schema.False), surely(schema.True)
	least, most := 0, 0
	for _, t := range targets {
		some = verdict{max(some.low, t.low), max(some.high, t.high)}
		every = verdict{min(every.low, t.low), min(every.high, t.high)}
		least += b2i(t.low == schema.True)
		most += b2i(t.high == schema.True)
	}
	switch r.quantifier {
	case schema.Some:
		return some
	case schema.NoneOf:
		return some.not()
	case schema.Every:
		return every
	}
	return countTruth(r.count, least, most)
}

// countTruth compares a number that lies between least and most.
func countTruth(c *schema.Condition, least, most int) verdict {
	v := surely(c.Eval(func(schema.Path) schema.Value { return schema.IntOf(int64(least)) }, nil))
	for n := least + 1; n <= most; n++ {
		t := c.Eval(func(schema.Path) schema.Value { return schema.IntOf(int64(n)) }, nil)
		v = verdict{min(v.low, t), max(v.high, t)}
	}
	return v
}
