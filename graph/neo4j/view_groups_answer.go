package neo4j

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

// countSet is one set of groups as Neo4j makes them.
type countSet struct{ rows []countRow }

// countRow is one group.
type countRow struct {
	entities int
	one      graph.EntityID // the first of them, "" for none
	keys     []any          // sort keys, ids of related entities, or nil
	measures []any          // a count, or a sort key and the same with who has it
}

// read takes a group: how many entities, one of them, as many keys as it is grouped by, measures.
func (s *countSet) read(values []any, by int) {
	n, _ := values[0].(int64)
	id, _ := values[1].(string)
	s.rows = append(s.rows, countRow{int(n), graph.EntityID(id), values[2 : 2+by], values[2+by:]})
}

// compare orders groups by their keys, nulls last.
func (r *countRow) compare(o *countRow) int {
	for i := range r.keys {
		a, some := r.keys[i].(string)
		b, other := o.keys[i].(string)
		if some != other {
			if some {
				return -1
			}
			return 1
		}
		if d := cmp.Compare(a, b); d != 0 {
			return d
		}
	}
	return 0
}

// extreme is the key of the least or greatest value and the entity that has it; "" for none.
func (r *countRow) extreme(measure int) (key string, holder graph.EntityID) {
	if pair, _ := r.measures[measure].([]any); len(pair) == 2 {
		key, _ = pair[0].(string)
		both, _ := pair[1].(string)
		return key, graph.EntityID(strings.TrimPrefix(both, key+"\x00"))
	}
	return "", ""
}

// keyIn is what a column of an entity is compared by.
func keyIn(e *record.Entity, path schema.Path) string {
	if bare(path) {
		return valueIn(e, path).Text()
	}
	return sortKey(valueIn(e, path))
}

// groupsOf writes the answer. What values there are is said by entities that have them: one a group, one an extreme. ok is false
// where the one of an extreme is not found: lists and texts with a null character do not sort together with an id as without.
func (v *View) groupsOf(ctx context.Context, q *graph.Aggregation, sets []countSet) (groups *graph.Groups, ok bool, err error) {
	g := &graph.Groups{Offsets: []int32{0}}
	var rows []countRow
	for i := range sets {
		slices.SortFunc(sets[i].rows, func(a, b countRow) int { return a.compare(&b) })
		rows = append(rows, sets[i].rows...)
		g.Offsets = append(g.Offsets, int32(len(rows)))
	}
	n := len(rows)
	g.Counts, g.Keys, g.Rows, g.Values = make([]int, n), make([]schema.Value, n*len(q.By)), make([]graph.Row, n*len(q.By)), make([]schema.Value, n*len(q.Measures))
	found, err := v.known(ctx, witnesses(q, rows))
	if err != nil {
		return nil, false, err
	}
	for i := range rows {
		r := &rows[i]
		g.Counts[i] = r.entities
		for k, by := range q.By {
			if g.Rows[k*n+i] = graph.NoRow; len(by.Steps) == 0 {
				g.Keys[k*n+i] = valueIn(found[r.one], by.Path)
			} else if id, some := r.keys[k].(string); some {
				g.Rows[k*n+i] = v.rowOf(graph.EntityID(id))
			}
		}
		for m, measure := range q.Measures {
			if measure.Func == schema.FoldCount {
				count, _ := r.measures[m].(int64)
				g.Values[m*n+i] = schema.IntOf(count)
			} else {
				key, holder := r.extreme(m)
				if keyIn(found[holder], measure.Path) != key {
					return nil, false, nil
				}
				g.Values[m*n+i] = valueIn(found[holder], measure.Path)
			}
		}
	}
	return g, true, nil
}

// witnesses are the entities that know values of groups.
func witnesses(q *graph.Aggregation, rows []countRow) (ids []graph.EntityID) {
	byValue := slices.ContainsFunc(q.By, func(by graph.Grouping) bool { return len(by.Steps) == 0 })
	for i := range rows {
		if byValue && rows[i].one != "" {
			ids = append(ids, rows[i].one)
		}
		for m := range q.Measures {
			if _, id := rows[i].extreme(m); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func (v *View) rowOf(id graph.EntityID) graph.Row {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.row(id)
}

func valueIn(e *record.Entity, path schema.Path) schema.Value {
	if e == nil {
		return schema.Null
	}
	return cell(e, path)
}
