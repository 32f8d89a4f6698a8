package query

import (
	"fmt"
	"slices"
	"strings"

	"mereon/connectors"
	"mereon/schema"
)

// recordSource reads rows of a record type: those that join the parents' values, or the whole collection (join nil).
type recordSource struct {
	join   *schema.Join
	prefix schema.Path // of the component that holds the join
	byKey  bool        // root field of one row
}

func (s recordSource) String() string {
	if s.join == nil {
		return "records"
	}
	pairs := make([]string, len(s.join.On))
	for i, p := range s.join.On {
		pairs[i] = fmt.Sprintf("%s = %s", p.Theirs, p.Ours)
	}
	return "records where " + strings.Join(pairs, " and ")
}

func (s recordSource) ask(c *catalog, lv *level, args map[string]any, q *question) error {
	if !s.byKey {
		return nil
	}
	p, _ := lv.record.Property(lv.record.Key)
	v, err := schema.ParseValue(args[lv.record.Key], p.Type, c.model)
	q.keys = []schema.Value{v}
	return err
}

// recordAsk is one call of Records, possibly for several levels of a wave that ask the same.
type recordAsk struct {
	connector string
	name      string
	same      string // equal for asks that can share a call
	why       string // why entities of the graph went first
	want      connectors.Want
	keys      []connectors.Key
	index     map[string]int
	parts     []recordPart
	counts    bool              // a page behind a cursor, and the number of all rows
	all       *schema.Condition // then: what holds for them
}

// recordPart is one level that a call is made for: which key each parent row has, -1 for none.
type recordPart struct {
	level *level
	q     *question
	keyOf []int32
	all   bool // every row is given, not a page: a filter or an order is decided by them
}

type recordAsks struct{ list []*recordAsk }

// collectRecordLevel adds what a record level wants to asks. Parent rows with equal values share a key.
func (x *execution) collectRecordLevel(asks *recordAsks, lv *level) {
	if lv.cut != nil {
		x.collectCut(asks, lv)
		return
	}
	if x.has(lv) {
		return
	}
	if !lv.guards.hold(x.guards) { // decided first: the parent's rows may still be on their way, and are waited for only by who needs them
		x.setRecordFrame(lv, unwanted(lv))
		return
	}
	parent := x.frames[lv.parent.id]
	if parent == nil || parent.err != nil {
		x.setRecordFrame(lv, unwanted(lv))
		return
	}
	if walked, is := lv.rows.(walkedRows); is {
		x.frames[lv.id] = walked.frame(x, lv)
		return
	}
	q := x.question(lv)
	if q.err != nil {
		x.setRecordFrame(lv, &frame{level: lv, err: q.err, offsets: []int32{0}})
		return
	}
	if lv.idle(q) {
		x.setRecordFrame(lv, &frame{level: lv, offsets: []int32{0}})
		return
	}
	s := lv.rows.(recordSource)
	want := x.recordWant(lv, q, s)
	why, err := x.narrow(lv, q, &want)
	if err != nil {
		x.setRecordFrame(lv, &frame{level: lv, err: x.told(err), offsets: []int32{0}})
		return
	}
	ask := asks.of(lv, want)
	if why != "" {
		ask.why = why
	}
	if lv.list && lv.count && !q.decided() && q.page.after != nil {
		ask.counts, ask.all = true, q.push
	}
	part := recordPart{level: lv, q: q, keyOf: make([]int32, parent.n)}
	at := s.columns(parent)
	for i := range parent.n {
		part.keyOf[i] = ask.key(s.values(lv, q, parent, at, i))
	}
	ask.parts = append(ask.parts, part)
}

// columns finds the parent's columns that the join compares.
func (s recordSource) columns(parent *frame) []int {
	if s.join == nil {
		return nil
	}
	at := make([]int, len(s.join.On))
	for k, pair := range s.join.On {
		at[k] = parent.columnOf(inside(s.prefix, pair.Ours))
	}
	return at
}

// values returns the key of one parent row; ok is false when a part is null, which never matches.
func (s recordSource) values(lv *level, q *question, parent *frame, at []int, i int) (connectors.Key, bool) {
	if s.byKey {
		return connectors.Key{Values: q.keys}, true
	}
	if s.join == nil {
		return connectors.Key{}, true
	}
	if !parent.present(i) {
		return connectors.Key{}, false
	}
	if parent.rows != nil && lv.parentTypes != nil {
		if _, wanted := slices.BinarySearch(lv.parentTypes, parent.typeOf(i)); !wanted {
			return connectors.Key{}, false
		}
	}
	values := make([]schema.Value, len(at))
	for k, c := range at {
		if c >= 0 {
			values[k] = parent.cell(c, i)
		}
		if values[k].IsNull() {
			return connectors.Key{}, false
		}
	}
	return connectors.Key{Values: values}, true
}

// key returns the index of k among the keys of the ask.
func (a *recordAsk) key(k connectors.Key, ok bool) int32 {
	if !ok {
		return -1
	}
	text := keyText(k.Values)
	i, known := a.index[text]
	if !known {
		i = len(a.keys)
		a.index[text] = i
		a.keys = append(a.keys, k)
	}
	return int32(i)
}

// keyText is a text that is equal for equal values.
func keyText(values []schema.Value) string {
	var raw []byte
	for _, v := range values {
		raw = v.AppendJSON(raw)
		raw = append(raw, 0)
	}
	return string(raw)
}

func (a *recordAsks) of(lv *level, want connectors.Want) *recordAsk {
	same := fmt.Sprintf("%s %s %v %s %v %v %d %d %t", lv.record.Connector, want.Collection, want.KeyColumns,
		conditionText(want.Where), want.Joins, want.Order, want.PerKey, want.Limit, want.Count)
	for _, ask := range a.list {
		if ask.same == same {
			for _, c := range want.Columns {
				if !slices.Contains(ask.want.Columns, c) {
					ask.want.Columns = append(ask.want.Columns, c)
				}
			}
			return ask
		}
	}
	ask := &recordAsk{connector: lv.record.Connector, name: lv.name, same: same, want: want, index: map[string]int{}}
	a.list = append(a.list, ask)
	return ask
}

// recordWant states the question of a level in the words of connectors. One row more than the page tells whether there is more.
func (x *execution) recordWant(lv *level, q *question, s recordSource) connectors.Want {
	w := connectors.Want{Kind: connectors.Records, Collection: lv.record.Collection, Where: q.push, Joins: q.joins, Count: lv.count && !q.decided()}
	for _, c := range q.columns {
		w.Columns = append(w.Columns, string(c))
	}
	if s.join != nil {
		for _, pair := range s.join.On {
			w.KeyColumns = append(w.KeyColumns, string(pair.Theirs))
		}
	}
	if s.byKey {
		w.KeyColumns = []string{lv.record.Key}
	}
	if !lv.list {
		w.PerKey = 1
		w.Order = []connectors.Order{{Column: lv.record.Key}}
		return w
	}
	for _, k := range q.order {
		if q.late {
			break
		}
		w.Order = append(w.Order, connectors.Order{Column: string(k.path), Desc: k.desc})
	}
	w.Order = append(w.Order, connectors.Order{Column: lv.record.Key})
	if q.decided() {
		w.Limit = x.budget()
		return w
	}
	if q.page.after != nil {
		w.Count = false
		w.Where = both(q.push, afterCursor(q, lv.record.Key))
	}
	rows := 1
	if lv.wanted {
		rows = q.page.first + 1
	}
	if s.join == nil {
		w.Limit = rows
	} else {
		w.PerKey = rows
	}
	return w
}

func both(a, b *schema.Condition) *schema.Condition {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return &schema.Condition{Op: schema.And, Args: []*schema.Condition{a, b}}
}

// afterCursor is the condition that a row comes after the cursor in the order; nulls are last.
func afterCursor(q *question, key string) *schema.Condition {
	or := &schema.Condition{Op: schema.Or}
	var equal []*schema.Condition
	step := func(path schema.Path, desc bool, v schema.Value) {
		if !v.IsNull() {
			op := schema.Gt
			if desc {
				op = schema.Lt
			}
			later := &schema.Condition{Op: schema.Or, Args: []*schema.Condition{
				{Op: op, Path: path, Value: v},
				{Op: schema.IsNull, Path: path, Value: schema.BoolOf(true)},
			}}
			or.Args = append(or.Args, &schema.Condition{Op: schema.And, Args: append(slices.Clone(equal), later)})
			equal = append(equal, &schema.Condition{Op: schema.Eq, Path: path, Value: v})
			return
		}
		equal = append(equal, &schema.Condition{Op: schema.IsNull, Path: path, Value: schema.BoolOf(true)})
	}
	for k, o := range q.order {
		step(o.path, o.desc, q.page.after.Keys[k])
	}
	id := schema.StringOf(string(q.page.after.ID))
	or.Args = append(or.Args, &schema.Condition{Op: schema.And, Args: append(equal, &schema.Condition{Op: schema.Gt, Path: schema.Path(key), Value: id})})
	return or
}
