package memory

import (
	"iter"
	"slices"
	"strings"
	"time"

	"mereon/graph"
	"mereon/graph/record"
)

// Loader fills a graph from elsewhere: a file, a backup, another store. It keeps revisions and times as they are given.
// Entities come first, then Finish takes the relationships. It is not safe for concurrent use.
type Loader struct {
	t        *txn
	words    []uint64   // of the id map
	rows     [][]uint32 // of every type
	unsteady []bool     // rows of the type did not come by id
	last     []string   // newest id of the type
}

// NewLoader begins a graph with a layout.
func NewLoader(layout *graph.Layout) *Loader {
	t := Empty().begin(&graph.ChangeSet{}, time.Time{})
	if layout != nil {
		t.adopt(layout)
	}
	return &Loader{t: t}
}

// Entity adds an entity. Invalid when it cannot be one.
func (l *Loader) Entity(e record.Entity) error {
	if err := checkChange(&graph.EntityChange{Op: graph.Create, ID: e.ID, Type: e.Type, Values: e.Values}); err != nil {
		return err
	}
	row := l.t.pages.n
	l.add(row, entity{
		data:     l.t.encode(string(e.ID), l.t.merge(nil, e.Values)),
		revision: e.Revision, created: e.Created.UnixNano(), updated: e.Updated.UnixNano(),
		typ: l.t.typeNumber(string(e.Type)), flags: flagsOf(e.Origin, e.Edited),
	})
	return nil
}

func flagsOf(origin graph.Origin, isEdited bool) (flags uint8) {
	if origin == graph.FromProject {
		flags |= ofProject
	}
	if isEdited {
		flags |= edited
	}
	return flags
}

func (l *Loader) add(row uint32, e entity) {
	l.t.pages.grow(l.t.owner, row)
	*l.t.pages.edit(l.t.owner, row) = e
	id := e.id()
	l.words = append(l.words, l.t.idHash(id)|uint64(row))
	for len(l.rows) <= int(e.typ) {
		l.rows, l.unsteady, l.last = append(l.rows, nil), append(l.unsteady, false), append(l.last, "")
	}
	l.rows[e.typ] = append(l.rows[e.typ], row)
	l.unsteady[e.typ] = l.unsteady[e.typ] || id < l.last[e.typ]
	l.last[e.typ] = id
	l.t.live++
}

// index makes the id map and the rows of types. Invalid when an id came twice.
func (l *Loader) index() error {
	slices.Sort(l.words)
	for i := 1; i < len(l.words); i++ {
		for j := i - 1; j >= 0 && l.words[j]>>32 == l.words[i]>>32; j-- {
			if id := l.t.idOf(uint32(l.words[i])); id == l.t.idOf(uint32(l.words[j])) {
				return invalid("the entity %s is given twice", id)
			}
		}
	}
	l.t.ids = build(l.t.owner, l.words)
	for typ, rows := range l.rows {
		if l.unsteady[typ] {
			slices.SortFunc(rows, func(a, b uint32) int { return strings.Compare(l.t.idOf(a), l.t.idOf(b)) })
		}
		*l.t.rowsOf(uint32(typ)) = build(l.t.owner, rows)
	}
	l.words, l.rows = nil, nil
	return nil
}

// Artifact adds an artifact.
func (l *Loader) Artifact(given record.Artifact) {
	a := artifact{given.Kind, given.Name, given.Data, given.Revision}
	l.t.artifacts.insert(l.t.owner, a, findBy(a))
}

// Finish adds the relationships and returns the graph at a revision. Invalid when an entity is missing, Conflict when
// what was loaded does not satisfy the layout.
func (l *Loader) Finish(revision graph.Revision, relationships []record.Relationship) (*Snapshot, error) {
	if err := l.put(relationships); err != nil {
		return nil, err
	}
	l.t.buildWords(true)
	var c conflicts
	l.t.checkAll(&c)
	if err := c.err(); err != nil {
		return nil, err
	}
	return l.publish(revision), nil
}

// FinishPart is Finish for a part of a graph that was checked where it came from. With words it can be searched and take
// change sets, without it is made sooner.
func (l *Loader) FinishPart(revision graph.Revision, relationships []record.Relationship, words bool) (*Snapshot, error) {
	if err := l.put(relationships); err != nil {
		return nil, err
	}
	if words {
		l.t.buildWords(false)
	}
	return l.publish(revision), nil
}

// put makes the id map and the indexes and adds the relationships.
func (l *Loader) put(relationships []record.Relationship) error {
	if err := l.index(); err != nil {
		return err
	}
	ends := make([]looseEnd, 0, len(relationships))
	for i := range relationships {
		e, err := l.edge(&relationships[i])
		if err != nil {
			return err
		}
		ends = append(ends, e)
	}
	l.connect(func(yield func(looseEnd) bool) {
		for _, e := range ends {
			if !yield(e) {
				return
			}
		}
	})
	all := make([]int, len(l.t.indexes))
	for i := range all {
		all[i] = i
	}
	l.t.buildIndexes(all)
	return nil
}

func (l *Loader) publish(revision graph.Revision) *Snapshot {
	l.t.Snapshot.revision = revision
	return l.t.Snapshot
}

// looseEnd is a relationship by rows.
type looseEnd struct {
	edge
	props bool
}

func (l *Loader) edge(r *record.Relationship) (looseEnd, error) {
	from, haveFrom := l.t.row(string(r.From))
	to, haveTo := l.t.row(string(r.To))
	if !haveFrom || !haveTo {
		return looseEnd{}, invalid("the relationship %s from %s to %s misses an entity", r.Relation, r.From, r.To)
	}
	_, relation, err := l.t.relation(r.Relation)
	if err != nil {
		return looseEnd{}, err
	}
	e := looseEnd{edge{from, relation, to}, len(r.Props) > 0}
	if e.props {
		fields := string(record.AppendFields(nil, l.t.merge(nil, r.Props)))
		p := relProps{from, relation, to, fields}
		l.t.props.insert(l.t.owner, p, findBy(p))
	}
	return e, nil
}

// connect writes both ends of all relationships, which it goes through twice: to count and to place.
func (l *Loader) connect(all iter.Seq[looseEnd]) {
	degree := make([]uint32, l.t.pages.n)
	for e := range all {
		degree[e.from]++
		degree[e.to]++
		l.t.edges++
	}
	for row := range l.t.pages.n {
		if n := degree[row]; n > 0 {
			l.t.pages.at(row).ends = make([]uint64, 0, n)
		}
	}
	for e := range all {
		flag := uint64(0)
		if e.props {
			flag = withProps
		}
		from, to := l.t.pages.at(e.from), l.t.pages.at(e.to)
		from.ends = append(from.ends, end(false, e.relation, e.to)|flag)
		to.ends = append(to.ends, end(true, e.relation, e.from)|flag)
	}
	for row := range l.t.pages.n {
		e := l.t.pages.at(row)
		slices.Sort(e.ends)
		if len(e.ends) >= bigEnds {
			big := build(l.t.owner, e.ends)
			e.big, e.ends = &big, nil
		}
	}
}
