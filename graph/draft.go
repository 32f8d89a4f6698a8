package graph

import (
	"cmp"
	"context"
	"hash/maphash"
	"runtime"
	"strings"

	"mereon/schema"
	"mereon/schema/fault"
)

// Draft turns inputs in the model's own words into a ChangeSet: names of fields become values and relationships, values
// are parsed and checked, defaults filled in, targets looked up. Every mistake is collected, none stops the others.
// A Draft is used once, by one goroutine.
//
//	draft := graph.NewDraft(model, view)
//	draft.Create(graph.EntityInput{Type: "Pump", ID: "pump-7", Name: "Feed pump 7", Fields: map[string]any{"location": "hall-1"}})
//	changes, problems := draft.ChangeSet(ctx)
type Draft struct {
	// Closed says that targets must be entities of the draft itself, as in the files of a project.
	Closed bool

	model     *schema.Model
	view      View
	problems  fault.List
	ops       []draftOp
	known     map[EntityID]schema.TypeName // entities this draft creates or puts
	existing  map[EntityID]existingEntity  // looked up
	types     map[schema.TypeName]*typeFields
	desired   []desiredRelation // in the order they were said
	latest    map[uint64]int32  // the last of desired with a hash
	seed      maphash.Seed
	scratch   collected
	names     []string // the field names being collected, one run after the other
	set       ChangeSet
	place     string            // of what is added next
	strict    bool              // conflicts with what is stored are reported too
	by        []int32           // the operation behind every entity change
	said      map[int32]string  // places of desired relationships that are no fields of their input
	sources   map[EntityID]bool // where wanted relationships begin, when strict
	left      map[EntityID]bool // existed and were deleted on the way: their stored relationships are gone
	gone      map[EntityID]bool // not there in the end
	barred    map[int]bool      // of desired: its target was refused
	unrelated []unrelation
}

// EntityInput is one entity as a file or a mutation gives it.
type EntityInput struct {
	Type schema.TypeName
	ID   EntityID
	Name string // "" on create: the id
	// Fields holds properties, components (as map[string]any), relationships (an id, a list of ids, or {to, props}),
	// externalIds, bindings, rules and source, by field name. Values are as YAML or JSON decoding gives them.
	Fields map[string]any
	// At returns where a field is written ("" for the entity itself), for messages. Nil: nowhere.
	At func(field string) fault.Position
	// IfRevision is the revision the entity must have (Update).
	IfRevision *Revision
	// Place is where the input is in a request: inputs[3]. It leads the Field of every problem. "": what At said last.
	// The id and ifRevision of an update stand beside its Place, not in it: inputs[3].id beside inputs[3].set.
	Place string
	// Unnamed says that the id was made up, so that messages do not name it.
	Unnamed bool
}

// Target is one target of a relationship among the Fields of an input that says itself where it is in a request.
type Target struct {
	To    EntityID
	Props map[string]any
	Place string
}

type draftKind uint8

const (
	draftCreate draftKind = iota
	draftPut
	draftUpdate
	draftDelete
	draftRelate
	draftUnrelate
)

type draftOp struct {
	kind     draftKind
	number   int32 // among the operations
	in       EntityInput
	children OnChildren
	relation string
	to       EntityID
	props    map[string]any
	whole    bool // its place is that of the whole target, not of the arguments
}

// argument returns where an argument of the operation itself is: beside the fields, or the whole place.
func (op *draftOp) argument(name string) (EntityInput, string) {
	in := op.in
	switch {
	case in.Place == "" || op.kind == draftCreate || op.kind == draftPut:
		return in, name
	case op.kind == draftDelete && name == "id" || op.whole:
		return in, ""
	case op.kind == draftDelete || op.kind == draftUpdate:
		in.Place = in.Place[:max(0, strings.LastIndexByte(in.Place, '.'))]
	}
	return in, name
}

type existingEntity struct {
	row  Row
	kind schema.TypeName
}

// NewDraft returns an empty draft over a model and the view its inputs are checked against. The view must stay open until
// ChangeSet has returned.
func NewDraft(model *schema.Model, view View) *Draft {
	return &Draft{
		model: model, view: view,
		known:    map[EntityID]schema.TypeName{},
		existing: map[EntityID]existingEntity{},
		said:     map[int32]string{},
		sources:  map[EntityID]bool{},
		left:     map[EntityID]bool{},
		gone:     map[EntityID]bool{},
		barred:   map[int]bool{},
		types:    map[schema.TypeName]*typeFields{},
		latest:   map[uint64]int32{},
		seed:     maphash.MakeSeed(),
	}
}

// Refuse adds a mistake that the caller found, at a place of the request.
func (d *Draft) Refuse(code fault.Code, place, hint, format string, args ...any) {
	p := problemAt(EntityInput{Place: place}, "", hint, format, args...)
	p.Code = code
	d.problems = append(d.problems, p)
}

// At says where in a request the inputs that follow are: changes[2].update. It leads the Field of their problems.
func (d *Draft) At(place string) { d.place = place }

// Create adds a new entity; fields left out get their default.
func (d *Draft) Create(in EntityInput) {
	in.Place = cmp.Or(in.Place, d.place)
	d.claim(in)
	d.ops = append(d.ops, draftOp{kind: draftCreate, in: in})
}

// Put creates the entity or makes it exactly as in says: what in leaves out is removed. Only what differs is written.
func (d *Draft) Put(in EntityInput) {
	d.claim(in)
	d.ops = append(d.ops, draftOp{kind: draftPut, in: in})
}

func (d *Draft) claim(in EntityInput) {
	if _, taken := d.known[in.ID]; taken {
		d.problem(in, "id", "", "the id %q is used twice", in.ID)
	}
	d.known[in.ID] = in.Type
}

// Update sets the fields given; null removes a value or all targets of a relationship. A relationship given replaces its targets.
func (d *Draft) Update(in EntityInput) {
	in.Place = cmp.Or(in.Place, d.place)
	d.ops = append(d.ops, draftOp{kind: draftUpdate, in: in})
}

// Delete removes an entity. What At said is the place of the id.
func (d *Draft) Delete(id EntityID, children OnChildren, ifRevision *Revision) {
	d.ops = append(d.ops, draftOp{kind: draftDelete, in: EntityInput{ID: id, IfRevision: ifRevision, Place: d.place}, children: children})
}

// Relate adds one relationship, named by its field or by its relation, with properties.
func (d *Draft) Relate(from EntityID, name string, to EntityID, props map[string]any) {
	d.ops = append(d.ops, draftOp{kind: draftRelate, in: EntityInput{ID: from, Place: d.place}, relation: name, to: to, props: props})
}

// RelateAt is Relate for a target that says where it is.
func (d *Draft) RelateAt(from EntityID, name string, t Target) {
	d.ops = append(d.ops, draftOp{kind: draftRelate, in: EntityInput{ID: from, Place: t.Place}, relation: name, to: t.To, props: t.Props, whole: true})
}

// Unrelate removes one relationship, named by its field or by its relation.
func (d *Draft) Unrelate(from EntityID, name string, to EntityID) {
	d.ops = append(d.ops, draftOp{kind: draftUnrelate, in: EntityInput{ID: from, Place: d.place}, relation: name, to: to})
}

// ChangeSet returns the changes, or everything wrong with the inputs. It asks the view in a few batches, whatever the
// number of inputs. The error is the view's; mistakes of the inputs are in the list.
func (d *Draft) ChangeSet(ctx context.Context) (ChangeSet, fault.List, error) {
	if err := d.lookUp(ctx); err != nil {
		return ChangeSet{}, nil, err
	}
	var puts []*putEntity
	for i := range d.ops {
		op := &d.ops[i]
		if i%128 == 127 {
			runtime.Gosched() // readers beside a large import
		}
		op.number = int32(i)
		switch op.kind {
		case draftCreate:
			d.create(op)
		case draftPut:
			if p := d.put(op); p != nil {
				puts = append(puts, p)
			}
		case draftUpdate:
			d.update(op)
		case draftDelete:
			d.change(op, EntityChange{Op: Delete, ID: op.in.ID, IfRevision: op.in.IfRevision, Children: op.children})
		case draftRelate, draftUnrelate:
			d.relate(op)
		}
		op.in.Fields = nil // they are read; a bulk import must not keep them
	}
	if err := d.diff(ctx, puts); err != nil {
		return ChangeSet{}, nil, err
	}
	d.writeDesired()
	if err := d.findTargets(ctx); err != nil {
		return ChangeSet{}, nil, err
	}
	if err := d.checkExistence(ctx); err != nil {
		return ChangeSet{}, nil, err
	}
	d.checkTargets()
	if err := d.checkStored(ctx); err != nil {
		return ChangeSet{}, nil, err
	}
	d.problems.Sort()
	return d.set, d.problems, nil
}

// lookUp finds the entities that inputs name and do not create.
func (d *Draft) lookUp(ctx context.Context) error {
	var ids []EntityID
	for _, op := range d.ops {
		if op.kind != draftCreate || d.strict {
			ids = append(ids, op.in.ID)
		}
		if op.kind == draftUnrelate && d.strict {
			ids = append(ids, op.to)
		}
	}
	if counts, err := d.view.Counts(ctx); err != nil || len(counts) == 0 {
		return err // an empty graph has none of them
	}
	return d.find(ctx, ids)
}

func (d *Draft) find(ctx context.Context, ids []EntityID) error {
	var missing []EntityID
	for _, id := range ids {
		if _, ok := d.existing[id]; !ok {
			d.existing[id] = existingEntity{row: NoRow}
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	found, err := d.view.Lookup(ctx, missing, []schema.Path{ColumnType})
	if err != nil {
		return err
	}
	for i, row := range found.Rows {
		if row != NoRow {
			d.existing[missing[i]] = existingEntity{row: row, kind: schema.TypeName(found.Cell(0, i).Text())}
		}
	}
	return nil
}

// stored returns what was looked up of an entity.
func (d *Draft) stored(id EntityID) existingEntity {
	if e, ok := d.existing[id]; ok {
		return e
	}
	return existingEntity{row: NoRow}
}

// typeOf returns the type an entity has after the draft, or "" when there is none.
func (d *Draft) typeOf(id EntityID) schema.TypeName {
	if t, ok := d.known[id]; ok {
		return t
	}
	return d.existing[id].kind
}

func (d *Draft) problem(in EntityInput, field, hint, format string, args ...any) {
	d.problems = append(d.problems, problemAt(in, field, hint, format, args...))
}
