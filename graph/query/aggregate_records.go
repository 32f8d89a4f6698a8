package query

import (
	"fmt"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// collectCut adds what a level of groups of records asks of its source: for all parents at once. Groups that are folded
// come with their connection.
func (x *execution) collectCut(asks *recordAsks, lv *level) {
	if x.folds(lv) || x.has(lv) {
		return
	}
	if !lv.guards.hold(x.guards) {
		x.frames[lv.id] = unwanted(lv)
		return
	}
	parent := x.frames[lv.parent.id]
	if parent == nil || parent.err != nil {
		x.frames[lv.id] = unwanted(lv)
		return
	}
	q := x.question(lv)
	err := q.err
	if err == nil {
		err = q.cut.err
	}
	if err != nil {
		x.frames[lv.id] = &frame{level: lv, err: err, offsets: []int32{0}}
		return
	}
	s := lv.rows.(cutSource).of.(recordSource)
	ask := &recordAsk{connector: lv.record.Connector, name: lv.name, want: x.groupWant(lv, q, s), index: map[string]int{}}
	part := recordPart{level: lv, q: q, keyOf: make([]int32, parent.n)}
	at := s.columns(parent)
	for i := range parent.n {
		part.keyOf[i] = ask.key(s.values(lv, q, parent, at, i))
	}
	ask.parts = append(ask.parts, part)
	asks.list = append(asks.list, ask)
}

// groupWant states the question for groups in the words of connectors: keys k0, k1 ..., then the number of rows, then the
// parts of every measure. One group more than may be given tells whether there are more.
func (x *execution) groupWant(lv *level, q *question, s recordSource) connectors.Want {
	w := connectors.Want{Kind: connectors.Records, Collection: lv.record.Collection, Where: q.push}
	if s.join != nil {
		for _, pair := range s.join.On {
			w.KeyColumns = append(w.KeyColumns, string(pair.Theirs))
		}
		w.PerKey = x.engine.limits.First + 1
	} else {
		w.Limit = x.engine.limits.First + 1
	}
	key := func(column schema.Path, bucket connectors.Bucket) {
		w.Group = append(w.Group, connectors.GroupBy{Column: string(column), As: fmt.Sprint("k", len(w.Group)), Bucket: bucket})
	}
	for _, k := range q.cut.by {
		if k.join == nil {
			key(k.path, k.bucket)
			continue
		}
		for _, pair := range k.join.On {
			key(pair.Ours, connectors.Bucket{})
		}
	}
	measureAll(&w, q.cut.needs)
	return w
}

// measureAll asks for the number of rows and the parts of every measure.
func measureAll(w *connectors.Want, needs []measureNeed) {
	measure := func(wanted bool, fn connectors.Aggregate, column schema.Path) {
		if wanted {
			w.Measures = append(w.Measures, connectors.Measure{Func: fn, Column: string(column), As: fmt.Sprint("m", len(w.Measures))})
		}
	}
	measure(true, connectors.Count, "")
	for _, n := range needs {
		measure(true, connectors.Count, n.path)
		measure(n.min, connectors.Min, n.path)
		measure(n.max, connectors.Max, n.path)
		measure(n.sum, connectors.Sum, n.path)
	}
}

// groupFrame makes the frame of a level of groups from what its source counted.
func (x *execution) groupFrame(ask *recordAsk, part recordPart, results []connectors.Rows) *frame {
	f, err := x.groupsOf(ask, part, results)
	if err != nil {
		return &frame{level: part.level, err: x.told(err), offsets: []int32{0}}
	}
	for g, r := range results {
		facts := factsOfRows(r, r.Count, false)
		f.facts[g].status, f.facts[g].why = facts.status, facts.why
	}
	return f
}

func (x *execution) groupsOf(ask *recordAsk, part recordPart, results []connectors.Rows) (*frame, error) {
	q := part.q.cut
	sets := make([][]groupSum, len(results))
	reader := &groupReader{x: x, q: q, record: part.level.record, width: len(ask.want.Group) + len(ask.want.Measures)}
	if err := reader.join(results); err != nil {
		return nil, err
	}
	for g, r := range results {
		switch {
		case r.Status == connectors.Truncated:
			return nil, fault.New(fault.Limit, "%s: %s", ask.connector, r.Why)
		case r.More:
			return nil, tooManyGroups(x.engine.limits.First)
		}
		table := q.table()
		for i := range r.Count {
			reader.add(table, r.Cells[i*reader.width:(i+1)*reader.width])
		}
		sets[g] = table.finish()
	}
	return x.cutFrame(part.level, part.q, sets, part.keyOf)
}

// groupReader reads groups as a source sends them. Groups whose keys lead to the same entity become one.
type groupReader struct {
	x      *execution
	q      *cutQuestion
	record *schema.RecordType
	width  int
	joined map[int]map[string]keyPart // by key: entities by the values that lead to them
	keys   []keyPart
}

// join finds the entities that keys lead to, for all groups at once.
func (r *groupReader) join(results []connectors.Rows) error {
	r.joined = map[int]map[string]keyPart{}
	at := 0
	for k := range r.q.by {
		join := r.q.by[k].join
		if join == nil {
			at++
			continue
		}
		found, values := map[string]keyPart{}, [][]schema.Value(nil)
		for _, rows := range results {
			for i := range rows.Count {
				cells := rows.Cells[i*r.width+at : i*r.width+at+len(join.On)]
				if text := keyText(cells); found[text].id == "" {
					found[text] = keyPart{row: graph.NoRow, id: "-"}
					values = append(values, cells)
				}
			}
		}
		parts, err := r.x.joinedKeys(&r.q.by[k], values)
		if err != nil {
			return err
		}
		for i, v := range values {
			found[keyText(v)] = parts[i]
		}
		r.joined[k] = found
		at += len(join.On)
	}
	return nil
}

// add takes one group of the source.
func (r *groupReader) add(table *sumTable, cells []schema.Value) {
	r.keys = r.keys[:0]
	bad := false
	for k := range r.q.by {
		if join := r.q.by[k].join; join != nil {
			r.keys = append(r.keys, r.joined[k][keyText(cells[:len(join.On)])])
			cells = cells[len(join.On):]
			continue
		}
		v, err := r.x.engine.catalog.recordValue(cells[0], r.q.by[k].property)
		bad = bad || err != nil
		r.keys = append(r.keys, keyPart{value: v, row: graph.NoRow})
		cells = cells[1:]
	}
	g := table.group(r.keys)
	g.count += int(cells[0].Int())
	g.incomplete = g.incomplete || bad
	cells = cells[1:]
	for n := range r.q.needs {
		cells = r.measure(&r.q.needs[n], &g.cells[n], cells)
	}
}

func (r *groupReader) measure(n *measureNeed, into *sumCell, cells []schema.Value) []schema.Value {
	count := cells[0].Int()
	cells = cells[1:]
	next := func(wanted bool, p *schema.Property) schema.Value {
		if !wanted {
			return schema.Null
		}
		v, err := r.measured(cells[0], p)
		into.incomplete = into.incomplete || err != nil
		cells = cells[1:]
		return v
	}
	sums := *n.property
	if sums.Type.Scalar == schema.Int {
		sums.Type.Scalar = schema.Long
	}
	into.fold.AddPart(count, next(n.min, n.property), next(n.max, n.property), next(n.sum, &sums))
	return cells
}

// measured checks a measure that a source made. A sum of whole numbers may be beyond what one of them may be.
func (r *groupReader) measured(v schema.Value, p *schema.Property) (schema.Value, error) {
	if p.Type.Scalar == schema.Long && v.Kind() == schema.IntValue {
		return v, nil
	}
	return r.x.engine.catalog.recordValue(v, p)
}
