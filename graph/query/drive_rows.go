package query

import (
	"fmt"

	"mereon/connectors"
	"mereon/schema"
	"mereon/schema/fault"
)

// joinedRows are the rows of one join that a source gave without being asked for keys.
type joinedRows struct {
	failure connectors.Rows // its status, when the source failed: nothing is known of any key
	failed  bool
	groups  map[string]connectors.Rows // by the text of the key
	keys    [][]schema.Value
}

// askFirst asks the sources of a way for their rows, and makes of their keys a condition on the graph. Where the rows are
// too many, or the source fails, the graph goes first after all.
func (x *execution) askFirst(lv *level, d driven, way drive, candidates int) (driven, error) {
	d.rows = drivenRows{}
	where := &schema.Condition{Op: schema.Or}
	for _, l := range way.legs {
		rows, complete, err := x.askLeg(lv, l)
		if err != nil {
			return d, err
		}
		if !complete {
			return x.tooMany(l, candidates)
		}
		d.rows[l.related] = rows
		if rows.failed {
			d.where, d.why = nil, "graph first: "+l.related.record.Connector+" failed"
			return d, nil
		}
		if len(rows.keys) > 0 {
			where.Args = append(where.Args, l.candidates(rows.keys))
		}
	}
	d.empty = len(where.Args) == 0
	d.where = where
	if len(where.Args) == 1 {
		d.where = where.Args[0]
	}
	return d, nil
}

// tooMany falls back to the graph's side, or refuses when that is too large as well.
func (x *execution) tooMany(l *leg, candidates int) (driven, error) {
	record := l.related.record
	if candidates > x.budget() {
		return driven{}, fault.New(fault.Limit, "the filter on %s cannot be decided within the row budget of %d (limits.rows): "+
			"the graph has %d candidates, and more rows of %s %s match; filter more", l.related.field, x.budget(), candidates, record.Connector, record.Collection)
	}
	return driven{why: fmt.Sprintf("graph first: %s %s has more matching rows than the row budget of %d; %d candidates in the graph",
		record.Connector, record.Collection, x.budget(), candidates)}, nil
}

// askLeg reads the rows of one leg; complete is false when there are more than the row budget allows.
func (x *execution) askLeg(lv *level, l *leg) (rows *joinedRows, complete bool, err error) {
	columns := x.joinColumns(l.related)
	want := connectors.Want{Kind: connectors.Records, Collection: l.related.record.Collection, Where: l.where, Joins: l.related.joins, Limit: x.budget()}
	for _, c := range columns {
		want.Columns = append(want.Columns, string(c))
	}
	at := make([]int, len(l.related.join.On))
	for k, pair := range l.related.join.On {
		name := string(pair.Theirs)
		if at[k] = indexOf(want.Columns, name); at[k] < 0 {
			at[k] = len(want.Columns)
			want.Columns = append(want.Columns, name)
		}
	}
	answer := x.engine.source.Records(x.ctx, l.related.record.Connector, []connectors.Key{{}}, want)
	calledFor(x, lv, "records", l.related.record.Connector, want.Collection+" of "+l.related.field+", without keys, where "+brief(conditionText(l.where)), answer, 1)
	given := answer.Results[0]
	switch {
	case given.Status == connectors.Truncated || given.More:
		return nil, false, nil
	case !known(given.Status) || given.Status == connectors.BadData:
		return &joinedRows{failed: true, failure: given}, true, nil
	}
	if err := x.spend(given.Count); err != nil {
		return nil, false, err
	}
	return x.sortLeg(l, given, len(columns), len(want.Columns), at), true, nil
}

// sortLeg sorts rows by the key they join. A row with a null in its key joins nothing.
func (x *execution) sortLeg(l *leg, given connectors.Rows, kept, width int, at []int) *joinedRows {
	rows := &joinedRows{groups: map[string]connectors.Rows{}}
	for i := range given.Count {
		cells := given.Cells[i*width : (i+1)*width]
		key, ok := x.joinedKey(l.related, cells, at)
		if !ok {
			continue
		}
		text := keyText(key)
		group, seen := rows.groups[text]
		if !seen {
			rows.keys = append(rows.keys, key)
			group = connectors.Rows{Total: -1, Status: connectors.OK}
		}
		group.Cells = append(group.Cells, cells[:kept]...)
		group.Count++
		rows.groups[text] = group
	}
	return rows
}

// joinedKey reads the key of a row in the types of the record.
func (x *execution) joinedKey(r *relatedPredicate, cells []schema.Value, at []int) ([]schema.Value, bool) {
	key := make([]schema.Value, len(at))
	for k, pair := range r.join.On {
		p, ok := r.record.Property(string(pair.Theirs))
		if !ok {
			return nil, false
		}
		v, err := x.engine.catalog.recordValue(cells[at[k]], p)
		if err != nil || v.IsNull() {
			return nil, false
		}
		key[k] = v
	}
	return key, true
}

// of returns the rows of every key, as if the source had been asked for them.
func (j *joinedRows) of(keys []connectors.Key) []connectors.Rows {
	out := make([]connectors.Rows, len(keys))
	for i, k := range keys {
		out[i] = connectors.Rows{Total: -1, Status: connectors.Empty}
		if j.failed {
			out[i] = j.failure
		} else if group, ok := j.groups[keyText(k.Values)]; ok {
			out[i] = group
		}
	}
	return out
}

// joinColumns is what is read of the rows of a join to decide its condition.
func (x *execution) joinColumns(r *relatedPredicate) []schema.Path {
	q := &question{}
	add := &lateNeeds{q}
	add.column(schema.Path(r.record.Key))
	x.engine.catalog.predicateColumns(nil, r.where, add)
	return q.columns
}
