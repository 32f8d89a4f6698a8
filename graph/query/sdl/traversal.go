package sdl

import (
	"maps"
	"slices"

	"mereon/schema"
)

// AffectedField is the field of Affected, and of AffectedThrough, that stands for a record type.
func AffectedField(r *schema.RecordType) string {
	switch r.Singular {
	case "depth", "via", "entity":
		return r.Singular + "Record"
	}
	return r.Singular
}

// affected writes what the field affected gives: entities and the rows of every record type.
func (w *writer) affected() {
	records := slices.Sorted(maps.Keys(w.model.Records))
	w.describe("", "What may be affected: by depth, entities before rows of other systems.")
	w.block("type AffectedConnection", func() {
		w.line("  nodes: [Affected!]!\n  pageInfo: PageInfo!\n  totalCount: Int!")
		w.describe("  ", "True when the budget ended the walk; pageInfo.endCursor goes on where it ended.")
		w.line("  truncated: Boolean!")
		w.describe("  ", "True when a source did not answer, or a value that a condition needs is not known: what lies behind is missing.")
		w.line("  incomplete: Boolean!")
	})
	w.describe("", "An entity or a row of another system that was reached; all but one of the fields that hold them are null.")
	w.block("type Affected", func() {
		w.describe("  ", "Steps from the start, at least 1.")
		w.line("  depth: Int!")
		w.describe("  ", "The relationship or field by which it was reached.")
		w.line("  via: String!\n  entity: Entity")
		for _, name := range records {
			w.line("  %s: %s", AffectedField(w.model.Records[name]), name)
		}
	})
	w.describe("", "What must hold of everything that a walk goes through: of entities, and of rows of each record type.")
	w.block("input AffectedThrough", func() {
		w.line("  entity: EntityFilter")
		for _, name := range records {
			w.line("  %s: %sFilter", AffectedField(w.model.Records[name]), name)
		}
	})
}

// traversal writes the root fields that walk the graph.
func (w *writer) traversal() {
	w.describe("  ", "A shortest path over relationships (via; all of them when left out); null when there is none. through holds for the entities between the ends. With weight, a relationship property, it is the path with the least sum; where the property is missing, missing counts, else the path is refused, as it is for weights below 0.")
	w.line("  path(from: ID!, to: ID!, via: [String!], direction: Direction = OUT, through: EntityFilter, maxDepth: Int, weight: String, missing: Float): Path")
	w.describe("  ", "All shortest paths, up to a number, by the ids along them.")
	w.line("  paths(from: ID!, to: ID!, via: [String!], direction: Direction = OUT, through: EntityFilter, maxDepth: Int, first: Int = 10): [Path!]")
	w.describe("  ", "What is above all of several entities in a hierarchy, nearest first. An entity counts as above itself, at depth 0.")
	w.line("  commonAncestors(of: [ID!]!, hierarchy: String!): [CommonAncestor!]")
}
