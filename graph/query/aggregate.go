package query

import (
	"math"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/connectors"
	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// A level of groups (level.cut) tells what all matches of a connection are together. It asks what its connection asks, and
// has one row per group. Store or source make the groups where they can; else they are folded from the candidates that
// the connection reads for them, so that nothing is asked twice.

// cut is what is wanted of groups.
type cut struct {
	of       *level     // the connection whose matches are grouped
	field    *ast.Field // groups, or a grouped root field; nil: aggregate, one group of everything
	measures []measureNeed
	joined   []*joinedNeed
	related  []*relatedNeed
}

// measureNeed is one property that is measured, and what of it is wanted beside the number of values.
type measureNeed struct {
	path          schema.Path
	property      *schema.Property
	min, max, sum bool
}

// need returns the index of the measures of a property.
func (c *cut) need(path schema.Path, p *schema.Property) int {
	for i := range c.measures {
		if c.measures[i].path == path {
			return i
		}
	}
	c.measures = append(c.measures, measureNeed{path: path, property: p})
	return len(c.measures) - 1
}

func (n *measureNeed) want(function string) {
	switch function {
	case "min":
		n.min = true
	case "max":
		n.max = true
	case "avg", "sum":
		n.sum = true
	}
}

// federated says whether a property is known only from other systems.
func federatedProperty(p *schema.Property) bool {
	return p.Kind == schema.Live || p.Kind == schema.Computed
}

// groupSum is one group: its keys, how many it holds, and its measures.
type groupSum struct {
	values     []schema.Value
	rows       []graph.Row
	ids        []string // of rows, where they are known
	count      int
	incomplete bool
	cells      []sumCell
	joined     []joinedSum
	related    []joinedSum
	rank       int // place in the ascending order of keys
}

// sumCell is what the values of one property in one group are together.
type sumCell struct {
	fold       schema.Fold
	stale      int
	incomplete bool
	missing    []sourceStatus // of the values that are not known, each once
}

// sourceStatus is why a connector does not give a value.
type sourceStatus struct {
	connector string
	status    connectors.Status
}

// nothing is the group of no rows.
var nothingSummed = &groupSum{}

// sum returns group i of a level of groups; that of nothing for -1.
func (f *frame) sum(i int) *groupSum {
	if i < 0 || i >= len(f.sums) {
		return nothingSummed
	}
	return &f.sums[i]
}

func (g *groupSum) cell(need int) *sumCell {
	if need >= len(g.cells) {
		return &sumCell{}
	}
	return &g.cells[need]
}

// add takes a live or computed value. One that is not known leaves the measure incomplete, unless there is nothing to know:
// the entity has no such series.
func (c *sumCell) add(v liveCell) {
	c.fold.Add(v.value)
	switch {
	case v.status == connectors.Stale && !v.value.IsNull():
		c.stale++
	case v.value.IsNull() && unknownValue(v):
		if why := (sourceStatus{v.connector, v.status}); v.connector != "" && !slices.Contains(c.missing, why) {
			c.missing = append(c.missing, why)
		}
		c.incomplete = true
	}
}

func unknownValue(v liveCell) bool {
	return v.value.IsNull() && v.status != connectors.NotBound && !(v.status == connectors.Unsupported && v.connector == "")
}

// cutFrame lays out the groups of every set; they are ordered and limited as the question asks.
func (x *execution) cutFrame(lv *level, q *question, sets [][]groupSum, groupOf []int32) (*frame, error) {
	f := &frame{level: lv, groupOf: groupOf, offsets: make([]int32, 1, len(sets)+1), facts: make([]groupFacts, len(sets))}
	for i, set := range sets {
		if len(set) > x.engine.limits.First {
			return nil, tooManyGroups(x.engine.limits.First)
		}
		f.sums = append(f.sums, q.cut.arranged(set)...)
		f.offsets = append(f.offsets, int32(len(f.sums)))
		f.facts[i].status = connectors.OK
	}
	f.n = len(f.sums)
	return f, nil
}

func tooManyGroups(limit int) error {
	return fault.New(fault.Limit, "there are more than %d groups (limits.first); group by something with fewer values, or filter", limit)
}

// noGroups is the answer when nothing can match: one group of nothing where nothing is grouped.
func (x *execution) noGroups(lv *level, q *question, groupOf []int32) (*frame, error) {
	sets := make([][]groupSum, x.frames[lv.parent.id].n)
	for i := range sets {
		sets[i] = q.cut.table().finish()
	}
	return x.cutFrame(lv, q, sets, groupOf)
}

// notes says what groups are made of, for people.
func (q *cutQuestion) notes() (notes []string) {
	if q.err != nil {
		return []string{"refused: " + q.err.Error()}
	}
	var keys, measures []string
	for _, k := range q.by {
		text := string(k.field)
		if k.bucket.Divides() {
			text += " by " + strings.ToLower(string(k.bucket.Unit))
		}
		keys = append(keys, text)
	}
	for _, n := range q.needs {
		measures = append(measures, string(n.path))
	}
	if len(keys) > 0 {
		notes = append(notes, "by "+strings.Join(keys, ", "))
	}
	if len(measures) > 0 {
		notes = append(notes, "measures "+strings.Join(measures, ", "))
	}
	for _, r := range q.related {
		notes = append(notes, "measures of "+r.field.Name)
	}
	for _, j := range q.joined {
		notes = append(notes, "sums up "+j.sums.record.Collection+" of "+j.sums.record.Connector)
	}
	if q.folded {
		notes = append(notes, "made here, of the rows that its connection reads")
	}
	return notes
}

// costOfCut is what groups cost that graph or source make: a look at every entity, or at a list for each parent.
func (x *execution) costOfCut(lv *level, q *question, parents, all float64) (rows, cost float64) {
	if q.cut.err != nil {
		return 0, 0
	}
	rows = parents * min(float64(q.cut.first), all)
	if len(q.cut.by) == 0 {
		rows = parents
	}
	if q.cut.folded {
		return rows, rows
	}
	looked := parents * costOfList
	if _, whole := lv.rows.(cutSource).of.(selectSource); whole && !math.IsInf(all, 1) {
		looked = all
	}
	if lv.record != nil {
		looked = parents * costOfKey
	}
	return rows, rows + looked*float64(1+len(q.cut.by)+len(q.cut.needs))
}
