package query

import (
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
)

// sumTable makes the groups of one set.
type sumTable struct {
	q      *cutQuestion
	at     map[string]int
	groups []groupSum
	buffer []byte
}

func (q *cutQuestion) table() *sumTable { return &sumTable{q: q, at: map[string]int{}} }

// keyPart is one key of a row: a value, or an entity with its id.
type keyPart struct {
	value   schema.Value
	row     graph.Row
	id      string
	unknown bool
}

// group returns the group with those keys.
func (t *sumTable) group(keys []keyPart) *groupSum {
	t.buffer = t.buffer[:0]
	for _, k := range keys {
		t.buffer = schema.AppendKey(t.buffer, k.value)
		t.buffer = append(t.buffer, byte(k.row), byte(k.row>>8), byte(k.row>>16), byte(k.row>>24))
	}
	i, known := t.at[string(t.buffer)]
	if !known {
		i = len(t.groups)
		t.at[string(t.buffer)] = i
		g := groupSum{cells: make([]sumCell, len(t.q.needs)), joined: make([]joinedSum, len(t.q.joined)), related: make([]joinedSum, len(t.q.related))}
		for _, k := range keys {
			g.values, g.rows, g.ids = append(g.values, k.value), append(g.rows, k.row), append(g.ids, k.id)
		}
		t.groups = append(t.groups, g)
	}
	return &t.groups[i]
}

// finish returns the groups in the order of their keys: values, then entities by id, what has none last.
func (t *sumTable) finish() []groupSum {
	if len(t.q.by) == 0 && len(t.groups) == 0 {
		t.group(nil)
	}
	slices.SortFunc(t.groups, func(a, b groupSum) int {
		for k := range t.q.by {
			if c := schema.Compare(a.values[k], b.values[k]); c != 0 {
				return c
			}
			if c := b2i(a.rows[k] == graph.NoRow) - b2i(b.rows[k] == graph.NoRow); c != 0 {
				return c
			}
			if c := strings.Compare(a.ids[k], b.ids[k]); c != 0 {
				return c
			}
		}
		return 0
	})
	return t.groups
}

// foldCuts makes the groups that are made of the candidates in f: rows for which the filter is true count, those for which it
// is unknown leave their groups incomplete.
func (x *execution) foldCuts(f *frame, lv *level, truths []verdict) {
	for _, k := range lv.cuts {
		if !x.folds(k) || x.has(k) {
			continue
		}
		groups, err := x.folded(f, k, x.question(k), truths)
		if err != nil {
			groups = &frame{level: k, err: x.told(err), offsets: []int32{0}}
		}
		x.frames[k.id] = groups
	}
}

// foldReached makes the groups of what was reached: of entities on the way only those that are asked for. Where the search
// was cut off more may belong to every group.
func (x *execution) foldReached(f *frame, q *question, lv *level, truths []verdict) {
	if len(lv.cuts) == 0 {
		return
	}
	if lv.paths && q.types != nil {
		if truths == nil {
			truths = slices.Repeat([]verdict{surely(schema.True)}, f.n)
		}
		for i := range truths {
			if _, is := slices.BinarySearch(q.types, f.typeOf(i)); !is {
				truths[i] = surely(schema.False)
			}
		}
	}
	x.foldCuts(f, lv, truths)
	for _, k := range lv.cuts {
		if !x.folds(k) {
			continue
		}
		groups := x.frames[k.id]
		for g := range f.facts {
			for i := 0; f.facts[g].truncated && groups.err == nil && g < len(groups.offsets)-1 && i < int(groups.offsets[g+1]-groups.offsets[g]); i++ {
				groups.sums[int(groups.offsets[g])+i].incomplete = true
			}
		}
	}
}

func (x *execution) folded(f *frame, lv *level, q *question, truths []verdict) (*frame, error) {
	fold := &folding{x: x, f: f, q: q.cut, related: make([]*relatedRows, len(q.cut.by))} // of keys
	for k := range q.cut.by {
		if q.cut.by[k].related {
			rows, err := x.relatedRows(f, &q.cut.by[k])
			if err != nil {
				return nil, err
			}
			fold.related[k] = rows
		}
	}
	var err error
	if fold.sums, err = x.summing(f, lv, q.cut, truths); err != nil {
		return nil, err
	}
	sets := make([][]groupSum, len(f.offsets)-1)
	for g := range sets {
		fold.table = q.cut.table()
		for i := f.offsets[g]; i < f.offsets[g+1]; i++ {
			if truths == nil || truths[i].high == schema.True {
				fold.place(int(i), 0, truths == nil || truths[i].low == schema.True)
			}
		}
		sets[g] = fold.table.finish()
	}
	if err := fold.sums.enough(); err != nil {
		return nil, err
	}
	out, err := x.cutFrame(lv, q, sets, f.groupOf)
	if err == nil && f.facts != nil {
		for g := range out.facts {
			out.facts[g].status, out.facts[g].why = f.facts[g].status, f.facts[g].why
		}
	}
	return out, err
}

// folding sums the rows of a frame up.
type folding struct {
	x       *execution
	f       *frame
	q       *cutQuestion
	table   *sumTable
	related []*relatedRows
	sums    *summing
	keys    []keyPart
}

// place finds every group of row i, key by key.
func (d *folding) place(i, k int, counts bool) {
	if k == len(d.q.by) {
		d.count(i, counts)
		return
	}
	next := func(part keyPart) {
		d.keys = append(d.keys[:k], part)
		d.place(i, k+1, counts)
	}
	if d.related[k] == nil {
		next(d.value(i, &d.q.by[k]))
		return
	}
	found := d.related[k].of(i)
	for _, part := range found {
		next(part)
	}
	if len(found) == 0 {
		next(keyPart{row: graph.NoRow})
	}
}

func (d *folding) value(i int, k *groupKey) keyPart {
	part := keyPart{row: graph.NoRow}
	if k.federated() {
		cell := d.x.federated(d.f, k.path, i)
		part.value, part.unknown = cell.value, unknownValue(cell)
	} else if c := d.f.columnOf(k.path); c >= 0 {
		part.value = d.f.cell(c, i)
	}
	part.value = k.bucket.Start(part.value, k.zone)
	return part
}

func (d *folding) count(i int, counts bool) {
	g := d.table.group(d.keys[:len(d.q.by)])
	if !counts {
		g.incomplete = true
		return
	}
	g.count++
	for k := range d.keys[:len(d.q.by)] {
		g.incomplete = g.incomplete || d.keys[k].unknown
	}
	d.sums.add(g, i)
}

// relatedRows are the entities that are keys of rows.
type relatedRows struct {
	offsets []int32
	keys    []keyPart
	single  []keyPart // by join: one per row, NoRow for none
}

func (r *relatedRows) of(i int) []keyPart {
	if r.single != nil {
		if r.single[i].row == graph.NoRow {
			return nil
		}
		return r.single[i : i+1]
	}
	return r.keys[r.offsets[i]:r.offsets[i+1]]
}

// relatedRows asks the graph once for the entities that group the rows of f.
func (x *execution) relatedRows(f *frame, k *groupKey) (*relatedRows, error) {
	if k.along != nil {
		return x.rowsAlong(f, k)
	}
	if k.join != nil {
		values := make([][]schema.Value, f.n)
		for i := range f.n {
			for _, pair := range k.join.On {
				v := schema.Null
				if c := f.columnOf(pair.Ours); c >= 0 {
					v = f.cell(c, i)
				}
				values[i] = append(values[i], v)
			}
		}
		single, err := x.joinedKeys(k, values)
		return &relatedRows{single: single}, err
	}
	x.tally.batch()
	columns, all := []schema.Path{graph.ColumnID}, graph.Page{All: true}
	var b *graph.Batch
	var err error
	if k.far {
		b, err = x.view.Reach(x.ctx, graph.Reach{From: f.rows, Steps: k.steps, Types: k.types, Page: all, Columns: columns})
	} else {
		b, err = x.view.Expand(x.ctx, graph.Expansion{From: f.rows, Steps: k.steps, Types: k.types, Page: all, Columns: columns})
	}
	if err != nil {
		return nil, err
	}
	r := &relatedRows{offsets: b.Offsets, keys: make([]keyPart, len(b.Rows))}
	for i, row := range b.Rows {
		r.keys[i] = keyPart{row: row, id: b.Cell(0, i).Text()}
	}
	return r, x.spend(len(b.Rows))
}

// joinedKeys finds the entity that each list of values joins; NoRow where there is none. With several the first by id.
func (x *execution) joinedKeys(k *groupKey, values [][]schema.Value) ([]keyPart, error) {
	out := make([]keyPart, len(values))
	index := map[string][]int{}
	where := &schema.Condition{Op: schema.And}
	columns := []schema.Path{graph.ColumnID}
	for c, pair := range k.join.On {
		list := make([]schema.Value, 0, len(values))
		for _, v := range values {
			if !v[c].IsNull() {
				list = append(list, v[c])
			}
		}
		where.Args = append(where.Args, &schema.Condition{Op: schema.In, Path: pair.Theirs, Value: schema.ListOf(distinct(list))})
		columns = append(columns, pair.Theirs)
	}
	for i, v := range values {
		out[i].row = graph.NoRow
		if !slices.ContainsFunc(v, schema.Value.IsNull) {
			key := keyText(v)
			index[key] = append(index[key], i)
		}
	}
	if len(index) == 0 {
		return out, nil
	}
	x.tally.batch()
	b, err := x.view.Select(x.ctx, graph.Selection{Types: k.types, Where: where, Page: graph.Page{All: true}, Columns: columns, Budget: x.budget()})
	if err != nil {
		return nil, err
	}
	theirs := make([]schema.Value, len(k.join.On))
	for r, row := range b.Rows {
		for c := range theirs {
			theirs[c] = b.Cell(c+1, r)
		}
		for _, i := range index[keyText(theirs)] {
			if out[i].row == graph.NoRow {
				out[i] = keyPart{row: row, id: b.Cell(0, r).Text()}
			}
		}
	}
	return out, nil
}

// distinct returns the values without repeats.
func distinct(values []schema.Value) []schema.Value {
	seen := make(map[string]bool, len(values))
	var key []byte
	return slices.DeleteFunc(values, func(v schema.Value) bool {
		key = schema.AppendKey(key[:0], v)
		again := seen[string(key)]
		seen[string(key)] = true
		return again
	})
}
