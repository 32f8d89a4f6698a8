package query

import (
	"slices"
	"strings"
	"time"

	"mereon/graph"
	"mereon/schema"
)

// decide answers a question whose filter or order needs federated values: the graph gives every candidate within the row
// budget, connectors are asked once for what deciding takes, and filter, order and page are done here.
func (x *execution) decide(lv *level, q *question, groupOf []int32, read func(ask) (*graph.Batch, error)) (*frame, error) {
	order := q.graphOrder
	if q.late {
		order = nil
	}
	d, err := x.driving(lv, q, read)
	if err != nil {
		return nil, err
	}
	if d.empty {
		out := x.nothing(lv, groupOf)
		out.why = d.why
		return out, nil
	}
	started := time.Now()
	b, err := read(ask{where: both(q.push, d.where), order: order, page: graph.Page{All: true}, columns: q.columns, budget: x.budget()})
	if err != nil {
		return nil, err
	}
	took := time.Since(started)
	f, err := x.frameOf(lv, b, q.columns, groupOf)
	if err != nil {
		return nil, err
	}
	if err := x.spend(f.n); err != nil {
		return nil, err
	}
	f.driven = d.rows
	x.askExtra(f, q)
	out, err := x.window(f, q, lv)
	if err == nil {
		out.candidates, out.took, out.why = f.n, took, d.why
	}
	return out, err
}

// askExtra asks for the live values that deciding takes, every connector once. What is selected from the same connectors
// comes along while that is few keys, so that they need not be asked again.
func (x *execution) askExtra(f *frame, q *question) {
	var asks liveAsks
	for _, path := range q.extra {
		x.collectLive(&asks, f, path, nil)
	}
	if f.n*len(f.level.live) <= maxAlong {
		asks.closed = true
		for _, need := range f.level.live {
			if need.guards.hold(x.guards) {
				x.collectLive(&asks, f, need.path, need.types)
			}
		}
	}
	x.askAll(&asks)
}

// maxAlong is how many keys a connector is asked for at most that deciding does not take: what they cost should stay below
// what a second call costs.
const maxAlong = 1_000

// askAll asks every connector and waits for all of them.
func (x *execution) askAll(asks *liveAsks) {
	if len(asks.list) == 1 {
		x.askLatest(asks.list[0])
		return
	}
	var running crew
	for _, ask := range asks.list {
		running.Go(func() { x.askLatest(ask) })
	}
	running.Wait()
}

// window filters the candidates in f by q.rest, orders them when the graph could not, and cuts the page out of every group.
func (x *execution) window(f *frame, q *question, lv *level) (*frame, error) {
	truths, err := x.truths(q.rest, f)
	if err != nil {
		return nil, err
	}
	x.foldCuts(f, lv, truths)
	if q.late {
		if err := x.keysOf(f, q.order); err != nil {
			return nil, err
		}
	}
	groups := len(f.offsets) - 1
	offsets := make([]int32, 1, groups+1)
	facts := make([]groupFacts, groups)
	var keep []int32
	for g := range groups {
		rows, unknown := f.fulfilling(g, truths)
		facts[g].incomplete = unknown
		if q.late {
			x.sortRows(f, q.order, rows)
			facts[g].incomplete = facts[g].incomplete || f.unsureOf(rows)
		}
		facts[g].total = len(rows)
		rows, facts[g].before, facts[g].more = x.cut(f, q, rows)
		if !lv.list && len(rows) > 1 {
			rows = rows[:1]
		}
		keep = append(keep, rows...)
		offsets = append(offsets, int32(len(keep)))
	}
	if !lv.wanted {
		keep, offsets = nil, make([]int32, groups+1)
	}
	out := f.gather(keep)
	out.offsets, out.facts = offsets, facts
	if f.keyed != nil {
		out.keyed = make([][]schema.Value, len(f.keyed))
		for k, column := range f.keyed {
			out.keyed[k] = pick(column, keep)
		}
	}
	return out, nil
}

// fulfilling returns the rows of group g for which a filter is true, and whether it may be for others.
func (f *frame) fulfilling(g int, truths []verdict) (rows []int32, unknown bool) {
	for i := f.offsets[g]; i < f.offsets[g+1]; i++ {
		switch {
		case truths == nil || truths[i].low == schema.True:
			rows = append(rows, i)
		case truths[i].high == schema.True:
			unknown = true
		}
	}
	return rows, unknown
}

// orderKey returns key k of the order of row i.
func (f *frame) orderKey(k, i int) schema.Value {
	if k < len(f.keyed) && f.keyed[k] != nil {
		return f.keyed[k][i]
	}
	return schema.Null
}

func (x *execution) sortRows(f *frame, order []orderKey, rows []int32) {
	id := f.columnOf(f.level.idColumn())
	at := make([]int, len(order))
	for k, o := range order {
		at[k] = f.columnOf(o.path)
	}
	slices.SortFunc(rows, func(a, b int32) int {
		for k, o := range order {
			if c := compareKeys(f.keyValue(k, at[k], o, int(a)), f.keyValue(k, at[k], o, int(b)), o.desc); c != 0 {
				return c
			}
		}
		return strings.Compare(f.cell(id, int(a)).Text(), f.cell(id, int(b)).Text())
	})
}

func (f *frame) keyValue(k, column int, o orderKey, i int) schema.Value {
	if o.federated {
		return f.orderKey(k, i)
	}
	return f.cell(column, i)
}

// compareKeys orders two keys: nulls last, also descending.
func compareKeys(a, b schema.Value, desc bool) int {
	if a.IsNull() || b.IsNull() {
		return schema.Compare(a, b)
	}
	if desc {
		return schema.Compare(b, a)
	}
	return schema.Compare(a, b)
}

// cut takes the page out of ordered rows, and says whether rows precede and follow it.
func (x *execution) cut(f *frame, q *question, rows []int32) (page []int32, before, more bool) {
	if q.page.after != nil {
		n := 0
		for n < len(rows) && x.compareCursor(f, q, rows[n], q.page.after) <= 0 {
			n++
		}
		rows, before = rows[n:], n > 0
	}
	if q.page.before != nil {
		n := len(rows)
		for n > 0 && x.compareCursor(f, q, rows[n-1], q.page.before) >= 0 {
			n--
		}
		rows, more = rows[:n], n < len(rows)
	}
	switch {
	case q.page.last > 0:
		if len(rows) > q.page.last {
			rows, before = rows[len(rows)-q.page.last:], true
		}
	case f.level.list && len(rows) > q.page.first:
		rows, more = rows[:q.page.first], true
	}
	return rows, before, more
}

func (x *execution) compareCursor(f *frame, q *question, i int32, c *graph.Cursor) int {
	for k, o := range q.order {
		if d := compareKeys(f.keyValue(k, f.columnOf(o.path), o, int(i)), c.Keys[k], o.desc); d != 0 {
			return d
		}
	}
	return strings.Compare(f.cell(f.columnOf(f.level.idColumn()), int(i)).Text(), string(c.ID))
}

// group sorts the rows of f, which is one group, into one group per key, keeping their order.
func (x *execution) group(f *frame, join *schema.Join, keys [][]schema.Value) {
	index := make(map[string]int, len(keys))
	for k, key := range keys {
		index[keyText(key)] = k
	}
	members := make([][]int32, len(keys))
	values := make([]schema.Value, len(join.On))
	for i := range f.n {
		for k, pair := range join.On {
			values[k] = f.cell(f.columnOf(pair.Theirs), i)
		}
		if g, ok := index[keyText(values)]; ok {
			members[g] = append(members[g], int32(i))
		}
	}
	var order []int32
	offsets := []int32{0}
	for _, rows := range members {
		order = append(order, rows...)
		offsets = append(offsets, int32(len(order)))
	}
	sorted := f.gather(order)
	sorted.offsets = offsets
	*f = *sorted
}
