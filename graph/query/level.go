package query

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph"
	"mereon/schema"
)

// level is one place of an operation where rows come from: a root field, a relationship, a join. All rows of a level, of
// all parents, are read together. Levels form the fetch tree; what is written from them is compiled separately.
type level struct {
	id, depth   int
	name        string // the field, for people
	key         string // field and arguments, distinguishes levels of one parent
	parent      *level
	parentTypes []schema.TypeName // only parents of these types; nil: all
	guards      guards
	field       *ast.Field
	rows        rowSource
	children    []*level

	types   []schema.TypeName // concrete types of its entities, nil: all
	shown   schema.TypeName   // static type: for filters and orders
	record  *schema.RecordType
	columns []schema.Path // what is read of every row; graph.ColumnType is always first for entities
	props   []schema.Path // relationship properties to read
	edge    *schema.Component

	live     []*liveNeed
	history  []*historyNeed
	computed []schema.Path
	states   guards // when the states of rules are wanted

	list    bool         // takes where, orderBy and a page
	wanted  bool         // rows are wanted, not only counts
	count   bool         // totalCount is wanted
	cursors bool         // positions of rows are wanted
	paths   bool         // reach: the way to every row is wanted
	asked   bool         // more than groups is wanted of a connection
	grouped bool         // a grouped root field: only groups are wanted
	cut     *cut         // a level of groups
	cuts    []*level     // the levels of groups of a connection
	dynamic []*ast.Field // property(name:) with a variable

	fixed *question // the arguments, when none is a variable
}

// rowSource says how the rows of a level are found; String is for people.
type rowSource interface{ String() string }

// graphSource finds rows in the graph: one batch question for all parents.
type graphSource interface {
	rowSource
	read(x *execution, lv *level, q *question) (*frame, error)
}

// liveNeed is a live property wanted of some types of a level.
type liveNeed struct {
	path   schema.Path
	types  []schema.TypeName // nil: all that have it
	guards guards
}

// historyNeed is one range of a live property.
type historyNeed struct {
	path     schema.Path
	property *schema.Property
	key      string
	field    *ast.Field
	types    []schema.TypeName
	guards   guards
}

func (lv *level) column(p schema.Path) int {
	i := slices.Index(lv.columns, p)
	if i < 0 {
		i = len(lv.columns)
		lv.columns = append(lv.columns, p)
	}
	return i
}

func (lv *level) liveNeed(p schema.Path, types []schema.TypeName, guard uint64) int {
	i := slices.IndexFunc(lv.live, func(n *liveNeed) bool { return n.path == p })
	if i < 0 {
		lv.live = append(lv.live, &liveNeed{path: p, types: types, guards: guards{guard}})
		return len(lv.live) - 1
	}
	n := lv.live[i]
	n.types, n.guards = union(n.types, types), n.guards.or(guard)
	return i
}

// union merges two sorted sets of types; nil is all.
func union(a, b []schema.TypeName) []schema.TypeName {
	if a == nil || b == nil {
		return nil
	}
	if covers(a, b) {
		return a
	}
	both := append(slices.Clone(a), b...)
	slices.Sort(both)
	return slices.Compact(both)
}

// readsLive adds the columns that finding the series of a live property needs.
func (c *catalog) liveColumns(types []schema.TypeName, path schema.Path, add func(schema.Path)) {
	if types == nil {
		types = c.all
	}
	add(graph.ColumnBindings)
	for _, t := range types {
		if s := c.sources[sourceKey{t, path}]; s != nil {
			for _, p := range s.Paths {
				add(p)
			}
		}
	}
}
