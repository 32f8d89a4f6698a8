package graphtest

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"mereon/graph"
	"mereon/schema"
)

// generator makes small random worlds in which everything happens often.
type generator struct {
	*rand.Rand
	clock time.Time
	m     *model
	ids   int // ids in use
}

var (
	someTypes     = []schema.TypeName{"Pump", "Valve", "Hall", "Robot"}
	someRelations = []string{"feeds", "near", "main", "locatedIn", "contains", "partOf", "unknown"}
	somePaths     = []schema.Path{"name", "code", "flow", "flow", "tag", "list", "motor.speed", "on", "externalIds"}
	allColumns    = []schema.Path{"id", "name", "assetType", "revision", "createdAt", "updatedAt", "origin", "edited", "externalIds", "code", "flow", "tag", "list", "motor.speed", "on", "nothing"}
)

// crowd makes many entities at once, so that what is large inside a store is used.
func (g *generator) crowd(n int) (set graph.ChangeSet) {
	set.At = g.clock
	for i := range n {
		c := graph.EntityChange{ID: graph.EntityID(fmt.Sprintf("e%02d", i)), Type: pick(g, someTypes), Values: g.values(2)}
		c.Values = slices.DeleteFunc(c.Values, func(v graph.PathValue) bool {
			return v.Path == "code" || v.Value.Kind() == schema.IntValue && v.Path == "name" || !graph.Settable(v.Path)
		})
		set.Entities = append(set.Entities, c)
	}
	for i := range n / 2 {
		set.Relationships = append(set.Relationships, relate(graph.Relate, graph.EntityID(fmt.Sprintf("e%02d", g.IntN(n))), "feeds", graph.EntityID(fmt.Sprintf("e%02d", i%20))))
	}
	for i := 1; i < n; i++ { // two trees and pairs of neighbours
		for _, r := range []struct {
			relation string
			to       int
		}{{"locatedIn", i / 3}, {"partOf", i / 2}, {"near", i - 1}} {
			if g.IntN(2) == 0 {
				from, to := i, r.to
				if r.relation == "near" {
					from, to = to, from
				}
				set.Relationships = append(set.Relationships, relate(graph.Relate, graph.EntityID(fmt.Sprintf("e%02d", from)), r.relation, graph.EntityID(fmt.Sprintf("e%02d", to))))
			}
		}
	}
	return set
}

// more gives entities further values, some of them none at all, and lets them feed each other twice over.
func (g *generator) more() (set graph.ChangeSet) {
	set.At = g.clock
	ids := g.m.ids()
	for _, id := range ids {
		c := graph.EntityChange{Op: graph.Update, ID: id}
		for _, path := range []schema.Path{"flow", "tag", "list", "on"} {
			if g.IntN(4) > 0 {
				c.Values = append(c.Values, graph.PathValue{Path: path, Value: g.value(path)})
			}
		}
		set.Entities = append(set.Entities, c)
		for _, relation := range []string{"feeds", "feeds"} {
			set.Relationships = append(set.Relationships, relate(graph.Relate, id, relation, pick(g, ids)))
		}
	}
	return set
}

// layouts are those that a sequence changes between.
func layouts() []graph.Layout {
	relations := []schema.Relation{
		{Name: "contains", InverseOne: true, Hierarchy: "place"},
		{Name: "feeds", Props: "Pipe"},
		{Name: "locatedIn", Single: true, Hierarchy: "place", ToParent: true},
		{Name: "main", Single: true},
		{Name: "near", InverseOne: true},
		{Name: "partOf", Single: true, Hierarchy: "parts", ToParent: true},
	}
	loose := append([]schema.Relation(nil), relations...)
	loose[2].Hierarchy, loose[3].Single = "", false
	return []graph.Layout{
		{Relations: relations,
			Unique:  []graph.UniqueKey{{Scope: "Equipment", Path: "code", Types: []schema.TypeName{"Pump", "Valve"}}},
			Indexes: []graph.Index{{Path: "flow", Types: []schema.TypeName{"Pump", "Valve", "Hall", "Robot"}}, {Path: "tag", Types: []schema.TypeName{"Pump"}}}},
		{Relations: loose, Indexes: []graph.Index{{Path: "code", Types: []schema.TypeName{"Pump", "Robot"}}}},
		{Relations: relations[1:],
			Unique: []graph.UniqueKey{{Scope: "Pump", Path: "code", Types: []schema.TypeName{"Pump"}}, {Scope: "Thing", Path: "tag", Types: []schema.TypeName{"Hall", "Robot"}}}},
	}
}

func pick[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

func (g *generator) id() graph.EntityID {
	if g.IntN(60) == 0 {
		return pick(g, []graph.EntityID{"", "nobody", "Ünïcode ✓"})
	}
	return graph.EntityID(fmt.Sprintf("e%02d", g.IntN(g.ids)))
}

func (g *generator) value(path schema.Path) schema.Value {
	if g.IntN(8) == 0 {
		return schema.Null
	}
	switch path {
	case "name", "tag":
		return schema.StringOf(pick(g, []string{"alpha", "beta", "gamma", "a very long text 1", "a very long text 2", "Ålpha Straße", ""}))
	case "externalIds":
		return schema.JSONOf(pick(g, []string{`{"sap":"10004711"}`, `{"sap":"4711","cad":"ALPHA 2"}`, `{"cad":"B\\u00e9ta-1","n":7}`}))
	case "code":
		return schema.StringOf(fmt.Sprintf("C-%d", g.IntN(30)))
	case "list":
		return schema.ListOf([]schema.Value{schema.IntOf(int64(g.IntN(3))), schema.StringOf("x")}[:g.IntN(3)])
	case "on":
		return schema.BoolOf(g.IntN(2) == 0)
	}
	return pick(g, []schema.Value{
		schema.IntOf(int64(g.IntN(9) - 4)), schema.FloatOf(float64(g.IntN(9)-4) / 2), schema.DecimalOf("1.50"), schema.FloatOf(math.Copysign(0, -1)),
		schema.IntOf(1<<53 + 1), schema.IntOf(1 << 53), schema.StringOf("7"), schema.DateOf("2026-01-02"), schema.DurationOf(time.Second), schema.TimeOf(time.Unix(1e9, 5)),
	})
}

func (g *generator) values(n int) (values []graph.PathValue) {
	for range n {
		p := pick(g, somePaths)
		values = append(values, graph.PathValue{Path: p, Value: g.value(p)})
	}
	if g.IntN(80) == 0 {
		values = append(values, graph.PathValue{Path: pick(g, []schema.Path{"id", "revision", "name"}), Value: schema.IntOf(1)})
	}
	if g.IntN(10) == 0 {
		values = append(values, graph.PathValue{Path: "externalIds", Value: schema.JSONOf(`{"sap":"7"}`)})
	}
	return values
}

// changes makes a change set of which most succeed.
func (g *generator) changes() graph.ChangeSet {
	g.clock = g.clock.Add(time.Duration(1+g.IntN(1e6)) * time.Microsecond)
	set := graph.ChangeSet{At: g.clock, By: pick(g, []string{"", "ann", "bob"}), Origin: pick(g, []graph.Origin{"", graph.FromAPI, graph.FromProject})}
	for range g.IntN(4) {
		set.Entities = append(set.Entities, g.entityChange())
	}
	for range g.IntN(4) {
		set.Relationships = append(set.Relationships, g.relationshipChange())
	}
	if g.IntN(8) == 0 {
		a := graph.ArtifactChange{Kind: pick(g, []graph.ArtifactKind{graph.ArtifactModel, graph.ArtifactScene}), Name: fmt.Sprint("a", g.IntN(3))}
		if g.IntN(3) > 0 {
			a.Data = []byte(fmt.Sprint("data", g.IntN(3)))
		}
		set.Artifacts = append(set.Artifacts, a)
	}
	if g.IntN(25) == 0 {
		l := pick(g, layouts())
		l.Model = pick(g, []string{"", "one", "two"})
		set.Layout = &l
	}
	if g.IntN(25) == 0 {
		r := g.m.revision - graph.Revision(g.IntN(2))
		set.IfStore = &r
	}
	if g.IntN(25) == 0 {
		model := pick(g, []string{g.m.layout.Model, g.m.layout.Model, "other"})
		set.IfModel = &model
	}
	set.DryRun = g.IntN(12) == 0
	if g.IntN(15) == 0 {
		set.IdempotencyKey = fmt.Sprint("key", g.IntN(4))
	}
	return set
}

func (g *generator) entityChange() graph.EntityChange {
	c := graph.EntityChange{ID: g.id(), Type: pick(g, someTypes), Values: g.values(g.IntN(4))}
	c.Op = pick(g, []graph.Op{graph.Create, graph.Create, graph.Create, graph.Put, graph.Update, graph.Update, graph.Delete, graph.Retype})
	e := g.m.entities[c.ID]
	if e == nil && g.IntN(8) > 0 {
		c.Op = graph.Create
	}
	if e != nil && g.IntN(8) > 0 {
		c.Op = pick(g, []graph.Op{graph.Put, graph.Update, graph.Update, graph.Update, graph.Delete, graph.Retype})
		if c.Op == graph.Put && g.IntN(8) > 0 {
			c.Type = e.typ
		}
	}
	if c.Op == graph.Delete {
		c.Children = graph.OnChildren(g.IntN(3))
	}
	if c.Op == graph.Update {
		c.Type = ""
	}
	if g.IntN(20) == 0 {
		r := graph.Revision(0)
		if e != nil {
			r = e.revision - graph.Revision(g.IntN(2))
		}
		c.IfRevision = &r
	}
	if g.IntN(10) == 0 {
		c.Origin = pick(g, []graph.Origin{graph.FromAPI, graph.FromProject})
	}
	return c
}

func (g *generator) relationshipChange() graph.RelationshipChange {
	c := graph.RelationshipChange{From: g.id(), Relation: pick(g, someRelations[:len(someRelations)-1]), To: g.id()}
	if g.IntN(60) == 0 {
		c.Relation = "unknown"
	}
	if ids := g.m.ids(); len(ids) > 0 && g.IntN(10) > 0 {
		c.From, c.To = pick(g, ids), pick(g, ids)
	}
	c.Op = pick(g, []graph.RelationOp{graph.Relate, graph.Relate, graph.Relate, graph.Replace, graph.Unrelate, graph.Clear})
	if c.Op == graph.Unrelate {
		for k := range g.m.edges { // the greatest, so that a seed always makes the same
			if cmp.Or(cmp.Compare(k.from, c.From), cmp.Compare(k.relation, c.Relation), cmp.Compare(k.to, c.To)) > 0 {
				c.From, c.Relation, c.To = k.from, k.relation, k.to
			}
		}
	}
	if c.Op == graph.Relate && c.Relation == "feeds" && g.IntN(2) == 0 {
		c.Props = append(c.Props, graph.PathValue{Path: "diameter", Value: schema.IntOf(int64(g.IntN(3)))})
	}
	return c
}

func (g *generator) condition(depth int) *schema.Condition {
	switch n := g.IntN(10); {
	case depth > 2 || n > 4:
		return g.comparison()
	case n == 0:
		return &schema.Condition{Op: schema.Not, Args: []*schema.Condition{g.condition(depth + 1)}}
	case n == 1:
		return g.related(depth)
	case n == 4:
		return &schema.Condition{Op: schema.Not, Args: []*schema.Condition{g.related(depth)}}
	default:
		return &schema.Condition{Op: schema.ConditionOp(g.IntN(2)), Args: []*schema.Condition{g.condition(depth + 1), g.condition(depth + 1)}}
	}
}

func (g *generator) related(depth int) *schema.Condition {
	r := &schema.Related{Relation: pick(g, someRelations), Inverse: g.IntN(2) == 0, Quantifier: schema.Quantifier(g.IntN(4))}
	if g.IntN(2) == 0 {
		r.Where = g.condition(depth + 1)
	}
	if g.IntN(3) == 0 {
		r.Types = []schema.TypeName{pick(g, someTypes)}
	}
	r.Count = &schema.Condition{Op: pick(g, []schema.ConditionOp{schema.Gte, schema.Gte, schema.Eq, schema.Ne, schema.Lt}), Path: "count", Value: schema.IntOf(int64(g.IntN(3)))}
	if g.IntN(8) == 0 {
		r.Count = &schema.Condition{Op: schema.And, Args: []*schema.Condition{r.Count, {Op: schema.Lt, Path: "count", Value: schema.FloatOf(2.5)}}}
	}
	return &schema.Condition{Op: schema.RelatedTo, Related: r}
}

func (g *generator) comparison() *schema.Condition {
	path := pick(g, append([]schema.Path{"id", "revision", "assetType", "flow", "flow", "code", "nothing"}, somePaths...))
	c := &schema.Condition{Path: path, Value: g.value(path)}
	switch c.Op = pick(g, []schema.ConditionOp{schema.Eq, schema.Ne, schema.Lt, schema.Lte, schema.Gt, schema.Gte, schema.In, schema.NotIn, schema.StartsWith, schema.Contains, schema.IsNull, schema.Has, schema.HasAny, schema.IsEmpty}); c.Op {
	case schema.In, schema.NotIn, schema.HasAny:
		c.Value = schema.ListOf([]schema.Value{g.value(path), g.value(path), g.value(path)}[:g.IntN(4)])
	case schema.IsNull, schema.IsEmpty:
		c.Value = schema.BoolOf(g.IntN(2) == 0)
	case schema.StartsWith, schema.Contains:
		c.Value = schema.StringOf(pick(g, []string{"a", "e0", "very", "C-1", "a 1", "", "1", "5a", "2026-", "1.5"}))
	}
	return c
}

func (g *generator) where() *schema.Condition {
	if g.IntN(3) == 0 {
		return nil
	}
	return g.condition(0)
}

func (g *generator) types() []schema.TypeName {
	switch g.IntN(4) {
	case 0:
		return nil
	case 1:
		return []schema.TypeName{pick(g, someTypes)}
	case 2:
		return []schema.TypeName{"Pump", "Valve"}
	}
	return []schema.TypeName{pick(g, someTypes), "Nothing"}
}

func (g *generator) order() (order []graph.Order) {
	for range max(0, g.IntN(4)-1) {
		order = append(order, graph.Order{Path: pick(g, append([]schema.Path{"assetType", "updatedAt", "nothing"}, somePaths...)), Desc: g.IntN(2) == 0})
	}
	return order
}

// page makes a page whose cursors fit the order; byDepth is for Reach without an order.
func (g *generator) page(order []graph.Order, byDepth bool) (p graph.Page) {
	switch g.IntN(5) {
	case 0:
		p.All = true
	case 1:
		p.Last = 1 + g.IntN(5)
	case 2:
		if g.IntN(3) == 0 {
			break
		}
		fallthrough
	default:
		p.First = 1 + g.IntN(5)
	}
	cursor := func() *graph.Cursor {
		id := g.id()
		c := &graph.Cursor{ID: id, Keys: g.m.keys(id, order)}
		if byDepth && len(order) == 0 {
			c.Keys = []schema.Value{schema.IntOf(int64(1 + g.IntN(3)))}
		}
		return c
	}
	if g.IntN(3) == 0 {
		p.After = cursor()
	}
	if g.IntN(4) == 0 {
		p.Before = cursor()
	}
	return p
}

func (g *generator) steps() (steps []graph.Step) {
	for range 1 + g.IntN(3) {
		steps = append(steps, graph.Step{Relation: pick(g, someRelations), Direction: graph.Direction(g.IntN(3))})
	}
	return steps
}

func (g *generator) columns() (columns []schema.Path) {
	for range g.IntN(4) {
		columns = append(columns, pick(g, allColumns))
	}
	return append(columns, "id")
}

func (g *generator) from() (ids []graph.EntityID) {
	for range g.IntN(5) {
		ids = append(ids, g.id())
	}
	return ids
}
