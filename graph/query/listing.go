package query

import (
	"slices"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// parents returns the graph rows that a level starts from, and which group each parent row has; nil when row i has group i.
func (x *execution) parents(lv *level) (from []graph.Row, groupOf []int32) {
	parent := x.frames[lv.parent.id]
	if lv.parentTypes == nil && !slices.Contains(parent.rows, graph.NoRow) {
		return parent.rows, nil
	}
	groupOf = make([]int32, parent.n)
	for i, row := range parent.rows {
		groupOf[i] = -1
		if row == graph.NoRow {
			continue
		}
		if lv.parentTypes != nil {
			if _, wanted := slices.BinarySearch(lv.parentTypes, parent.typeOf(i)); !wanted {
				continue
			}
		}
		groupOf[i] = int32(len(from))
		from = append(from, row)
	}
	return from, groupOf
}

// listed answers a question in the graph when the graph can decide all of it; else it takes every candidate and decides here.
func (x *execution) listed(lv *level, q *question, groupOf []int32, read func(ask) (*graph.Batch, error)) (*frame, error) {
	if q.noTypes {
		return x.nothing(lv, groupOf), nil
	}
	if q.decided() {
		return x.decide(lv, q, groupOf, read)
	}
	b, err := read(q.asks(lv))
	if err != nil {
		return nil, err
	}
	return x.frameOf(lv, b, q.columns, groupOf)
}

// asks is the listing that the graph decides.
func (q *question) asks(lv *level) ask {
	return ask{where: q.push, order: q.graphOrder, page: q.page.graph(lv.wanted), columns: q.columns, count: lv.count}
}

// nothing is the answer when no type can match.
func (x *execution) nothing(lv *level, groupOf []int32) *frame {
	groups := x.frames[lv.parent.id].n
	return &frame{level: lv, offsets: make([]int32, groups+1), groupOf: groupOf, facts: make([]groupFacts, groups)}
}

// frameOf makes a frame of a batch.
func (x *execution) frameOf(lv *level, b *graph.Batch, columns []schema.Path, groupOf []int32) (*frame, error) {
	f := &frame{
		level: lv, n: len(b.Rows), rows: b.Rows, cols: columns, cells: b.Cells, offsets: b.Offsets, groupOf: groupOf,
		props: b.Props, depth: b.Depth, via: b.Via, relation: b.ViaRelation,
	}
	if f.offsets == nil {
		f.offsets = []int32{0, int32(f.n)}
	}
	if b.Ranks != nil {
		f.keyed = rankKeys(b.Ranks)
	}
	if _, reach := lv.rows.(reachSource); !reach && slices.Contains(b.Truncated, true) {
		return nil, fault.New(fault.Limit, "more than %d rows would have to be looked at (limits.rows); ask for a smaller part", x.engine.limits.Rows)
	}
	if b.Totals == nil && b.More == nil && b.Truncated == nil {
		return f, nil
	}
	f.facts = make([]groupFacts, len(f.offsets)-1)
	for g := range f.facts {
		facts := groupFacts{total: -1, status: connectors.OK}
		if g < len(b.Totals) {
			facts.total = b.Totals[g]
		}
		if g < len(b.More) {
			facts.more = b.More[g]
		}
		if g < len(b.Before) {
			facts.before = b.Before[g]
		}
		if g < len(b.Truncated) {
			facts.truncated = b.Truncated[g]
		}
		f.facts[g] = facts
	}
	return f, nil
}

// positional makes a frame of one group from a look-up; entities that are not of the level's types count as absent.
func (x *execution) positional(lv *level, b *graph.Batch, columns []schema.Path) *frame {
	f := &frame{level: lv, n: len(b.Rows), rows: b.Rows, cols: columns, cells: b.Cells, offsets: []int32{0, int32(len(b.Rows))}}
	if lv.types == nil {
		return f
	}
	cloned := false
	for i, row := range f.rows {
		if row == graph.NoRow {
			continue
		}
		if _, is := slices.BinarySearch(lv.types, f.typeOf(i)); is {
			continue
		}
		if !cloned {
			f.rows, cloned = slices.Clone(f.rows), true
		}
		f.rows[i] = graph.NoRow
	}
	return f
}
