package graph

import (
	"context"
	"io"
	"iter"

	"mereon/schema"
)

// Store keeps the graph. It is safe for concurrent use. Its rules are those that graph/graphtest checks.
//
// All methods fail with coded errors (mereon/schema/fault): Unavailable when the store cannot be reached or its disk
// fails (reads of open views go on), Internal when stored data is damaged.
type Store interface {
	// View opens a consistent snapshot of the newest revision. It sees every commit acknowledged before the call, by
	// whatever process; a graph/mirror sees those of its own process, and of others what they have seen through it.
	View(ctx context.Context) (View, error)

	// Apply commits the change set, durably, or changes nothing. Errors: Invalid (malformed, unknown relation, a missing
	// target), NotFound, Conflict (a taken id, a unique value, a second parent or target, a cycle, a revision, children),
	// Limit, Unavailable. The message of a Conflict names the entities.
	Apply(ctx context.Context, changes ChangeSet) (Commit, error)

	// Watch yields every change after revision from, in order, without a gap, first from the log and then as they come,
	// until ctx ends. When the log no longer reaches back to from, it yields Conflict once: read anew and watch from there.
	Watch(ctx context.Context, from Revision) iter.Seq2[Change, error]

	// PutBlob stores bytes by their SHA-256 and returns it in lower-case hex. Storing the same bytes again is free.
	PutBlob(ctx context.Context, r io.Reader) (digest string, size int64, err error)
	// Blob opens a stored blob; NotFound when there is none. The caller closes it.
	Blob(ctx context.Context, digest string) (io.ReadSeekCloser, error)

	// Backup writes everything at one revision as a stream that any store can restore, blobs included, while writes go on.
	Backup(ctx context.Context, w io.Writer) (Revision, error)
	// Restore fills an empty store from a backup, all or nothing; Conflict when the store holds data, Invalid when the stream is damaged.
	Restore(ctx context.Context, r io.Reader) (Revision, error)

	// Close waits for running writes and releases the store. It is safe to call twice.
	Close() error
}

// Holder is a Store that several processes write to.
type Holder interface {
	// Hold keeps writers of other processes waiting until release is called, or for some seconds: they would overtake a
	// plan that is made of the whole graph again and again. It protects nothing; that is what IfStore is for.
	Hold(ctx context.Context) (release func(), err error)
}

// LateViewer is the ability of a Store to open a view with the first question that is asked.
type LateViewer interface {
	LateView(ctx context.Context) (View, error)
}

// LateView opens a view for a caller who asks at once, and only then for its revision: where opening is a way to a server,
// the first question takes it along. So the view may also see what is acknowledged before that question, and the question
// fails where opening would have. Where several processes write, it sees all that this one was acknowledged, and what the
// others were may come some milliseconds later: who must see that awaits its revision, or uses View. Other stores open it
// as View does.
func LateView(ctx context.Context, s Store) (View, error) {
	if late, ok := s.(LateViewer); ok {
		return late.LateView(ctx)
	}
	return s.View(ctx)
}

// Row is a number for an entity, valid only within the View that gave it. NoRow stands for absent.
type Row uint32

const NoRow Row = 1<<32 - 1

// View answers questions about one revision, in batches. It is safe for concurrent use and must be closed.
// Every answer is positional; what it returns may be kept but not changed.
// A question that names an unknown type or relation has an empty answer.
type View interface {
	Revision() Revision
	Layout() *Layout

	// Lookup finds entities by id: Rows[i] belongs to ids[i], NoRow where there is none (its cells are null).
	Lookup(ctx context.Context, ids []EntityID, columns []schema.Path) (*Batch, error)
	// ByKey finds entities by a unique value, positional as Lookup.
	ByKey(ctx context.Context, scope schema.TypeName, path schema.Path, values []schema.Value, columns []schema.Path) (*Batch, error)
	// Select lists entities: one group.
	Select(ctx context.Context, q Selection) (*Batch, error)
	// Expand lists the neighbours of many entities over relations: one group per q.From, in its order.
	Expand(ctx context.Context, q Expansion) (*Batch, error)
	// Reach lists what can be reached from many entities over any number of steps: one group per q.From.
	Reach(ctx context.Context, q Reach) (*Batch, error)
	// ShortestPaths returns shortest paths from q.From to q.To, both included: one, or up to q.Most that are equally short;
	// none when there is no path within the depth. Limit when the budget is exceeded before the answer is known; Invalid
	// when a relationship that leads on from an entity nearer to q.From than q.To is has a weight below 0 or none (see
	// PathQuery). Weights elsewhere do not matter.
	ShortestPaths(ctx context.Context, q PathQuery) ([]PathResult, error)
	// Read returns the cells of known rows: column-major, len(columns) x len(rows), null for NoRow.
	Read(ctx context.Context, rows []Row, columns []schema.Path) ([]schema.Value, error)
	// Aggregate counts and measures entities in groups. Limit when more rows than the budget would have to be looked at or
	// a set has more groups than asked for.
	Aggregate(ctx context.Context, q Aggregation) (*Groups, error)
	// Counts returns the number of entities of every asset type that has any.
	Counts(ctx context.Context) (map[schema.TypeName]int, error)
	// Relationships lists the relationships of one entity over a relation, "" for all, by relation, then other end's id,
	// outgoing first; direction as asked.
	Relationships(ctx context.Context, of Row, relation string, direction Direction) ([]Relationship, error)

	// Artifacts lists the names of a kind, sorted. Artifact returns one, NotFound when absent.
	Artifacts(ctx context.Context, kind ArtifactKind) ([]ArtifactInfo, error)
	Artifact(ctx context.Context, kind ArtifactKind, name string) ([]byte, error)

	Close()
}

// ArtifactInfo describes an artifact: when it changed last.
type ArtifactInfo struct {
	Name     string
	Revision Revision
	Size     int
}

// Relationship is one relationship as Relationships lists it.
type Relationship struct {
	Relation string
	Inverse  bool // seen against its direction: Other is its source
	Other    Row
	OtherID  EntityID
	Props    []PathValue
}
