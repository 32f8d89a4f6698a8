package graphtest

import (
	"fmt"
	"math/rand/v2"

	"mereon/graph"
	"mereon/schema"
)

// World is a large plant for benchmarks: entities of 40 types with 6 properties, in a ten-ary tree of places and a random
// tree of parts, each feeding two others, of which most are near: about four relationships an entity. Ids ascend with
// their number. Entity 0 is the root of both trees.
type World struct {
	Entities int
	Seed     uint64
}

// WorldTypes is the number of asset types of a World.
const WorldTypes = 40

// ID returns the id of an entity.
func (w World) ID(n int) graph.EntityID { return graph.EntityID(fmt.Sprintf("e%07d", n)) }

// Type returns the asset type of an entity; low numbers are frequent.
func (w World) Type(n int) schema.TypeName {
	h := uint64(n)*0x9E3779B97F4A7C15 + w.Seed
	h ^= h >> 29
	return schema.TypeName(fmt.Sprintf("Type%02d", (h%WorldTypes)*(h>>32%WorldTypes)/WorldTypes))
}

// Layout returns the layout of a World: serial is unique, number indexed.
func (w World) Layout() *graph.Layout {
	var types []schema.TypeName
	for i := range WorldTypes {
		types = append(types, schema.TypeName(fmt.Sprintf("Type%02d", i)))
	}
	return &graph.Layout{
		Relations: []schema.Relation{
			{Name: "feeds"},
			{Name: "isPartOf", Single: true, Hierarchy: "parts", ToParent: true},
			{Name: "locatedIn", Single: true, Hierarchy: "place", ToParent: true},
		},
		Unique:  []graph.UniqueKey{{Scope: "Thing", Path: "serial", Types: types}},
		Indexes: []graph.Index{{Path: "number", Types: types}},
	}
}

// Entity returns the change that creates an entity.
func (w World) Entity(n int) graph.EntityChange {
	h := (uint64(n) + w.Seed) * 0x9E3779B97F4A7C15
	return graph.EntityChange{Op: graph.Create, ID: w.ID(n), Type: w.Type(n), Values: []graph.PathValue{
		{Path: graph.ColumnName, Value: schema.StringOf(fmt.Sprintf("Thing %d", n))},
		{Path: "serial", Value: schema.StringOf(fmt.Sprintf("SN-%08d", n))},
		{Path: "number", Value: schema.FloatOf(float64(h>>40) / 16)},
		{Path: "maker", Value: schema.StringOf([]string{"Acme", "Borsig", "Cifa", "Dürr"}[h%4])},
		{Path: "active", Value: schema.BoolOf(h%3 > 0)},
		{Path: "count", Value: schema.IntOf(int64(h % 1000))},
	}}
}

// Relationships returns the changes that relate an entity to others.
func (w World) Relationships(n int) []graph.RelationshipChange {
	r := rand.New(rand.NewPCG(w.Seed, uint64(n)))
	relate := func(relation string, to int) graph.RelationshipChange {
		return graph.RelationshipChange{From: w.ID(n), Relation: relation, To: w.ID(to)}
	}
	var changes []graph.RelationshipChange
	if n > 0 {
		changes = append(changes, relate("locatedIn", (n-1)/10), relate("isPartOf", r.IntN(min(n, w.Entities/8+1))))
	}
	for range 2 {
		to := r.IntN(w.Entities)
		if r.IntN(5) < 3 {
			to = (n + 1 + r.IntN(50)) % w.Entities
		}
		changes = append(changes, relate("feeds", to))
	}
	return changes
}

// All returns the whole world as one change set.
func (w World) All() graph.ChangeSet {
	set := graph.ChangeSet{By: "world", Layout: w.Layout()}
	set.Entities = make([]graph.EntityChange, 0, w.Entities)
	set.Relationships = make([]graph.RelationshipChange, 0, 4*w.Entities)
	for n := range w.Entities {
		set.Entities = append(set.Entities, w.Entity(n))
		set.Relationships = append(set.Relationships, w.Relationships(n)...)
	}
	return set
}
