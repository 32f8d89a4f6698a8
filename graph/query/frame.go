package query

import (
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
)

// frame is the rows of one level in one execution: of all parents, in columns. Entity and record levels share it.
type frame struct {
	level *level
	err   error    // the level could not be read at all; its fields fail where they are written
	told  []string // the fields that reported err, by their names without indices
	// unwanted says that the level was not to be read yet.
	unwanted    bool
	statesAsked bool

	n     int
	rows  []graph.Row // entities; graph.NoRow where there is none
	cols  []schema.Path
	cells []schema.Value // column-major: cells[c*n+i]

	// Group g is rows offsets[g] to offsets[g+1]; groupOf maps rows of the parent to groups (-1: none), nil when they are equal.
	offsets []int32
	groupOf []int32
	facts   []groupFacts // per group; nil when nothing was asked

	props      []schema.Value // relationship properties, column-major over level.props
	depth      []int32        // reach
	via        []int32
	relation   []string
	picked     []int32 // reach with paths: the rows given, in order; offsets count in it
	live       []*liveColumn
	extra      []*liveColumn
	computed   []*liveColumn
	ranges     []*historyColumn
	states     [][]State
	statesErr  error
	links      []link    // relationship levels: one per row
	whole      [][]link  // relationship levels: of every group, whatever the page
	alarms     []Alarm   // alarm levels: one per row
	ways       *ways     // path levels
	depths     [][]int32 // common ancestors: steps from each start
	stopped    []*graph.Cursor
	walked     []walkNode       // affected: one per row
	failed     [][]sourceStatus // affected: of every group
	free       int              // rows that do not count against the budget of rows
	sums       []groupSum       // levels of groups: one per row
	change     *entityChange
	candidates int              // rows looked at to decide these; 0: the graph decided
	took       time.Duration    // for reading the candidates
	driven     drivenRows       // rows that the filter was driven from
	why        string           // why this side went first
	keyed      [][]schema.Value // federated order keys, a column each; nil for stored ones
	unsure     []bool           // rows of which an order key is not known; nil: none
}

func unwanted(lv *level) *frame { return &frame{level: lv, offsets: []int32{0}, unwanted: true} }

// groupFacts is what is known of one group beyond its rows.
type groupFacts struct {
	total      int // -1 unknown
	more       bool
	before     bool
	incomplete bool
	truncated  bool
	status     connectors.Status
	why        string
}

func (f *frame) cell(c, i int) schema.Value { return f.cells[c*f.n+i] }

// group returns the bounds of the group of parent row i; empty when it has none.
func (f *frame) group(i int) (from, to int) {
	g := f.groupIndex(i)
	if g < 0 {
		return 0, 0
	}
	return int(f.offsets[g]), int(f.offsets[g+1])
}

func (f *frame) groupIndex(i int) int {
	if f.groupOf != nil {
		i = int(f.groupOf[i])
	}
	if i < 0 || i >= len(f.offsets)-1 {
		return -1
	}
	return i
}

func (f *frame) factsOf(i int) groupFacts {
	g := f.groupIndex(i)
	if g < 0 || g >= len(f.facts) {
		return groupFacts{total: 0}
	}
	return f.facts[g]
}

// columnOf returns the index of a column, -1 when it was not read.
func (f *frame) columnOf(p schema.Path) int {
	for i, c := range f.cols {
		if c == p {
			return i
		}
	}
	return -1
}

// typeOf returns the asset type of row i; the type is the first column of every entity level.
func (f *frame) typeOf(i int) schema.TypeName { return schema.TypeName(f.cells[i].Text()) }

func (f *frame) present(i int) bool { return f.rows == nil || f.rows[i] != graph.NoRow }

// liveColumn is the readings of one live property, one per row.
type liveColumn struct {
	path  schema.Path
	cells []liveCell
}

// gather keeps the rows at the given indexes, in that order. Offsets and facts are the caller's to set.
func (f *frame) gather(at []int32) *frame {
	out := &frame{level: f.level, n: len(at), cols: f.cols, groupOf: f.groupOf}
	out.rows = pick(f.rows, at)
	out.cells = pickColumns(f.cells, f.n, at)
	if f.props != nil {
		out.props = pickColumns(f.props, f.n, at)
	}
	out.depth = pick(f.depth, at)
	out.relation = pick(f.relation, at)
	out.live = gatherLive(f.live, at)
	out.extra = gatherLive(f.extra, at)
	return out
}

func gatherLive(columns []*liveColumn, at []int32) []*liveColumn {
	if columns == nil {
		return nil
	}
	out := make([]*liveColumn, len(columns))
	for k, c := range columns {
		if c != nil {
			out[k] = &liveColumn{c.path, pick(c.cells, at)}
		}
	}
	return out
}

func pick[T any](from []T, at []int32) []T {
	if from == nil {
		return nil
	}
	out := make([]T, len(at))
	for k, i := range at {
		out[k] = from[i]
	}
	return out
}

func pickColumns(cells []schema.Value, n int, at []int32) []schema.Value {
	if n == 0 {
		return nil
	}
	columns := len(cells) / n
	out := make([]schema.Value, 0, columns*len(at))
	for c := range columns {
		for _, i := range at {
			out = append(out, cells[c*n+int(i)])
		}
	}
	return out
}
