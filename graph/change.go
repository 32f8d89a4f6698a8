package graph

import (
	"time"

	"mereon/schema"
	"mereon/schema/fault"
)

// ChangeSet is applied as a whole or not at all. Entity changes are made first, in order, then relationship changes,
// then the rules of the Layout are checked on the result.
type ChangeSet struct {
	By            string    // principal, for the change log
	At            time.Time // zero: the store's clock
	Origin        Origin    // who writes; "" is FromAPI. New entities get it; FromAPI on a project entity marks it edited, FromProject clears the mark
	Entities      []EntityChange
	Relationships []RelationshipChange
	Artifacts     []ArtifactChange
	// Layout replaces the store's layout when not nil. All stored data must satisfy it, else Conflict.
	Layout *Layout
	// IfStore, when not nil, is the revision the whole store must be at, else Conflict.
	IfStore *Revision
	// IfModel, when not nil, is the Layout.Model that the values were checked by; ErrOtherModel when another one holds.
	IfModel *string
	DryRun  bool // check everything, change nothing; the Commit tells what would be
	// IdempotencyKey, when not "", makes a repeat return the first Commit instead of applying again (kept for 24 h at least).
	IdempotencyKey string
}

// Op is what a change does.
type Op uint8

const (
	Create Op = iota // Conflict when the id is taken
	Update           // NotFound when there is none
	Put              // create, or replace all values; the type must stay
	Delete           // removes the entity and all relationships from and to it
	Retype           // changes the asset type, for migrations; Values as for Update
)

// OnChildren says what deleting an entity with children in a hierarchy does.
type OnChildren uint8

const (
	RefuseChildren OnChildren = iota // Conflict, unless the same change set deletes its children too or gives them another parent
	DeleteChildren                   // with everything below, in every hierarchy
	DetachChildren                   // they become roots
)

// EntityChange changes one entity.
type EntityChange struct {
	Op         Op
	ID         EntityID
	Type       schema.TypeName // Create, Put, Retype
	Values     []PathValue     // settable columns; null removes
	IfRevision *Revision       // the entity's revision, else Conflict
	Children   OnChildren      // Delete
	// Origin, when not "", overrides the change set's for this entity (restore and imports).
	Origin Origin
}

// PathValue is one value of an entity.
type PathValue struct {
	Path  schema.Path
	Value schema.Value
}

// RelationshipChange adds or removes relationships.
type RelationshipChange struct {
	Op       RelationOp
	From     EntityID
	Relation string
	To       EntityID    // "" for Clear
	Props    []PathValue // Relate: replaces the properties
}

// RelationOp is what a relationship change does.
type RelationOp uint8

const (
	Relate   RelationOp = iota // adds (from, relation, to), or replaces its properties. A second target of a single relation is a Conflict
	Replace                    // for single relations: the target becomes To
	Unrelate                   // removes (from, relation, to); NotFound when absent
	Clear                      // removes all targets of (from, relation)
)

// ArtifactKind groups artifacts: "model", "rules", "scene", "project" ...
type ArtifactKind string

const (
	ArtifactModel   ArtifactKind = "model"   // one file of the model each
	ArtifactRules   ArtifactKind = "rules"   // one rule file each
	ArtifactScene   ArtifactKind = "scene"   // one scene document each, named by the scene
	ArtifactProject ArtifactKind = "project" // what apply remembers of the folder
	// ArtifactDocument is one file of trusted documents each.
	ArtifactDocument ArtifactKind = "document"
)

// ArtifactChange writes (Data not nil) or deletes (nil) one artifact. The bytes mean nothing to the graph.
type ArtifactChange struct {
	Kind ArtifactKind
	Name string
	Data []byte
}

// Commit tells what a change set did, compared with the state before: what is made and removed again does not show.
// The lists have no order. An entity is in Updated when its values or outgoing relationships changed, also because the
// target of one was deleted.
type Commit struct {
	Revision      Revision // the new revision, or the one a dry run was made against; unchanged when nothing changed
	At            time.Time
	Created       []EntityID
	Updated       []EntityID
	Deleted       []EntityID // with everything deleted with them
	Relationships int        // added, removed or changed
	Repeats       int        // exact repeats of relationships within the change set, which collapsed
}

// Change is one entry of the change log: everything one commit changed, compared with the state before, in no order.
type Change struct {
	Revision      Revision
	At            time.Time
	By            string
	Entities      []EntityDelta
	Relationships []RelationshipDelta
	Artifacts     []ArtifactDelta
}

// EntityDelta says how one entity changed.
type EntityDelta struct {
	Op    Op // Create, Update, Delete or Retype
	ID    EntityID
	Type  schema.TypeName
	Paths []schema.Path // Update: what changed, sorted
}

// RelationshipDelta says how one relationship changed.
type RelationshipDelta struct {
	Removed  bool
	From     EntityID
	Relation string
	To       EntityID
}

// ArtifactDelta names an artifact that was written or deleted.
type ArtifactDelta struct {
	Kind    ArtifactKind
	Name    string
	Deleted bool
}

// ErrOtherModel refuses a change set whose IfModel does not hold.
var ErrOtherModel = fault.New(fault.Conflict, "another model was applied while the change was checked by the one before it: nothing was changed; send it again, so that it is checked by the new one")

// Layout is what a store knows of the model.
type Layout struct {
	// Model tells models apart, by a digest of their text: stores compare it and do not look into it.
	Model     string            `json:",omitempty"`
	Relations []schema.Relation // by name, sorted; a name not listed may not be related
	Unique    []UniqueKey
	Indexes   []Index
}

// UniqueKey says that no two entities of Types have the same non-null value at Path.
type UniqueKey struct {
	Scope schema.TypeName // the declaring type, names the key
	Path  schema.Path
	Types []schema.TypeName // all concrete types it covers, sorted
}

// Index asks for an ordered index over the values at Path of entities of Types.
type Index struct {
	Path  schema.Path
	Types []schema.TypeName
}
