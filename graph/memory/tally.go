package memory

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// tally sums up entities in groups, one set after the other.
type tally struct {
	s        *Snapshot
	q        *graph.Aggregation
	l, hops  looker // entities counted, against the budget, and steps to what groups them
	by       []groupKey
	columns  []column // measured, each once
	measured []int    // per measure: its place in columns

	buffer []byte
	key    []schema.Value // of the entity that is placed, per grouping
	rows   []graph.Row
	trail  []uint32
	found  map[string]int32 // groups of this set, by key
	groups []group
	out    graph.Groups
	done   []group // of all sets
	err    error
}

// groupKey is a graph.Grouping in numbers.
type groupKey struct {
	col     column
	related bool
	links   []link
	types   typeSet
	far     bool
	found   []uint32 // of the entity that is placed
}

type group struct {
	key   []schema.Value
	rows  []graph.Row
	count int
	folds []schema.Fold
}

func newTally(ctx context.Context, s *Snapshot, q *graph.Aggregation) *tally {
	t := &tally{s: s, q: q, l: looker{ctx: ctx, budget: q.Of.Budget}, hops: looker{ctx: ctx}, found: map[string]int32{}}
	t.out.Offsets = make([]int32, 1, max(1, len(q.From))+1)
	for _, g := range q.By {
		k := groupKey{related: len(g.Steps) > 0, far: g.Far, types: s.typeSet(g.Types)}
		if k.related {
			k.links = s.links(nil, g.Steps)
		} else {
			k.col = s.column(g.Path)
		}
		t.by = append(t.by, k)
	}
	for _, m := range q.Measures {
		col := s.column(m.Path)
		at := slices.Index(t.columns, col)
		if at < 0 {
			at = len(t.columns)
			t.columns = append(t.columns, col)
		}
		t.measured = append(t.measured, at)
	}
	t.key, t.rows = make([]schema.Value, len(t.by)), make([]graph.Row, len(t.by))
	return t
}

// total says that the only group of this set has so many entities.
func (t *tally) total(count int) {
	t.groups = append(t.groups, group{count: count, folds: make([]schema.Fold, len(t.columns))})
}

// add counts one entity in all its groups.
func (t *tally) add(row uint32) {
	t.place(0, row, t.buffer[:0])
}

// place extends the key of an entity by the groupings from number k on.
func (t *tally) place(k int, row uint32, key []byte) {
	if t.err != nil {
		return
	}
	if k == len(t.by) {
		t.buffer = key[:0]
		t.count(row, key)
		return
	}
	by := &t.by[k]
	t.key[k], t.rows[k] = schema.Null, graph.NoRow
	if !by.related {
		v := t.s.cell(t.s.pages.at(row), by.col)
		t.key[k] = v
		t.place(k+1, row, schema.AppendKey(key, v))
		return
	}
	from := len(key)
	for _, other := range t.related(by, row) {
		t.rows[k] = graph.Row(other)
		t.place(k+1, row, binary.LittleEndian.AppendUint32(key[:from], other))
	}
}

// related returns the entities that make groups for a row, NoRow alone when there is none.
func (t *tally) related(by *groupKey, row uint32) []uint32 {
	by.found = by.found[:0]
	take := func(other uint32) {
		if by.types.has(t.s.pages.at(other).typ) {
			by.found = append(by.found, other)
		}
	}
	if by.far {
		t.eachFar(row, by.links, take)
	} else {
		t.eachNear(&t.hops, t.s.pages.at(row), by.links, take)
	}
	if len(by.found) == 0 {
		by.found = append(by.found, uint32(graph.NoRow))
	}
	return by.found
}

func (t *tally) count(row uint32, key []byte) {
	at, known := t.found[string(key)]
	if !known {
		if t.q.Most > 0 && len(t.groups) == t.q.Most {
			t.err = fault.New(fault.Limit, "there are more than %d groups: group by something with fewer values, or narrow the question", t.q.Most)
			return
		}
		at = int32(len(t.groups))
		t.found[string(key)] = at
		t.groups = append(t.groups, group{key: slices.Clone(t.key), rows: slices.Clone(t.rows), folds: make([]schema.Fold, len(t.columns))})
	}
	g := &t.groups[at]
	g.count++
	if len(t.columns) == 0 {
		return
	}
	e := t.s.pages.at(row)
	for c, col := range t.columns {
		g.folds[c].Add(t.s.cell(e, col))
	}
}

// close ends a set.
func (t *tally) close() {
	if len(t.by) == 0 && len(t.groups) == 0 {
		t.total(0)
	}
	slices.SortFunc(t.groups, t.compare)
	t.done = append(t.done, t.groups...)
	t.out.Offsets = append(t.out.Offsets, int32(len(t.done)))
	t.groups = t.groups[:0]
	clear(t.found)
}

func (t *tally) compare(a, b group) int {
	for k := range t.by {
		if c := schema.Compare(a.key[k], b.key[k]); c != 0 {
			return c
		}
		if x, y := a.rows[k], b.rows[k]; x != y {
			switch {
			case x == graph.NoRow:
				return 1
			case y == graph.NoRow:
				return -1
			}
			return strings.Compare(t.s.idOf(uint32(x)), t.s.idOf(uint32(y)))
		}
	}
	return 0
}

// answer writes all sets out in columns.
func (t *tally) answer() *graph.Groups {
	n, out := len(t.done), &t.out
	out.Counts = make([]int, n)
	out.Keys, out.Rows = make([]schema.Value, n*len(t.by)), make([]graph.Row, n*len(t.by))
	out.Values = make([]schema.Value, n*len(t.measured))
	for i := range t.done {
		g := &t.done[i]
		out.Counts[i] = g.count
		for k := range t.by {
			out.Keys[k*n+i], out.Rows[k*n+i] = g.key[k], g.rows[k]
		}
		for m, c := range t.measured {
			out.Values[m*n+i] = g.folds[c].Of(t.q.Measures[m].Func)
		}
	}
	return out
}
