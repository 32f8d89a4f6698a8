package graph

import "mereon/schema"

// Batch is the answer to one batch question: groups of rows and a table of their cells.
type Batch struct {
	Rows []Row
	// Offsets has one more element than there are groups: group g is Rows[Offsets[g]:Offsets[g+1]].
	// Nil for positional answers (Lookup, ByKey).
	Offsets []int32
	// Cells is column-major: the cell of column c and row i is Cells[c*len(Rows)+i].
	Cells []schema.Value
	// Props holds the relationship properties asked for, column-major as Cells (Expand only).
	Props []schema.Value
	// Totals holds the number of matches per group before paging, when asked for.
	Totals []int
	// More and Before say per group whether rows follow after the last and precede the first.
	More, Before []bool
	// Depth is the number of steps from the group's start, and Via the index into Rows of the row before it, -1 for the
	// start itself; ViaRelation is the relation taken. Reach only, when it asks for Paths; Depth always.
	Depth       []int32
	Via         []int32
	ViaRelation []string
	// Truncated says per group that the budget ended the search (Reach only). Stopped is then where: the place of the last
	// entity visited, to go on behind it with Reach.Past and Page.After; nil for the other groups.
	Truncated []bool
	Stopped   []*Cursor
	// Ranks says how well each row fits Selection.Search, 0 best; only when it was asked for without an Order.
	Ranks []int32
}

// Cell returns the value of column c in row i.
func (b *Batch) Cell(c, i int) schema.Value { return b.Cells[c*len(b.Rows)+i] }

// Column returns column c, one value per row.
func (b *Batch) Column(c int) []schema.Value { return b.Cells[c*len(b.Rows) : (c+1)*len(b.Rows)] }

// Group returns the bounds of group g in Rows.
func (b *Batch) Group(g int) (from, to int) { return int(b.Offsets[g]), int(b.Offsets[g+1]) }

// Direction says which way a relation is followed.
type Direction uint8

const (
	Out Direction = iota
	In
	Both
)

// Step is one relation to follow, in one direction.
type Step struct {
	Relation  string
	Direction Direction
}

// Order is one key of an order. Nulls come last, ascending or descending. The id in code points is always the last tie-break, ascending.
type Order struct {
	Path schema.Path
	Desc bool
}

// Page asks for a part of each group. The zero Page asks for no rows (with Count: only the count).
// First with After pages forwards, Last with Before backwards; a row is given in order either way.
type Page struct {
	First  int // > 0: at most that many from the start, or after After
	After  *Cursor
	Last   int // > 0: at most that many from the end, or before Before
	Before *Cursor
	All    bool // every row; the caller bounds it by Budget
}

// Cursor is a position in an order: the order keys of a row and its id. The row need not exist any more.
// Reach without an Order is ordered by depth, so its cursors have one key: the depth as an Int. So is a Selection with a
// Search that has words and without an Order: its key is the rank as an Int.
type Cursor struct {
	Keys []schema.Value
	ID   EntityID
}

// Selection asks for entities.
type Selection struct {
	Types  []schema.TypeName // concrete types; nil: all
	IDs    []EntityID        // when not nil: only these
	Rows   []Row             // when not nil: only these rows of the same view
	Within *Within           // only entities below a root
	// Search, when it holds a word, keeps the entities that graph/search finds by it: those with every word of it as the
	// beginning of a word in their id, name, external ids and texts. Without an Order they come by rank, then id.
	Search  string
	Where   *schema.Condition // rows for which it is True
	Order   []Order
	Page    Page
	Columns []schema.Path
	Count   bool // fill Totals
	Budget  int  // > 0: Limit when more rows than this would have to be looked at
}

// Within restricts to what is below Root in a hierarchy, Root itself excluded.
type Within struct {
	Root  EntityID
	Steps []Step // from parent to child
	Depth int    // > 0: at most that many steps
}

// Expansion asks for neighbours: for every row of From, the entities over any of Steps.
// An entity reached by several steps or relationships of one row is given once, with the properties of the first.
type Expansion struct {
	From    []Row
	Steps   []Step
	Types   []schema.TypeName
	Where   *schema.Condition
	Order   []Order
	Page    Page // per group
	Columns []schema.Path
	Props   []schema.Path // relationship properties wanted
	Count   bool
}

// Reach asks for everything reachable from every row of From by at least one step, each entity once per group, the start
// never, also when a cycle leads back to it. Without an Order rows come by depth, then id.
type Reach struct {
	From     []Row
	Steps    []Step
	MaxDepth int // > 0: at most that many steps
	// Through must be True for an entity to be walked through and given; Where only for it to be given.
	Through *schema.Condition
	Types   []schema.TypeName
	Where   *schema.Condition
	Order   []Order
	Page    Page
	Columns []schema.Path
	Count   bool
	Paths   bool // fill Via and ViaRelation; then Page.All is needed and Where, Types are not applied to rows on the way
	// Budget > 0: at most that many entities are visited per group, in the order by depth and id, then the group is Truncated.
	// What fails Through is not visited. Past is a place in that order (as Batch.Stopped): entities up to it are visited
	// again without counting. Past does not keep them from being given; Page.After does.
	Budget int
	Past   *Cursor
}

// PathQuery asks for shortest paths: those with the fewest steps, or, with a Weight, the one with the least sum.
type PathQuery struct {
	From, To Row
	Steps    []Step
	// Through must be True for the entities between From and To.
	Through  *schema.Condition
	MaxDepth int // > 0: at most that many steps; not together with Weight
	// Most > 1: that many paths at most, the first ones by the ids along them, compared from the start. Else any one.
	Most int
	// Weight is a relationship property, a number not below 0; where it is null, Missing counts. Of several relationships
	// between two entities the lightest counts. Not together with Most > 1.
	Weight  schema.Path
	Missing *float64
	Budget  int // > 0: at most that many entities visited
}

// PathResult is a path: Rows from start to end, Relations[i] leads from Rows[i] to Rows[i+1], Inverse[i] when against its
// direction. Paths that differ only in the relations between their entities are one, with the first of Steps that joins
// them, and its own direction first.
type PathResult struct {
	Rows      []Row
	Relations []string
	Inverse   []bool
	Weight    float64 // the sum; 0 without PathQuery.Weight
}
