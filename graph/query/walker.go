package query

import (
	"cmp"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
)

// walker goes on from entities over relationships and joins, level after level: what one level leads to is asked together,
// the graph once, every collection of a connector once. It visits each entity and each row once per start.
type walker struct {
	x      *execution
	q      *question
	by     *affectedBy
	bare   *level                         // stands for the entities on the way
	tables map[schema.TypeName]*rowsOnWay // by record type
	groups []walkGroup
	front  []walkRef // what the next level starts from
	budget int

	// A walk to find a path ends with the level that holds the target, and notes which entities bar the way.
	target  graph.Row // NoRow: none
	whole   bool      // the walk goes on behind the target: a lighter way may be longer
	arrived int       // steps to the target; 0: not met
	barred  map[graph.EntityID]bool
	unknown int // of them, those of which the condition is not known
}

// rowsOnWay is what is read of the rows of one record type, in the place of a level.
type rowsOnWay struct {
	level   *level
	columns []string
}

// walkGroup is the walk from one start.
type walkGroup struct {
	start      graph.Row
	nodes      []walkNode // by depth, then kind, then id
	seen       map[walkKey]bool
	met        []walkNode // of the level that is being reached
	visited    int
	stopped    *graph.Cursor
	incomplete bool           // something on the way is not known
	failed     []sourceStatus // why, each once
}

// walkKey is what makes a node: its kind, "" for entities, and its id, or the key of its row as text.
type walkKey struct{ kind, id string }

// walkNode is an entity or row met: by which field, over how many steps, from which node.
type walkNode struct {
	walkKey
	row    graph.Row // NoRow for the row of another system
	record *schema.RecordType
	depth  int32
	from   int32 // -1: the start
	via    string
	cells  *frame // where its values are
	at     int
}

// walkRef is a node of a group; -1 is the start itself.
type walkRef struct {
	group, node int
	walkNode
}

// run walks until there is nothing more, or the depth or the budgets are reached.
func (w *walker) run() error {
	for depth := int32(1); len(w.front) > 0 && w.arrived == 0 && (w.q.maxDepth <= 0 || int(depth) <= w.q.maxDepth); depth++ {
		if err := w.x.ctx.Err(); err != nil {
			return err
		}
		if err := w.relationships(); err != nil {
			return err
		}
		if err := w.joins(); err != nil {
			return err
		}
		w.front = w.front[:0]
		for g := range w.groups {
			w.settle(g)
		}
	}
	return nil
}

// settle takes what a level led to, as far as the budget goes.
func (w *walker) settle(g int) {
	group := &w.groups[g]
	slices.SortFunc(group.met, func(a, b walkNode) int { return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.id, b.id)) })
	for _, n := range group.met {
		if group.stopped != nil {
			break
		}
		if w.q.page.after == nil || n.compareTo(w.q.page.after) > 0 {
			if group.visited == w.budget {
				group.stopped = group.last()
				break
			}
			group.visited++
		}
		group.nodes = append(group.nodes, n)
		w.front = append(w.front, walkRef{g, len(group.nodes) - 1, n})
	}
	if group.met = group.met[:0]; group.stopped != nil {
		w.front = slices.DeleteFunc(w.front, func(r walkRef) bool { return r.group == g })
	}
}

func (g *walkGroup) last() *graph.Cursor {
	if len(g.nodes) == 0 {
		return &graph.Cursor{Keys: []schema.Value{schema.IntOf(0), schema.StringOf("")}}
	}
	return g.nodes[len(g.nodes)-1].cursor()
}

func (n *walkNode) cursor() *graph.Cursor {
	return &graph.Cursor{Keys: []schema.Value{schema.IntOf(int64(n.depth)), schema.StringOf(n.kind)}, ID: graph.EntityID(n.id)}
}

func (n *walkNode) compareTo(c *graph.Cursor) int {
	return cmp.Or(cmp.Compare(int64(n.depth), c.Keys[0].Int()), strings.Compare(n.kind, c.Keys[1].Text()), strings.Compare(n.id, string(c.ID)))
}

// meet notes a node unless it was met before. The start is never met.
func (w *walker) meet(from walkRef, n walkNode) {
	g := &w.groups[from.group]
	if n.row != graph.NoRow && n.row == w.target && w.arrived == 0 && !w.whole {
		w.arrived = int(from.depth) + 1
	}
	if g.seen[n.walkKey] || n.row != graph.NoRow && n.row == g.start {
		return
	}
	g.seen[n.walkKey] = true
	n.depth, n.from = from.depth+1, int32(from.node)
	g.met = append(g.met, n)
}

// relationships follows the relationships of all entities of the level, in one question to the graph.
func (w *walker) relationships() error {
	var from []walkRef
	var rows []graph.Row
	for _, r := range w.front {
		if r.row != graph.NoRow {
			from, rows = append(from, r), append(rows, r.row)
		}
	}
	if len(w.q.steps) == 0 || len(rows) == 0 {
		return nil
	}
	if err := w.x.affords(rows, w.q.steps, graph.Page{All: true}); err != nil {
		return err
	}
	for _, step := range w.q.steps { // one by one, to know which was taken
		b, err := w.x.view.Expand(w.x.ctx, graph.Expansion{From: rows, Steps: []graph.Step{step}, Where: w.q.walk.through, Page: graph.Page{All: true}, Columns: w.by.stored})
		if err != nil {
			return err
		}
		w.x.tally.batch()
		f := &frame{level: w.bare, n: len(b.Rows), rows: b.Rows, cols: w.by.stored, cells: b.Cells, offsets: b.Offsets}
		groupOf := func(i int) walkRef {
			k, _ := slices.BinarySearchFunc(b.Offsets, int32(i+1), func(o, at int32) int { return cmp.Compare(o, at) })
			return from[k-1]
		}
		if err := w.entities(f, step.Relation, groupOf); err != nil {
			return err
		}
	}
	return nil
}

// entities meets the entities of a frame for which the condition on the way holds.
func (w *walker) entities(f *frame, via string, from func(i int) walkRef) error {
	if err := w.x.spend(f.n); err != nil {
		return err
	}
	if w.q.walk.decide != nil {
		w.x.askExtra(f, &w.by.extra)
	}
	truths, err := w.x.truths(w.q.walk.decide, f)
	if err != nil {
		return err
	}
	for i := range f.n {
		r := from(i)
		switch {
		case truths == nil || truths[i].low == schema.True || f.rows[i] == w.target:
			w.meet(r, walkNode{walkKey: walkKey{id: f.cell(1, i).Text()}, row: f.rows[i], via: via, cells: f, at: i})
		case truths[i].high == schema.True:
			w.groups[r.group].incomplete = true
			w.bar(f.cell(1, i).Text(), true)
		default:
			w.bar(f.cell(1, i).Text(), false)
		}
	}
	return nil
}

// bar notes an entity that a path may not go through.
func (w *walker) bar(id string, unknown bool) {
	if w.barred != nil && !w.barred[graph.EntityID(id)] {
		w.barred[graph.EntityID(id)] = true
		w.unknown += b2i(unknown)
	}
}
