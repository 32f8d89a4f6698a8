package neo4j

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

// counted lets Neo4j count: entities of a selection whose conditions it has exactly, all in one group or in groups by values.
// One entity of each group says what its key looks like. ok is false when entities have to come over: for groups by what is
// related, and for measures but counts, since sort keys are no values.
func (v *View) counted(ctx context.Context, q *graph.Aggregation) (groups *graph.Groups, ok bool, err error) {
	of := &q.Of
	c := newCandidates(v, of, newPatch(v.layout))
	push := newPushdown()
	if push.where(of.Where); q.From != nil || of.IDs != nil || of.Rows != nil || of.Within != nil || c.query != nil || !push.whole {
		return nil, false, nil
	}
	keys, returns := []string{}, "count(*) AS n, min(s.id) AS one"
	for i, g := range q.By {
		column, known := push.column(g.Path)
		if len(g.Steps) > 0 || !known {
			return nil, false, nil
		}
		keys = append(keys, fmt.Sprint("key", i))
		returns += fmt.Sprintf(", %s AS key%d", column, i)
	}
	for i, m := range q.Measures {
		column, known := push.column(m.Path)
		if m.Func != schema.FoldCount || !known {
			return nil, false, nil
		}
		keys = append(keys, fmt.Sprint("measure", i))
		returns += fmt.Sprintf(", count(%s) AS measure%d", column, i)
	}
	free := of.Where == nil && len(keys) == 0 // as memory counts: nobody is looked at
	if of.Budget > 0 && !free {
		if err := c.affordable(ctx); err != nil {
			return nil, false, err
		}
	}
	src := c.source()
	text := src.match
	for _, t := range push.tests {
		text += " AND " + t
	}
	for k, p := range src.params {
		push.parameters[k] = p
	}
	records, err := v.read(ctx, statement{text: text + alive + "\nWITH " + returns, returns: strings.Join(append([]string{"n", "one"}, keys...), ", ")}, push.parameters)
	if err != nil || q.Most > 0 && len(records) > q.Most {
		return nil, false, err
	}
	if len(records) == 0 && len(q.By) == 0 { // see countOf
		records = []*driver.Record{{Values: make([]any, 2+len(keys))}}
	}
	rows, total := make([]countRow, len(records)), 0
	for i, r := range records {
		rows[i].read(r.Values, len(q.By))
		total += rows[i].entities
	}
	if of.Budget > 0 && total > of.Budget && !free {
		return nil, false, tooMany(of.Budget)
	}
	groups, err = v.groupsOf(ctx, q, rows)
	return groups, err == nil, err
}

// countRow is one group as Neo4j counts it.
type countRow struct {
	entities int
	one      graph.EntityID // the first of them, "" for none
	keys     []any          // sort keys, or nil
	counts   []int64
}

func (r *countRow) read(values []any, by int) {
	n, _ := values[0].(int64)
	id, _ := values[1].(string)
	r.entities, r.one, r.keys = int(n), graph.EntityID(id), values[2:2+by]
	for _, value := range values[2+by:] {
		count, _ := value.(int64)
		r.counts = append(r.counts, count)
	}
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

// groupsOf writes the answer.
func (v *View) groupsOf(ctx context.Context, q *graph.Aggregation, rows []countRow) (*graph.Groups, error) {
	slices.SortFunc(rows, func(a, b countRow) int { return a.compare(&b) })
	n := len(rows)
	g := &graph.Groups{Offsets: []int32{0, int32(n)}, Counts: make([]int, n), Keys: make([]schema.Value, n*len(q.By)), Rows: make([]graph.Row, n*len(q.By)), Values: make([]schema.Value, n*len(q.Measures))}
	var ones []graph.EntityID
	for i := range rows {
		g.Counts[i] = rows[i].entities
		for m, count := range rows[i].counts {
			g.Values[m*n+i] = schema.IntOf(count)
		}
		ones = append(ones, rows[i].one)
	}
	for i := range g.Rows {
		g.Rows[i] = graph.NoRow
	}
	if len(q.By) == 0 {
		return g, v.whole(ctx)
	}
	found, err := v.known(ctx, ones)
	if err != nil {
		return nil, err
	}
	for i, id := range ones {
		for k := range q.By {
			g.Keys[k*n+i] = keyOf(found[id], q.By[k].Path)
		}
	}
	return g, nil
}

func keyOf(e *record.Entity, path schema.Path) schema.Value {
	if e == nil {
		return schema.Null
	}
	return cell(e, path)
}
