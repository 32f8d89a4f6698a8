package query

import (
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// relatedNeed is what the entities or records that relationships and joins lead to from the members of a group are together:
// the halls of pumps, the customer orders that wait for work orders. Each counts once for each member that leads to it.
type relatedNeed struct {
	key   string
	found member
	field *ast.Field
	sums  *level // stands for the targets: what is measured, and what they are
	many  bool
}

// relatedQuestion is a relatedNeed understood; what is below it is asked of the targets in turn.
type relatedQuestion struct {
	*relatedNeed
	to    relatedPredicate
	inner cutQuestion // without keys
}

// relatedAggregate plans the targets of a relationship or join of the members of a group.
func (p *planner) relatedAggregate(k *level, m merged, found member) emit {
	at, need := k.cut.relatedNeed(p.catalog, found, m.field)
	fields := p.aggregateFields(need.sums, "", m)
	return func(w *writer, f *frame, i int) outcome { return w.joinedSum(fields, need.sums, f.sum(i).related, at) }
}

func (c *cut) relatedNeed(of *catalog, found member, field *ast.Field) (int, *relatedNeed) {
	key := levelKey(field)
	for i, need := range c.related {
		if need.key == key {
			return i, need
		}
	}
	need := &relatedNeed{key: key, found: found, field: field, sums: &level{name: field.Name, cut: &cut{}}}
	if found.relationship != nil {
		need.sums.shown, need.many = found.relationship.Target, found.relationship.Many
	} else {
		need.sums.record, need.many = of.model.Records[found.join.Target], found.join.Many
		if need.sums.record == nil {
			need.sums.shown = found.join.Target
		}
	}
	if need.sums.record == nil {
		need.sums.types = of.concrete(need.sums.shown)
	}
	c.related = append(c.related, need)
	return len(c.related) - 1, need
}

// anyField says whether a field of what is joined or related fulfils a test.
func (c *cut) anyField(test func(*ast.Field) bool) bool {
	for _, j := range c.joined {
		if test(j.field) {
			return true
		}
	}
	for _, r := range c.related {
		if test(r.field) || r.sums.cut.anyField(test) {
			return true
		}
	}
	return false
}

// relatedArguments understands what is asked of the targets of relationships and joins.
func (c *catalog) relatedArguments(k *cut, variables map[string]any) (list []*relatedQuestion, err error) {
	for _, need := range k.related {
		q := &relatedQuestion{relatedNeed: need, inner: cutQuestion{needs: need.sums.cut.measures}}
		if q.inner.joined, err = c.joinedArguments(need.sums.cut, variables); err != nil {
			return nil, err
		}
		if q.inner.related, err = c.relatedArguments(need.sums.cut, variables); err != nil {
			return nil, err
		}
		scope := filterScope{catalog: c}
		if need.found.relationship != nil {
			q.to = scope.relationshipShape(need.found.relationship)
		} else {
			q.to = scope.joinShape(need.found.join)
		}
		q.to.also = func(add needs) {
			if need.sums.record == nil {
				add.column(graph.ColumnID)
			}
			c.foldColumns(&question{types: need.sums.types, folds: []*cutQuestion{&q.inner}}, add)
		}
		list = append(list, q)
	}
	return list, nil
}

// joinedRows asks for the records that members join, row by row.
func (c *catalog) joinedRows(need *joinedNeed, where *predicate, variables map[string]any) (*relatedQuestion, error) {
	q := &relatedQuestion{relatedNeed: &relatedNeed{field: need.field, sums: need.sums, many: true}, inner: cutQuestion{needs: need.sums.cut.measures}}
	var err error
	if q.inner.related, err = c.relatedArguments(need.sums.cut, variables); err != nil {
		return nil, err
	}
	q.to = filterScope{catalog: c}.joinShape(need.join)
	q.to.where, q.to.quantifier = where, schema.Some
	q.to.also = func(add needs) { c.foldColumns(&question{folds: []*cutQuestion{&q.inner}}, add) }
	return q, nil
}

// joins adds the columns whose values lead to the targets.
func (r *relatedQuestion) joins(add needs) {
	if r.to.join != nil {
		r.to.joined(add)
	}
}

// summing adds rows of a frame to groups: their values, the records they join, and what they are related to.
type summing struct {
	x       *execution
	f       *frame
	q       *cutQuestion
	joined  []*joinedParts
	rows    []*relatedTargets // in the place of joined: row by row
	related []*relatedTargets
	left    *int // how often a target may still be added, since many rows may lead to the same many
}

// relatedTargets is what the rows of a frame lead to.
type relatedTargets struct {
	*summing // of the targets
	failed   func(int) bool
	many     bool
}

// summing reads, with one question each, what the rows of f that count join and lead to.
func (x *execution) summing(f *frame, lv *level, q *cutQuestion, truths []verdict) (*summing, error) {
	left := additionsPerRow * x.engine.limits.Rows
	s := &summing{x: x, f: f, q: q, left: &left}
	return s, s.read(lv, truths)
}

// additionsPerRow is how often each row of the budget may be added to groups.
const additionsPerRow = 50

// enough says whether everything could be added.
func (s *summing) enough() error {
	if *s.left < 0 {
		return fault.New(fault.Limit, "more than %d values would be added up along relationships; filter more, or start nearer", additionsPerRow*s.x.engine.limits.Rows)
	}
	return nil
}

func (s *summing) read(lv *level, truths []verdict) error {
	x, f, q := s.x, s.f, s.q
	for j := range q.joined {
		if rows := q.joined[j].rows; rows != nil {
			targets, err := s.targets(rows, lv)
			if err != nil {
				return err
			}
			s.joined = append(s.joined, nil)
			s.rows = append(s.rows, targets)
			continue
		}
		s.rows = append(s.rows, nil)
		parts, err := x.joinedParts(f, lv, &q.joined[j], truths)
		if err != nil {
			return err
		}
		s.joined = append(s.joined, parts)
	}
	for _, r := range q.related {
		targets, err := s.targets(r, lv)
		if err != nil {
			return err
		}
		s.related = append(s.related, targets)
	}
	return nil
}

// targets reads what all rows lead to, and what is asked of it.
func (s *summing) targets(r *relatedQuestion, lv *level) (*relatedTargets, error) {
	var key *orderKey
	if r.to.record != nil && !r.many { // as the field shows it: the first row by its key
		key = &orderKey{path: schema.Path(r.to.record.Key)}
	}
	t, failed, err := s.x.targets(&r.to, s.f, key)
	if err != nil {
		return nil, err
	}
	inner := &summing{x: s.x, f: t, q: &r.inner, left: s.left}
	return &relatedTargets{inner, failed, r.many}, inner.read(lv, nil)
}

// add takes row i into a group.
func (s *summing) add(g *groupSum, i int) {
	for n := range s.q.needs {
		need := &s.q.needs[n]
		if federatedProperty(need.property) {
			g.cells[n].add(s.x.federated(s.f, need.path, i))
		} else if c := s.f.columnOf(need.path); c >= 0 {
			g.cells[n].fold.Add(s.f.cell(c, i))
		}
	}
	for j, parts := range s.joined {
		if parts == nil {
			s.rows[j].addTo(&g.joined[j], i)
			continue
		}
		parts.add(&g.joined[j], i, len(s.q.joined[j].sums.cut.measures))
	}
	for r, targets := range s.related {
		targets.addTo(&g.related[r], i)
	}
}

// addTo takes the targets of row i into a group.
func (t *relatedTargets) addTo(into *joinedSum, i int) {
	if into.cells == nil {
		into.cells, into.joined, into.related = make([]sumCell, len(t.q.needs)), make([]joinedSum, len(t.q.joined)), make([]joinedSum, len(t.q.related))
	}
	if t.failed != nil && t.failed(i) {
		if g := t.f.groupIndex(i); g >= 0 && into.failed == "" {
			into.failed = t.f.facts[g].status
		}
		return
	}
	from, to := t.f.group(i)
	if !t.many {
		to = min(to, from+1)
	}
	for row := from; row < to && *t.left >= 0; row++ {
		*t.left--
		into.count++
		t.add(&into.groupSum, row)
	}
}
