package memory

import (
	"iter"
	"strings"
	"time"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema/fault"
)

// RowState is an entity as a durable store keeps it: everything in numbers, its fields as record.AppendFields wrote them.
type RowState struct {
	Row              uint32
	ID               string
	Removed          bool // only Row and ID are set
	Type             uint32
	Flags            uint8
	Revision         graph.Revision
	Created, Updated int64 // Unix nanoseconds
	Fields           string
}

// EndState is a relationship as a durable store keeps it: under its source, as a word that sorts by relation and target.
type EndState struct {
	From    uint32
	Word    uint64 // bit 0: Props are kept for it
	Removed bool
	Props   string // record.AppendFields
}

// Rows yields every entity that changed, in the order of its first change.
func (f *Effect) Rows() iter.Seq[RowState] {
	return func(yield func(RowState) bool) {
		for i := range f.rows {
			r := &f.rows[i]
			if r.op == graph.Delete {
				if !yield(RowState{Row: r.row, ID: r.before.id(), Removed: true}) {
					return
				}
			} else if !yield(f.next.rowState(r.row)) {
				return
			}
		}
	}
}

// RowCount returns how many Rows yields.
func (f *Effect) RowCount() int { return len(f.rows) }

func (s *Snapshot) rowState(row uint32) RowState {
	e := s.pages.at(row)
	id, fields, _ := record.Text(e.data)
	return RowState{Row: row, ID: id, Type: e.typ, Flags: e.flags, Revision: e.revision, Created: e.created, Updated: e.updated, Fields: fields}
}

// Ends yields every relationship that changed, sorted by source and word.
func (f *Effect) Ends() iter.Seq[EndState] {
	return func(yield func(EndState) bool) {
		for _, c := range f.edges {
			state := EndState{From: c.from, Word: end(false, c.relation, c.to), Removed: c.removed}
			if !c.removed {
				if have, _ := f.next.pages.at(c.from).find(state.Word); have&withProps != 0 {
					state.Word, state.Props = have, f.next.propsOf(c.edge)
				}
			}
			if !yield(state) {
				return
			}
		}
	}
}

// EndCount returns how many Ends yields.
func (f *Effect) EndCount() int { return len(f.edges) }

// Artifacts yields every artifact written or deleted; Data is nil for deleted ones.
func (f *Effect) Artifacts() iter.Seq[record.Artifact] {
	return func(yield func(record.Artifact) bool) {
		for _, op := range f.artifacts {
			a, _ := f.next.artifacts.find(findBy(artifact{kind: op.kind, name: op.name}))
			if !yield(record.Artifact{Kind: op.kind, Name: op.name, Revision: a.revision, Data: a.data}) {
				return
			}
		}
	}
}

// Layout returns the new layout, nil when it stays.
func (f *Effect) Layout() *graph.Layout {
	if !f.layout {
		return nil
	}
	return f.next.layout.source
}

// Forgotten lists the idempotency keys that are too old to be kept.
func (f *Effect) Forgotten() []string { return f.forgotten }

// Names are the texts behind the numbers of a snapshot; a number is a place in a list.
type Names struct{ Types, Relations, Paths []string }

// Names returns the names of the snapshot, which must not be changed. They only ever grow.
func (s *Snapshot) Names() Names { return Names{s.types.texts, s.relations.texts, s.paths.texts} }

// Rows returns the number of rows given out so far, free ones included.
func (s *Snapshot) Rows() uint32 { return s.pages.n }

// NewRowLoader begins a graph from what a durable store kept. The caller adds rows, then calls FinishRows.
func NewRowLoader(n Names, rows uint32) *Loader {
	t := Empty().begin(&graph.ChangeSet{}, time.Time{})
	t.types, t.relations, t.paths = numbered(n.Types), numbered(n.Relations), numbered(n.Paths)
	if rows > 0 {
		t.pages.grow(t.owner, rows-1)
	}
	l := &Loader{t: t}
	l.words = make([]uint64, 0, rows)
	return l
}

func numbered(texts []string) names {
	n := names{numbers: make(map[string]uint32, len(texts)), texts: texts}
	for i, t := range texts {
		n.numbers[t] = uint32(i)
	}
	return n
}

// AddRow adds an entity whose ID and Fields may be changed afterwards. Internal when it cannot be.
func (l *Loader) AddRow(r RowState) error {
	if r.Row >= l.t.pages.n || l.t.pages.at(r.Row).data != "" || int(r.Type) >= len(l.t.types.texts) {
		return fault.New(fault.Internal, "the entity %q is stored in an impossible place", r.ID)
	}
	var data strings.Builder
	data.Grow(len(r.ID) + len(r.Fields) + 3)
	l.t.scratch = record.AppendText(l.t.scratch[:0], r.ID)
	data.Write(l.t.scratch)
	data.WriteString(r.Fields)
	l.add(r.Row, entity{data: data.String(), revision: r.Revision, created: r.Created, updated: r.Updated, typ: r.Type, flags: r.Flags & (ofProject | edited)})
	return nil
}

// AddProps adds the properties of a relationship.
func (l *Loader) AddProps(e EndState) {
	p := relProps{e.From, endRelation(e.Word), endRow(e.Word), e.Props}
	l.t.props.insert(l.t.owner, p, findBy(p))
}

// AddRepeat adds a commit to remember by its idempotency key.
func (l *Loader) AddRepeat(key string, commit graph.Commit) {
	r := repeat{key, &commit}
	l.t.repeats.insert(l.t.owner, r, findBy(r))
}

// FinishRows adds the relationships, which it goes through twice, and the layout. What a durable store kept satisfied
// the layout when it was written, so it is not checked again. Internal when a relationship cannot be.
func (l *Loader) FinishRows(revision graph.Revision, layout *graph.Layout, ends iter.Seq[EndState]) (*Snapshot, error) {
	if err := l.index(); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "stored twice")
	}
	for row := range l.t.pages.n {
		if l.t.pages.at(row).data == "" {
			l.t.release([]uint32{row})
		}
	}
	var failed error
	l.connect(func(yield func(looseEnd) bool) {
		for e := range ends {
			loose := looseEnd{edge{e.From, endRelation(e.Word), endRow(e.Word)}, e.Word&withProps != 0}
			if max(loose.from, loose.to) >= l.t.pages.n || int(loose.relation) >= len(l.t.relations.texts) {
				failed = fault.New(fault.Internal, "a relationship is stored between entities that do not exist")
				return
			}
			if !yield(loose) {
				return
			}
		}
	})
	if failed != nil {
		return nil, failed
	}
	l.t.adopt(layout)
	l.t.buildWords(true)
	return l.publish(revision), nil
}

// Whole returns an effect that holds all of the snapshot, as if it had come from one change set, but for its change.
func (s *Snapshot) Whole() *Effect {
	f := &Effect{base: Empty(), next: s}
	for row := range s.pages.n {
		e := s.pages.at(row)
		if e.data == "" {
			continue
		}
		f.rows = append(f.rows, rowChange{row: row, op: graph.Create})
		e.runs(0, inward, func(run []uint64) bool {
			for _, end := range run {
				f.edges = append(f.edges, edgeChange{edge: edge{row, endRelation(end), endRow(end)}})
			}
			return true
		})
	}
	var c cursor[artifact]
	for c.seek(s.artifacts, nil); c.valid(); c.next() {
		f.artifacts = append(f.artifacts, artifactOp{c.item().kind, c.item().name, false})
	}
	return f
}
