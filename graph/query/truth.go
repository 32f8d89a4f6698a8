package query

import (
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
	x.tally.batch()
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
	targets, failed, err := x.targets(r, f, nil)
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
