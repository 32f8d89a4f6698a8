package connectors

import (
	"fmt"
	"slices"
	"time"

	"mereon/schema"
)

// tables takes the answers of one request for records and judges every row: types, key, filter, number. What is left to
// the engine is done here: residual filter, order, limits.
type tables struct {
	*rowQuestion
	keys  []Key
	got   []table
	row   []schema.Value // the row being judged
	get   func(schema.Path) schema.Value
	kept  int
	whole bool
}

type table struct {
	rows    [][]schema.Value
	matches int
	sent    int
	total   int
	more    bool
	status  Status
	why     string
	bad     *Failure
	folded  folded // groups made of the rows
}

func newTables(q *rowQuestion, keys []Key) *tables {
	t := &tables{rowQuestion: q, keys: keys, got: make([]table, len(keys))}
	for i := range t.got {
		t.got[i].total = -1
	}
	t.get = func(p schema.Path) schema.Value {
		for i := range t.columns {
			if t.columns[i].Name == string(p) {
				return t.row[i]
			}
		}
		return schema.Null
	}
	return t
}

func (t *tables) Row(key int, cells []schema.Value) {
	g := &t.got[key]
	if g.bad != nil {
		return
	}
	g.sent++
	t.row = cells
	if why := t.lie(g, key); why != "" {
		g.bad, g.rows = &Failure{Status: BadData, Message: why}, nil
		return
	}
	if t.want.Where.Eval(t.get, unknownRelation) != schema.True {
		return
	}
	g.matches++
	if t.fold == nil {
		t.keep(g, cells)
	} else if t.kept++; t.kept > t.most {
		t.whole = true
	} else {
		t.fold.add(&g.folded, cells)
	}
}

// lie says what in a row is not as it was asked for or accepted.
func (t *tables) lie(g *table, key int) string {
	if len(t.row) != len(t.columns) {
		return fmt.Sprintf("the source sent a row of %d columns, asked for %d", len(t.row), len(t.columns))
	}
	for i, c := range t.columns {
		if !fits(t.row[i], c.Type) {
			return fmt.Sprintf("the source sent a value in column %s that is no %s", c.Name, c.Type.Scalar)
		}
	}
	for i, at := range t.keyAt {
		if !schema.Equal(t.row[at], t.keys[key].Values[i]) {
			return fmt.Sprintf("the source sent a row whose %s is not the one asked for", t.columns[at].Name)
		}
	}
	if most := t.accept.Want.PerKey; t.accept.LimitDone && most > 0 && g.sent > most {
		return fmt.Sprintf("the source sent more rows than the %d asked for", most)
	}
	if most := t.accept.Want.Limit; t.accept.LimitDone && most > 0 && g.sent > most {
		return fmt.Sprintf("the source sent more rows than the %d asked for", most)
	}
	if t.accept.Residual.Eval(t.get, unknownRelation) == schema.True && t.want.Where.Eval(t.get, unknownRelation) != schema.True {
		return "the source sent a row that does not match the filter it accepted"
	}
	return ""
}

func unknownRelation(*schema.Related) schema.Truth { return schema.Unknown }

// need is how many rows of one key are wanted, one more to know whether there are more; 0 for all.
func (t *tables) need() int {
	need := t.want.PerKey
	if t.want.Limit > 0 && (need == 0 || t.want.Limit < need) {
		need = t.want.Limit
	}
	if need > 0 {
		need++
	}
	return need
}

func (t *tables) keep(g *table, cells []schema.Value) {
	need := t.need()
	sorted := len(t.orderAt) == 0 || t.accept.OrderDone
	if need > 0 && sorted && len(g.rows) >= need {
		return
	}
	if t.kept >= t.most {
		g.more, t.whole = true, true
		return
	}
	g.rows = append(g.rows, slices.Clone(cells))
	t.kept++
	if need > 0 && !sorted && len(g.rows) > 2*need+1000 {
		t.sort(g)
		t.kept -= len(g.rows) - need
		g.rows = g.rows[:need]
	}
}

func (t *tables) sort(g *table) {
	if len(t.orderAt) > 0 && !slices.IsSortedFunc(g.rows, t.compare) {
		slices.SortStableFunc(g.rows, t.compare)
	}
}

// compare orders rows as asked; null comes last in both directions.
func (t *tables) compare(a, b []schema.Value) int {
	for i, at := range t.orderAt {
		c := schema.Compare(a[at], b[at])
		if t.want.Order[i].Desc && !a[at].IsNull() && !b[at].IsNull() {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func (t *tables) Measurement(key int, _ Measurement) {
	t.got[key].bad = &Failure{Status: BadData, Message: "the source sent a measurement where rows were asked for"}
}

func (t *tables) Total(key, count int) { t.got[key].total = count }

func (t *tables) Status(key int, s Status, why string) {
	g := &t.got[key]
	g.status, g.why = s, why
	if s == BadData {
		g.bad = &Failure{Status: BadData, Message: why}
	}
}

func (t *tables) Truncated(key int, _ time.Time) { t.got[key].more = true }

// settled is false for keys with rows: those of a failed request may be only a part.
func (t *tables) settled(key int) bool { return t.got[key].bad != nil || t.got[key].status != "" }

func (t *tables) full() bool { return t.whole }

func (t *tables) answer(key int) (Rows, *Failure) {
	g := &t.got[key]
	if g.bad != nil {
		return Rows{}, g.bad
	}
	rows := Rows{Total: -1, Status: g.status, Why: g.why, More: g.more}
	if g.status != "" && g.status != OK && g.status != Empty {
		return rows, nil
	}
	if t.fold != nil {
		return t.fold.answer(t, g), nil
	}
	t.sort(g)
	count := len(g.rows)
	if most := t.want.PerKey; most > 0 && count > most {
		count, rows.More = most, true
	}
	if t.want.Count {
		rows.Total = t.total(g)
	}
	t.project(&rows, g.rows[:count])
	switch {
	case t.whole:
		rows.Status, rows.More = Truncated, true
		rows.Why = fmt.Sprintf("more rows than the %d kept for one answer (maxRows of the connector); ask with a filter or a limit", t.most)
	case count == 0:
		rows.Status = Empty
	default:
		rows.Status = OK
	}
	return rows, nil
}

func (t *tables) total(g *table) int {
	if t.accept.LimitDone && (t.accept.Want.PerKey > 0 || t.accept.Want.Limit > 0) {
		return g.total
	}
	if t.whole {
		return -1
	}
	return g.matches
}

func (t *tables) project(into *Rows, rows [][]schema.Value) {
	columns := len(t.want.Columns)
	into.Count = len(rows)
	into.Cells = make([]schema.Value, 0, len(rows)*columns)
	for _, row := range rows {
		into.Cells = append(into.Cells, row[:columns]...)
	}
}
