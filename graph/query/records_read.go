package query

import (
	"mereon/connectors"
	"mereon/schema"
	"mereon/schema/fault"
)

// askRecords makes one call and builds the frames of every level it was made for.
func (x *execution) askRecords(ask *recordAsk, guards uint64) {
	if len(ask.keys) == 0 {
		defer x.takeTurn(guards)()
		for _, part := range ask.parts {
			x.setRecords(ask, part, nil)
		}
		return
	}
	answer := x.engine.source.Records(x.ctx, ask.connector, ask.keys, ask.want)
	defer x.takeTurn(guards)()
	ask.calledForAll(x, answer)
	if ask.counts {
		x.recount(ask, answer.Results)
	}
	for _, part := range ask.parts {
		x.setRecords(ask, part, answer.Results)
	}
}

// setRecords makes the frame of a level of what its source sent, and those of its groups.
func (x *execution) setRecords(ask *recordAsk, part recordPart, results []connectors.Rows) {
	var f *frame
	switch {
	case part.level.cut != nil:
		f = x.groupFrame(ask, part, results)
	case part.q.decided() && cutOff(results):
		f = &frame{level: part.level, err: x.overBudget(), offsets: []int32{0}}
	default:
		f = x.recordFrame(ask, part, results)
	}
	if err := x.spend(f.n); err != nil { // all rows that are looked at
		f = &frame{level: part.level, err: err, offsets: []int32{0}}
	}
	if part.level.cut == nil && f.err == nil && part.q.decided() {
		f = x.decideRecords(part, f)
	}
	x.setRecordFrame(part.level, f)
	x.settleCuts(part.level)
}

// recordFrame lays the rows of every key out as one frame; parents with the same key share a group.
func (x *execution) recordFrame(ask *recordAsk, part recordPart, results []connectors.Rows) *frame {
	lv := part.level
	f := &frame{level: lv, cols: part.q.columns, groupOf: part.keyOf, offsets: []int32{0}}
	limit := x.recordLimit(part)
	for _, r := range results {
		count := r.Count
		if limit >= 0 {
			count = min(count, limit)
		}
		f.n += count
		f.offsets = append(f.offsets, int32(f.n))
		f.facts = append(f.facts, factsOfRows(r, count, part.q.page.after != nil))
	}
	width := len(ask.want.Columns)
	f.cells = make([]schema.Value, len(f.cols)*f.n)
	for c, path := range f.cols {
		from := indexOf(ask.want.Columns, string(path))
		p, _ := x.engine.catalog.joinedColumn(lv.record, path)
		for k, r := range results {
			for i := range int(f.offsets[k+1] - f.offsets[k]) {
				v, err := x.engine.catalog.recordValue(r.Cells[i*width+from], p)
				if err != nil {
					f.facts[k].status, f.facts[k].why = connectors.BadData, err.Error()
				}
				f.cells[c*f.n+int(f.offsets[k])+i] = v
			}
		}
	}
	return f
}

// recordLimit is how many rows of one key are given; -1 for all.
func (x *execution) recordLimit(part recordPart) int {
	switch {
	case !part.level.list:
		return 1
	case part.all || part.q.decided():
		return -1
	case !part.level.wanted:
		return 0
	}
	return part.q.page.first
}

func factsOfRows(r connectors.Rows, given int, after bool) groupFacts {
	facts := groupFacts{total: r.Total, status: r.Status, why: r.Why, before: after, more: r.More || r.Count > given}
	if facts.status == "" {
		facts.status = connectors.OK
	}
	if facts.status == connectors.OK && r.Count == 0 {
		facts.status = connectors.Empty
	}
	if facts.status == connectors.Empty && facts.total < 0 {
		facts.total = 0
	}
	return facts
}

// recordValue checks a cell of a row against the record type.
func (c *catalog) recordValue(v schema.Value, p *schema.Property) (schema.Value, error) {
	if v.IsNull() || fits(v, p.Type) {
		return v, nil
	}
	out, err := schema.ParseValue(v, p.Type, c.model)
	if err != nil {
		return schema.Null, fault.Wrap(fault.Invalid, err, "column %s", p.Name)
	}
	return out, nil
}

func indexOf(list []string, s string) int {
	for i, e := range list {
		if e == s {
			return i
		}
	}
	return -1
}

// known says whether rows of another system are known to be all there are: nothing failed.
func known(s connectors.Status) bool {
	switch s {
	case connectors.OK, connectors.Empty, connectors.NotBound, connectors.BadData, connectors.Truncated, connectors.Stale:
		return true
	}
	return false
}
