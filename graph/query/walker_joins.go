package query

import (
	"slices"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
)

// hopAsk is what one hop asks of a level: from which nodes, and which key each of them has.
type hopAsk struct {
	hop
	from  []walkRef
	keyOf []int32
	ask   *recordAsk // to records
	index map[string]int32
	keys  [][]schema.Value // to entities
}

// joins follows the joins of all nodes of the level: every collection of a connector is asked once with all its keys, all of
// them at the same time, then the graph once for every join that leads to entities.
func (w *walker) joins() error {
	var asks recordAsks
	var hops []*hopAsk
	for _, h := range w.by.hops {
		a := &hopAsk{hop: h, index: map[string]int32{}}
		for _, r := range w.front {
			if key, ok := h.keyOf(r); ok {
				a.add(w, &asks, r, key)
			}
		}
		if len(a.from) > 0 {
			hops = append(hops, a)
		}
	}
	answers := w.askAll(&asks)
	for _, a := range hops {
		var err error
		if a.ask != nil {
			err = w.rows(a, answers[a.ask])
		} else {
			err = w.joined(a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keyOf returns the values by which a node joins; ok is false when it is of another kind or lacks one.
func (h *hop) keyOf(r walkRef) (key []schema.Value, ok bool) {
	if r.record != h.from {
		return nil, false
	}
	if h.from == nil {
		if _, has := slices.BinarySearch(h.types, r.cells.typeOf(r.at)); !has {
			return nil, false
		}
	}
	for _, pair := range h.join.On {
		v := r.cells.cell(r.cells.columnOf(pair.Ours), r.at)
		if v.IsNull() {
			return nil, false
		}
		key = append(key, v)
	}
	return key, true
}

func (a *hopAsk) add(w *walker, asks *recordAsks, r walkRef, key []schema.Value) {
	a.from = append(a.from, r)
	if a.to == nil {
		text := keyText(key)
		k, known := a.index[text]
		if !known {
			k = int32(len(a.keys))
			a.index[text], a.keys = k, append(a.keys, key)
		}
		a.keyOf = append(a.keyOf, k)
		return
	}
	if a.ask == nil {
		a.ask = asks.of(w.tables[a.to.Name].level, w.want(a.hop))
		a.ask.parts = append(a.ask.parts, recordPart{level: w.tables[a.to.Name].level})
	}
	a.keyOf = append(a.keyOf, a.ask.key(connectors.Key{Values: key}, true))
}

// want states what a hop asks of a connector.
func (w *walker) want(h hop) connectors.Want {
	want := connectors.Want{Kind: connectors.Records, Collection: h.to.Collection, Where: w.by.records[h.to.Name],
		Columns: slices.Clone(w.tables[h.to.Name].columns), Order: []connectors.Order{{Column: h.to.Key}}, Limit: w.x.budget()}
	for _, pair := range h.join.On {
		want.KeyColumns = append(want.KeyColumns, string(pair.Theirs))
	}
	return want
}

func (w *walker) askAll(asks *recordAsks) map[*recordAsk][]connectors.Rows {
	answers := make([][]connectors.Rows, len(asks.list))
	var running crew
	for i, ask := range asks.list {
		running.Go(func() {
			answer := w.x.engine.source.Records(w.x.ctx, ask.connector, ask.keys, ask.want)
			ask.calledForAll(w.x, answer)
			answers[i] = answer.Results
		})
	}
	running.Wait()
	byAsk := map[*recordAsk][]connectors.Rows{}
	for i, ask := range asks.list {
		byAsk[ask] = answers[i]
	}
	return byAsk
}

// rows meets the rows that a connector sent, for every node that asked for their key.
func (w *walker) rows(a *hopAsk, results []connectors.Rows) error {
	if cutOff(results) {
		return w.x.overBudget()
	}
	for k, r := range a.from {
		rows := &results[a.keyOf[k]]
		if !known(rows.Status) {
			g := &w.groups[r.group]
			g.incomplete = true
			if why := (sourceStatus{a.to.Connector, rows.Status}); !slices.Contains(g.failed, why) {
				g.failed = append(g.failed, why)
			}
			continue
		}
		f, err := w.rowFrame(a, rows)
		if err != nil {
			return err
		}
		for i := range f.n {
			w.meet(r, walkNode{walkKey: walkKey{string(a.to.Name), rowKey(f.cell(0, i))}, row: graph.NoRow, record: a.to, via: a.field, cells: f, at: i})
		}
	}
	return nil
}

// rowKey is the key of a row as text.
func rowKey(v schema.Value) string {
	if text := v.Text(); text != "" {
		return text
	}
	return string(v.AppendJSON(nil))
}

// rowFrame lays rows out in columns, the key first. Cells that do not fit the model are null.
func (w *walker) rowFrame(a *hopAsk, rows *connectors.Rows) (*frame, error) {
	f := &frame{level: w.tables[a.to.Name].level, n: rows.Count}
	width := len(a.ask.want.Columns)
	f.cells = make([]schema.Value, 0, width*f.n)
	for c, name := range a.ask.want.Columns {
		f.cols = append(f.cols, schema.Path(name))
		p, _ := a.to.Property(name)
		for i := range f.n {
			v, err := w.x.engine.catalog.recordValue(rows.Cells[i*width+c], p)
			if err != nil {
				v = schema.Null
			}
			f.cells = append(f.cells, v)
		}
	}
	return f, w.x.spend(f.n)
}

// joined meets the entities with the values of the nodes.
func (w *walker) joined(a *hopAsk) error {
	ask := graph.Selection{Types: w.x.engine.catalog.concrete(a.join.Target), Page: graph.Page{All: true}, Columns: w.by.stored, Budget: w.x.budget()}
	where := &schema.Condition{Op: schema.And}
	for k, pair := range a.join.On {
		list := make([]schema.Value, len(a.keys))
		for i, key := range a.keys {
			list[i] = key[k]
		}
		if pair.Theirs == graph.ColumnID {
			for _, v := range list {
				ask.IDs = append(ask.IDs, graph.EntityID(v.Text()))
			}
			continue
		}
		where.Args = append(where.Args, &schema.Condition{Op: schema.In, Path: pair.Theirs, Value: schema.ListOf(list)})
	}
	ask.Where = both(where, w.q.walk.through)
	b, err := w.x.view.Select(w.x.ctx, ask)
	if err != nil {
		return err
	}
	w.x.tally.batch()
	return w.share(a, &frame{level: w.bare, n: len(b.Rows), rows: b.Rows, cols: w.by.stored, cells: b.Cells})
}

// share gives every node the entities of its key.
func (w *walker) share(a *hopAsk, f *frame) error {
	byKey := make([][]int32, len(a.keys))
	values := make([]schema.Value, len(a.join.On))
	for i := range f.n {
		for k, pair := range a.join.On {
			values[k] = f.cell(f.columnOf(pair.Theirs), i)
		}
		if k, wanted := a.index[keyText(values)]; wanted {
			byKey[k] = append(byKey[k], int32(i))
		}
	}
	var at []int32
	var from []walkRef
	for k, r := range a.from {
		for _, i := range byKey[a.keyOf[k]] {
			at, from = append(at, i), append(from, r)
		}
	}
	return w.entities(f.gather(at), a.field, func(i int) walkRef { return from[i] })
}
