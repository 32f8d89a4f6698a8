package connectors

import (
	"fmt"
	"slices"

	"mereon/schema"
)

// fold makes groups of rows.
type fold struct {
	keys     []foldKey
	measures []foldMeasure
	groups   *rowQuestion // how finished groups are ordered and limited
}

// folded is the groups of one key in the making.
type folded struct {
	at     map[string]int
	groups []foldedGroup
	buffer []byte
	made   *Rows // the answer, once it was asked for
}

type foldedGroup struct {
	keys  []schema.Value
	rows  int64
	folds []schema.Fold
}

// add counts one row.
func (f *fold) add(into *folded, row []schema.Value) {
	into.buffer = into.buffer[:0]
	for i := range f.keys {
		into.buffer = schema.AppendKey(into.buffer, f.keys[i].of(row))
	}
	at, known := into.at[string(into.buffer)]
	if !known {
		if into.at == nil {
			into.at = map[string]int{}
		}
		at = len(into.groups)
		into.at[string(into.buffer)] = at
		g := foldedGroup{keys: make([]schema.Value, len(f.keys)), folds: make([]schema.Fold, len(f.measures))}
		for i := range f.keys {
			g.keys[i] = f.keys[i].of(row)
		}
		into.groups = append(into.groups, g)
	}
	g := &into.groups[at]
	g.rows++
	for i, m := range f.measures {
		if m.at >= 0 {
			g.folds[i].Add(row[m.at])
		}
	}
}

func (k *foldKey) of(row []schema.Value) schema.Value { return k.bucket.Start(row[k.at], k.zone) }

// answer is the groups of one key as rows, in order and limited.
func (f *fold) answer(t *tables, g *table) Rows {
	if t.whole {
		return Rows{Total: -1, More: true, Status: Truncated, Why: fmt.Sprintf(
			"groups were to be made of more than the %d rows that are read for one answer (maxRows of the connector), and the source does not make them itself; ask with a filter", t.most)}
	}
	if g.folded.made != nil {
		return *g.folded.made
	}
	finished := newTables(f.groups, []Key{{}})
	finished.got[0].total = len(g.folded.groups)
	for i := range g.folded.groups {
		group := &g.folded.groups[i]
		row := group.keys
		for m, measure := range f.measures {
			if measure.at < 0 {
				row = append(row, schema.IntOf(group.rows))
			} else {
				row = append(row, group.folds[m].Of(measure.by))
			}
		}
		finished.got[0].rows = append(finished.got[0].rows, slices.Clip(row))
		finished.got[0].matches++
	}
	rows, _ := finished.answer(0)
	g.folded.made = &rows
	return rows
}
