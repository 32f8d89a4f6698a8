package graph

import "mereon/schema"

// Aggregation asks what entities are together: how many, and measures over their values, in groups.
//
// With From nil the entities are those of a selection: Types, IDs, Rows, Within, Search, Where and Budget of Of apply, its
// Order, Page, Columns and Count do not; the answer is one set of groups. Otherwise they are the neighbours of every row of From
// over any of Steps, each once, of the Types and Where of Of, looking at no more of them than its Budget (its other fields
// do not apply); the answer is one set per row, in the order of From.
type Aggregation struct {
	Of    Selection
	From  []Row
	Steps []Step
	// By says what groups are made of; with several, of every combination that occurs. With none a set is exactly one
	// group, also of no entities.
	By       []Grouping
	Measures []Measure
	Most     int // > 0: Limit when a set has more groups than this
}

// Grouping is one key of a group: the value of a column, or an entity that is related.
//
// Related entities are those over one step of any of Steps or, when Far, over any number of such steps, the entity itself
// never. An entity with several of them counts once in the group of each, one with none in the group without (NoRow).
// Values are one when schema.Equal says so; which of them the key shows is open. Null is a key of its own.
type Grouping struct {
	Path  schema.Path // without Steps: the column, own or built in, such as assetType
	Steps []Step
	Types []schema.TypeName // concrete types of the related entities that make groups; nil: all
	Far   bool
}

// Measure is one number or value of a group, over the values of a column that are not null. What schema.Fold gives is the
// definition; sums of floats may differ in the last digits.
type Measure struct {
	Func schema.FoldFunc
	Path schema.Path
}

// Groups is the answer to an Aggregation, columnar. Within a set groups come in order of their keys, the first key first:
// values by schema.Compare, related entities by id in code points, null and NoRow last.
type Groups struct {
	// Offsets has one more element than there are sets: set i is the groups Offsets[i] up to Offsets[i+1].
	Offsets []int32
	Counts  []int // entities of every group
	// Keys and Rows are column-major: key k of group i is at k*len(Counts)+i; null and NoRow for the other sort of grouping.
	Keys []schema.Value
	Rows []Row
	// Values is column-major: measure m of group i is Values[m*len(Counts)+i], null when it has none.
	Values []schema.Value
}

// Set returns the bounds of set i.
func (g *Groups) Set(i int) (from, to int) { return int(g.Offsets[i]), int(g.Offsets[i+1]) }

// Key returns the value of key k of group i.
func (g *Groups) Key(k, i int) schema.Value { return g.Keys[k*len(g.Counts)+i] }

// Row returns the related entity of key k of group i.
func (g *Groups) Row(k, i int) Row { return g.Rows[k*len(g.Counts)+i] }

// Value returns measure m of group i.
func (g *Groups) Value(m, i int) schema.Value { return g.Values[m*len(g.Counts)+i] }
