package memory

import (
	"slices"

	"mereon/graph"
)

// delete removes the entity and all relationships from and to it, and its children when asked to.
func (t *txn) delete(row uint32, children graph.OnChildren) error {
	if children > graph.DetachChildren {
		return invalid("entity %s: unknown answer %d to what becomes of its children", t.pages.at(row).id(), children)
	}
	doomed := []uint32{row}
	if children == graph.DeleteChildren {
		doomed = t.below(row)
	}
	if children == graph.RefuseChildren {
		t.noteOrphans(row)
	}
	for _, r := range doomed {
		t.remove(r)
	}
	return nil
}

// below returns row and everything below it in any hierarchy.
func (t *txn) below(row uint32) []uint32 {
	seen := t.shared.marks.take(t.pages.n)
	defer t.shared.marks.give(seen)
	seen.set(row, 0)
	found := []uint32{row}
	for i := 0; i < len(found); i++ {
		for h := range t.layout.hierarchies {
			for _, up := range t.layout.hierarchies[h].up {
				t.eachNeighbour(found[i], link{up.relation, !up.in}, func(child uint32) {
					if !seen.has(child) {
						seen.set(child, 0)
						found = append(found, child)
					}
				})
			}
		}
	}
	return found
}

func (s *Snapshot) eachNeighbour(row uint32, l link, visit func(row uint32)) {
	from, to := l.bounds()
	s.pages.at(row).runs(from, to, func(run []uint64) bool {
		for _, e := range run {
			visit(endRow(e))
		}
		return true
	})
}

// noteOrphans remembers the children of row: by the end of the change set they must be gone or have another parent.
func (t *txn) noteOrphans(row uint32) {
	parent := t.pages.at(row).id()
	for h := range t.layout.hierarchies {
		name := t.layout.hierarchies[h].name
		for _, up := range t.layout.hierarchies[h].up {
			t.eachNeighbour(row, link{up.relation, !up.in}, func(child uint32) {
				t.orphans = append(t.orphans, orphan{t.pages.at(child).id(), parent, name})
			})
		}
	}
}

func (t *txn) remove(row uint32) {
	e := t.touch(row)
	delete(t.made, e.id())
	for _, end := range e.allEnds(nil) {
		other, relation := endRow(end), endRelation(end)
		if end&inward == 0 {
			t.unrelate(edge{row, relation, other})
			continue
		}
		if _, still := e.find(end); still { // a relationship to itself is gone already
			t.unrelate(edge{other, relation, row})
			if t.origin("") == graph.FromAPI {
				t.pages.at(other).wroteBy(graph.FromAPI)
			}
		}
	}
	for _, i := range t.layout.indexesOf(e.typ) {
		t.dropFromIndex(i, row, e.data)
	}
	id := e.id()
	t.rowsOf(e.typ).remove(t.owner, t.findID(id))
	t.ids.remove(t.owner, findWord(t.idHash(id)|uint64(row)))
	*e = entity{flags: touched}
	t.live--
	if t.deleted == nil {
		t.deleted = map[string]uint32{}
	}
	t.deleted[id] = row
}

// release gives the rows of entities that are gone back for later transactions.
func (t *txn) release(rows []uint32) {
	for _, row := range rows {
		t.free.insert(t.owner, row, func(rows []uint32) (int, bool) { return slices.BinarySearch(rows, row) })
	}
}
