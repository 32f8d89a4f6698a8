package memory

import (
	"slices"
	"strings"

	"mereon/schema/fault"
)

// maxConflicts is the number of conflicts that one refusal tells.
const maxConflicts = 10

// conflicts collects what is wrong with the result of a change set.
type conflicts struct{ texts []string }

func (c *conflicts) add(err error) {
	if len(c.texts) < maxConflicts && !slices.Contains(c.texts, err.Error()) {
		c.texts = append(c.texts, err.Error())
	}
}

func (c *conflicts) full() bool { return len(c.texts) == maxConflicts }

func (c *conflicts) err() error {
	if len(c.texts) == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "%s", strings.Join(c.texts, "\n"))
}

// check tests the rules of the layout on the result.
func (t *txn) check() error {
	var c conflicts
	if t.relaid {
		t.checkAll(&c)
	} else {
		t.checkEdges(&c)
		t.checkUnique(&c)
	}
	t.checkOrphans(&c)
	return c.err()
}

// checkEdges tests every relationship that was asked for.
func (t *txn) checkEdges(c *conflicts) {
	var added []edge
	for _, op := range t.ops {
		if op.related && !op.same {
			added = append(added, op.edge)
		}
	}
	for _, e := range added {
		if c.full() {
			return
		}
		if _, still := t.pages.at(e.from).find(end(false, e.relation, e.to)); still {
			t.checkEdge(c, e)
		}
	}
	if len(c.texts) == 0 {
		t.checkCycles(c, added)
	}
}

func (t *txn) checkEdge(c *conflicts, e edge) {
	r, name := t.layout.relation(e.relation), t.relations.text(e.relation)
	if r == nil {
		c.add(conflict("%s and %s are related by %s, which the model does not know", t.idOf(e.from), t.idOf(e.to), name))
		return
	}
	if from, to := endsOf(false, e.relation); r.Single {
		if others := t.first(e.from, from, to); len(others) > 1 {
			c.add(conflict("%s would have two targets of %s, %s and %s, and can have one: replace it, or remove the other", t.idOf(e.from), name, others[0], others[1]))
		}
	}
	if from, to := endsOf(true, e.relation); r.InverseOne {
		if others := t.first(e.to, from, to); len(others) > 1 {
			c.add(conflict("%s would be the %s of two, %s and %s, and can be of one: remove the other first", t.idOf(e.to), name, others[0], others[1]))
		}
	}
	if r.Hierarchy != "" {
		t.checkParents(c, e, r.Hierarchy, r.ToParent)
	}
}

func (t *txn) checkParents(c *conflicts, e edge, name string, toParent bool) {
	child := e.from
	if !toParent {
		child = e.to
	}
	if e.from == e.to {
		c.add(conflict("%s cannot be its own parent in the hierarchy %s", t.idOf(child), name))
		return
	}
	var parents []string
	for _, h := range t.layout.hierarchies {
		if h.name != name {
			continue
		}
		for _, up := range h.up {
			from, to := up.bounds()
			parents = append(parents, t.first(child, from, to)...)
		}
	}
	if len(parents) > 1 {
		c.add(conflict("%s would have two parents in the hierarchy %s, %s and %s: remove one of them", t.idOf(child), name, parents[0], parents[1]))
	}
}

// first returns the ids at the first two ends within the bounds.
func (t *txn) first(row uint32, from, to uint64) (ids []string) {
	t.pages.at(row).runs(from, to, func(run []uint64) bool {
		for _, e := range run[:min(len(run), 2)] {
			ids = append(ids, t.idOf(endRow(e)))
		}
		return len(ids) < 2
	})
	return ids[:min(len(ids), 2)]
}

func (s *Snapshot) idOf(row uint32) string { return s.pages.at(row).id() }

// checkCycles walks from the children of added relationships to their roots. Every entity is walked over once per
// hierarchy, so that a long chain costs its length.
func (t *txn) checkCycles(c *conflicts, added []edge) {
	for i := range t.layout.hierarchies {
		h := &t.layout.hierarchies[i]
		seen := t.shared.marks.take(t.pages.n)
		walk := uint32(0)
		for _, e := range added {
			if !slices.ContainsFunc(h.up, func(up link) bool { return up.relation == e.relation }) {
				continue
			}
			if walk++; walk == marksMax {
				seen.reset(t.pages.n)
				walk = 0
			}
			t.checkCycle(c, h, seen, walk, e)
		}
		t.shared.marks.give(seen)
	}
}

func (t *txn) checkCycle(c *conflicts, h *hierarchy, seen *marks, walk uint32, e edge) {
	row := e.from
	for {
		if by, visited := seen.get(row); visited {
			if by == walk {
				c.add(conflict("%s would be above itself in the hierarchy %s: %s between %s and %s closes a cycle",
					t.idOf(row), h.name, t.relations.text(e.relation), t.idOf(e.from), t.idOf(e.to)))
			}
			return
		}
		seen.set(row, walk)
		parent, ok := t.parent(h, row)
		if !ok {
			return
		}
		row = parent
	}
}

// parent returns the parent of row in the hierarchy.
func (s *Snapshot) parent(h *hierarchy, row uint32) (uint32, bool) {
	for _, up := range h.up {
		from, to := up.bounds()
		if only, n := s.pages.at(row).one(from, to); n > 0 {
			return endRow(only), true
		}
	}
	return 0, false
}

// checkUnique tests the unique values of every entity touched.
func (t *txn) checkUnique(c *conflicts) {
	for _, touch := range t.touches {
		e := t.pages.at(touch.row)
		if c.full() || e.data == "" || e.data == touch.before.data && e.typ == touch.before.typ {
			continue
		}
		for _, i := range t.layout.indexesOf(e.typ) {
			t.checkValue(c, i, touch.row, e.data)
		}
	}
}

func (t *txn) checkValue(c *conflicts, i int, row uint32, data string) {
	spec := &t.layout.indexes[i]
	if spec.scope == "" {
		return
	}
	v := recordFind(data, spec.key)
	if v.IsNull() {
		return
	}
	t.equal(&t.indexes[i], v, func(other uint32) bool {
		if other != row {
			c.add(conflict("%s and %s would both have the %s %s, which must be unique within %s",
				min(t.idOf(row), t.idOf(other)), max(t.idOf(row), t.idOf(other)), spec.path, describe(v), spec.scope))
		}
		return other == row
	})
}

// checkOrphans tests that nobody lost a parent to a deletion that refuses to leave children behind.
func (t *txn) checkOrphans(c *conflicts) {
	for _, o := range t.orphans {
		row, alive := t.row(o.child)
		if !alive || c.full() {
			continue
		}
		if h := t.hierarchy(o.hierarchy); h != nil {
			if _, has := t.parent(h, row); has {
				continue
			}
		}
		c.add(conflict("%s has the child %s in the hierarchy %s: delete its children too, detach them, or move them first", o.parent, o.child, o.hierarchy))
	}
}

func (s *Snapshot) hierarchy(name string) *hierarchy {
	for i := range s.layout.hierarchies {
		if s.layout.hierarchies[i].name == name {
			return &s.layout.hierarchies[i]
		}
	}
	return nil
}
