package query

import (
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/connectors"
	"mereon/graph/query/sdl"
	"mereon/schema"
	"mereon/schema/fault"
)

// joinedNeed is what all records that the members of a group join are together: the orders of the pumps of a hall.
type joinedNeed struct {
	key   string
	join  *schema.Join
	field *ast.Field
	sums  *level // stands for the records: what is measured, and what they are
}

// joinedQuestion is a joinedNeed with its filter understood.
type joinedQuestion struct {
	*joinedNeed
	where *schema.Condition
	rows  *relatedQuestion // where measures go on from the records: they are read row by row; nil: the source sums them up
}

// joinedSum is a group of joined records, or of what relationships lead to; failed is the status of a source that did not tell.
type joinedSum struct {
	groupSum
	failed connectors.Status
}

// joinedAggregate plans the records that the members of a group join.
func (p *planner) joinedAggregate(k *level, m merged, join *schema.Join) emit {
	at := k.cut.joinedNeed(join, p.catalog.model.Records[join.Target], m.field)
	need := k.cut.joined[at]
	fields := p.aggregateFields(need.sums, "", m)
	return func(w *writer, f *frame, i int) outcome { return w.joinedSum(fields, need.sums, f.sum(i).joined, at) }
}

// joinedSum writes what members of a group lead to; there is nothing of it where there is no group.
func (w *writer) joinedSum(fields []outField, of *level, sums []joinedSum, at int) outcome {
	if at >= len(sums) {
		return w.object(fields, &frame{level: of}, -1)
	}
	if failed := sums[at].failed; failed != "" {
		w.sourceFailure(of.record.Connector, failed)
		return isNull
	}
	return w.object(fields, &frame{level: of, sums: []groupSum{sums[at].groupSum}}, 0)
}

func (c *cut) joinedNeed(join *schema.Join, record *schema.RecordType, field *ast.Field) int {
	key := levelKey(field)
	for i, need := range c.joined {
		if need.key == key {
			return i
		}
	}
	c.joined = append(c.joined, &joinedNeed{key, join, field, &level{name: field.Name, record: record, cut: &cut{}}})
	return len(c.joined) - 1
}

// joinsRecords says whether a join leads from entities to records, so that these can be summed up.
func (c *catalog) joinsRecords(j *schema.Join) bool {
	return j != nil && c.model.Records[j.Target] != nil
}

// joinedArguments understands the filters of joined records. The source must be able to decide them.
func (c *catalog) joinedArguments(k *cut, variables map[string]any) (list []joinedQuestion, err error) {
	for _, need := range k.joined {
		args, err := argumentsOf(need.field, variables)
		if err != nil {
			return nil, err
		}
		where, err := filterScope{catalog: c, record: need.sums.record}.parse(args["where"])
		if err != nil {
			return nil, err
		}
		push, rest := where.split()
		if rest != nil {
			return nil, fault.New(fault.Invalid, "within an aggregate, %s can only be filtered by its own columns; ask for %sGroups with this filter", need.field.Name, need.sums.record.Singular)
		}
		q := joinedQuestion{joinedNeed: need, where: push}
		if len(need.sums.cut.related) > 0 {
			if q.rows, err = c.joinedRows(need, where, variables); err != nil {
				return nil, err
			}
		}
		list = append(list, q)
	}
	return list, nil
}

// joinedParts is what the records of each key are together, and the key of each row.
type joinedParts struct {
	keyOf []int32
	sums  []joinedSum
}

// joinedParts asks the source once for what the records of all rows of f that count are together.
func (x *execution) joinedParts(f *frame, lv *level, j *joinedQuestion, truths []verdict) (*joinedParts, error) {
	source := recordSource{join: j.join}
	record := j.sums.record
	want := connectors.Want{Kind: connectors.Records, Collection: record.Collection, Where: j.where}
	for _, pair := range j.join.On {
		want.KeyColumns = append(want.KeyColumns, string(pair.Theirs))
	}
	measureAll(&want, j.sums.cut.measures)
	ask := &recordAsk{connector: record.Connector, want: want, index: map[string]int{}}
	parts := &joinedParts{keyOf: make([]int32, f.n)}
	at := source.columns(f)
	for i := range f.n {
		key, ok := connectors.Key{}, false
		if truths == nil || truths[i].low == schema.True {
			key, ok = source.values(&level{}, nil, f, at, i)
		}
		parts.keyOf[i] = ask.key(key, ok)
	}
	if len(ask.keys) == 0 {
		return parts, nil
	}
	answer := x.engine.source.Records(x.ctx, ask.connector, ask.keys, want)
	calledFor(x, lv, "records", ask.connector, want.Collection, answer, len(ask.keys))
	reader := &groupReader{x: x, q: &cutQuestion{needs: j.sums.cut.measures}, record: record, width: len(want.Measures)}
	parts.sums = make([]joinedSum, len(answer.Results))
	for i, r := range answer.Results {
		if r.Status == connectors.Truncated {
			return nil, fault.New(fault.Limit, "%s: %s", ask.connector, r.Why)
		}
		table := reader.q.table()
		if known(factsOfRows(r, r.Count, false).status) && r.Count == 1 {
			reader.add(table, r.Cells)
		} else {
			parts.sums[i].failed = r.Status
		}
		parts.sums[i].groupSum = table.finish()[0]
	}
	return parts, nil
}

// add takes the records of one row into a group.
func (p *joinedParts) add(into *joinedSum, i int, needs int) {
	if p.keyOf[i] < 0 {
		return
	}
	part := &p.sums[p.keyOf[i]]
	if part.failed != "" && into.failed == "" {
		into.failed = part.failed
	}
	if into.cells == nil {
		into.cells = make([]sumCell, needs)
	}
	into.count += part.count
	into.incomplete = into.incomplete || part.incomplete
	for n := range part.cells {
		cell := &part.cells[n]
		into.cells[n].fold.AddPart(cell.fold.Count(), cell.fold.Of(schema.FoldMin), cell.fold.Of(schema.FoldMax), cell.fold.Of(schema.FoldSum))
		into.cells[n].incomplete = into.cells[n].incomplete || cell.incomplete
	}
}

// joinedField finds the join that a field of an aggregate of entities stands for.
func (p *planner) joinedField(k *level, prefix schema.Path, field string) (*schema.Join, bool) {
	if k.record != nil || prefix != "" {
		return nil, false
	}
	found, ok := p.catalog.aggregateMember(k, prefix, field, sdl.AggregateField)
	return found.join, ok && p.catalog.joinsRecords(found.join)
}
