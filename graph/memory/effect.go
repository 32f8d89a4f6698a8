package memory

import (
	"slices"

	"mereon/graph"
)

// Effect is what a change set did, in the words of the snapshot it made: rows, and numbers of names.
type Effect struct {
	Commit    graph.Commit
	Repeated  bool // the change set was applied before; nothing else is set
	Changed   bool // there is a new revision
	By        string
	Key       string   // the idempotency key to remember, "" for none
	forgotten []string // idempotency keys that are too old

	rows      []rowChange
	edges     []edgeChange
	artifacts []artifactOp
	layout    bool
	base      *Snapshot
	next      *Snapshot
	absorbed  *graph.Change // the entry of the other store's log, when it came from there
}

// rowChange says how the entity of a row changed; before is empty when it did not exist.
type rowChange struct {
	row    uint32
	before entity
	op     graph.Op
	again  bool // deleted and created again
}

// edgeChange says what became of a relationship.
type edgeChange struct {
	edge
	removed bool
}

// finish stamps what changed with the next revision and returns the version and the effect.
func (t *txn) finish() (*Snapshot, *Effect) {
	f := &Effect{By: t.set.By, Key: t.set.IdempotencyKey, artifacts: t.written, base: t.base, next: t.Snapshot}
	f.layout = t.layout != t.base.layout
	f.edges, f.Commit.Repeats = t.net()
	f.Commit.Relationships = len(f.edges)
	for _, e := range f.edges {
		if from := t.pages.at(e.from); from.data != "" {
			from.flags |= rewired
		}
	}
	t.Snapshot.revision = t.base.revision + 1
	f.rows = make([]rowChange, 0, len(t.touches))
	if t.indexLater {
		f.Commit.Created = make([]graph.EntityID, 0, len(t.touches))
	}
	var gone []uint32
	for i := range t.touches {
		if t.settle(f, &t.touches[i]) {
			gone = append(gone, t.touches[i].row)
		}
	}
	t.release(gone)
	if !t.set.DryRun {
		t.reword()
	}
	f.Changed = len(f.rows)+len(f.edges)+len(f.artifacts) > 0 || f.layout
	if !f.Changed {
		t.Snapshot.revision = t.base.revision
	}
	f.Commit.Revision, f.Commit.At = t.Snapshot.revision, t.at
	t.remember(f)
	return t.Snapshot, f
}

// net reduces all attempts to what became of every relationship, sorted, and counts exact repeats.
func (t *txn) net() (changes []edgeChange, repeats int) {
	changes = make([]edgeChange, 0, len(t.ops))
	slices.SortFunc(t.ops, func(a, b edgeOp) int {
		if c := a.edge.compare(b.edge); c != 0 {
			return c
		}
		return order(a.seq, b.seq)
	})
	for i := 0; i < len(t.ops); {
		first, related := t.ops[i], false
		for ; i < len(t.ops) && t.ops[i].edge == first.edge; i++ {
			if t.ops[i].same && related {
				repeats++
			}
			related = related || t.ops[i].related
		}
		if c, changed := t.fate(first); changed {
			changes = append(changes, c)
		}
	}
	return changes, repeats
}

// fate compares a relationship with what it was before the first attempt on it.
func (t *txn) fate(first edgeOp) (edgeChange, bool) {
	now, exists := t.pages.at(first.from).find(end(false, first.relation, first.to))
	if !exists {
		return edgeChange{first.edge, true}, first.existed
	}
	if !first.existed {
		return edgeChange{first.edge, false}, true
	}
	fields := ""
	if now&withProps != 0 {
		fields = t.propsOf(first.edge)
	}
	old, known := t.oldProps[first.edge]
	return edgeChange{first.edge, false}, known && old != fields
}

// settle decides what became of a touched entity, stamps it, and says whether its row is free now.
func (t *txn) settle(f *Effect, touch *touch) (gone bool) {
	e, was := t.pages.at(touch.row), &touch.before
	if e.data == "" {
		e.flags = 0
		if was.data != "" {
			f.rows = append(f.rows, rowChange{touch.row, *was, graph.Delete, false})
			f.Commit.Deleted = append(f.Commit.Deleted, graph.EntityID(was.id()))
		}
		return true
	}
	op, again := t.opOf(e, was)
	differs := op != graph.Update || again || e.data != was.data || e.is(rewired)
	switch {
	case e.is(fresh):
	case e.is(byProject):
		e.flags &^= edited
	case e.is(byAPI) && e.is(ofProject) && differs:
		e.flags |= edited
	}
	e.flags &^= running
	if !differs && e.flags == was.flags {
		return false
	}
	if op == graph.Create || again {
		e.created = t.at.UnixNano()
	}
	e.revision, e.updated = t.Snapshot.revision, t.at.UnixNano()
	f.rows = append(f.rows, rowChange{touch.row, *was, op, again})
	if op == graph.Create {
		f.Commit.Created = append(f.Commit.Created, graph.EntityID(e.id()))
	} else {
		f.Commit.Updated = append(f.Commit.Updated, graph.EntityID(e.id()))
	}
	return false
}

func (t *txn) opOf(e, was *entity) (op graph.Op, again bool) {
	switch {
	case was.data == "":
		return graph.Create, false
	case e.typ != was.typ:
		return graph.Retype, e.is(fresh)
	}
	return graph.Update, e.is(fresh)
}
