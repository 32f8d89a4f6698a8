package memory

import (
	"cmp"
	"runtime"
	"slices"
	"time"

	"mereon/graph"
)

// txn builds the version after base. It changes only what it has copied, so giving it up costs nothing.
type txn struct {
	*Snapshot // the version in the making
	base      *Snapshot
	set       *graph.ChangeSet
	at        time.Time

	ownTypes, ownPaths, ownByType bool // copied already

	touches  []touch           // every entity touched, in that order, as it was
	deleted  map[string]uint32 // ids deleted so far, to come back to their row when created again
	ops      []edgeOp          // every attempt on a relationship
	oldProps map[edge]string   // properties that relationships had before they were first changed
	orphans  []orphan
	written  []artifactOp
	scratch  []byte

	lastID  string // the source of the relationship before
	lastRow uint32
	made    map[string]uint32 // rows of entities created, when there are many: relationships name them in any order

	relaid     bool // the layout asks something else of the graph than before
	indexLater bool // the graph was empty: indexes are built once the entities are there
}

// touch is an entity as it was before the transaction; its data is "" when it did not exist.
type touch struct {
	row    uint32
	before entity
}

// edge names a relationship by numbers.
type edge struct{ from, relation, to uint32 }

func (e edge) compare(o edge) int {
	return cmp.Or(cmp.Compare(e.from, o.from), cmp.Compare(e.relation, o.relation), cmp.Compare(e.to, o.to))
}

// edgeOp is one attempt: related says it was asked to exist, existed whether it did before the attempt.
type edgeOp struct {
	edge
	seq              uint32
	related, existed bool
	same             bool // it existed with the same properties
}

// orphan is a child whose parent was deleted without its consent: it needs another one by the end.
type orphan struct {
	child     string
	parent    string
	hierarchy string
}

// Next checks the change set and returns the version after s with what changed, or a coded error. s is not changed.
// When the change set is a dry run or changes nothing, the version is s itself or equal to it, with the same revision.
// at is the time of the commit, used when the change set has none.
func (s *Snapshot) Next(set *graph.ChangeSet, at time.Time) (*Snapshot, *Effect, error) {
	if !set.At.IsZero() {
		at = set.At
	}
	at = at.UTC()
	if past := s.repeated(set.IdempotencyKey); past != nil {
		return s, &Effect{Commit: *past, Repeated: true}, nil
	}
	if set.IfStore != nil && *set.IfStore != s.revision {
		return nil, nil, conflict("the graph is at revision %d, not %d: somebody changed it; read again, then retry", s.revision, *set.IfStore)
	}
	if set.IfModel != nil && *set.IfModel != s.layout.source.Model {
		return nil, nil, graph.ErrOtherModel
	}
	t := s.begin(set, at)
	if err := t.run(); err != nil {
		return nil, nil, err
	}
	next, effect := t.finish()
	if set.DryRun {
		effect.Commit.Revision = s.revision
		return s, &Effect{Commit: effect.Commit}, nil
	}
	return next, effect, nil
}

func (s *Snapshot) begin(set *graph.ChangeSet, at time.Time) *txn {
	next := *s
	next.owner++
	next.pages.own()
	next.indexes = slices.Clone(s.indexes)
	return &txn{Snapshot: &next, base: s, set: set, at: at}
}

func (t *txn) run() error {
	if t.set.Layout != nil {
		t.adopt(t.set.Layout)
	}
	t.touches = make([]touch, 0, len(t.set.Entities)) // growing a long list would stop readers while it is copied
	t.ops = make([]edgeOp, 0, len(t.set.Relationships))
	if len(t.set.Relationships) >= many {
		t.made = make(map[string]uint32, len(t.set.Entities))
	}
	t.indexLater = t.base.live == 0 && len(t.set.Entities) >= many
	for i := range t.set.Entities {
		giveWay(i)
		if err := t.entity(&t.set.Entities[i]); err != nil {
			return err
		}
	}
	if t.indexLater {
		for i := range t.indexes {
			t.buildIndexes([]int{i}) // one after the other: readers want a processor too
		}
	}
	for i := range t.set.Relationships {
		giveWay(i)
		if err := t.relationship(&t.set.Relationships[i]); err != nil {
			return err
		}
	}
	for _, a := range t.set.Artifacts {
		if err := t.artifact(a); err != nil {
			return err
		}
	}
	return t.check()
}

// many is from how many entities or relationships on a change set is a large one.
const many = 1024

// giveWay lets readers run now and then during a large change set.
func giveWay(i int) {
	if i%128 == 127 {
		runtime.Gosched()
	}
}

// touch notes that the entity changes and returns it for writing.
func (t *txn) touch(row uint32) *entity {
	e := t.pages.edit(t.owner, row)
	if !e.is(touched) {
		t.touches = append(t.touches, touch{row, *e})
		e.flags |= touched
	}
	return e
}

// wroteBy notes who wrote to the entity itself.
func (e *entity) wroteBy(origin graph.Origin) {
	if origin == graph.FromProject {
		e.flags |= byProject
	} else {
		e.flags |= byAPI
	}
}

func (t *txn) typeNumber(name string) uint32 {
	g := growing{t.types, t.ownTypes}
	n := g.add(name)
	t.types, t.ownTypes = g.names, g.owned
	return n
}

func (t *txn) pathNumber(name string) uint32 {
	g := growing{t.paths, t.ownPaths}
	n := g.add(name)
	t.paths, t.ownPaths = g.names, g.owned
	return n
}

// rowsOf returns the row tree of a type for writing.
func (t *txn) rowsOf(typ uint32) *tree[uint32] {
	if !t.ownByType {
		t.byType, t.ownByType = slices.Clone(t.byType), true
	}
	for len(t.byType) <= int(typ) {
		t.byType = append(t.byType, tree[uint32]{})
	}
	return &t.byType[typ]
}
