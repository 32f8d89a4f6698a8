package sdl

// traversal writes the root fields that walk the graph.
func (w *writer) traversal() {
	w.describe("  ", "A shortest path over relationships (via; all of them when left out); null when there is none. through holds for the entities between the ends. With weight, a relationship property, it is the path with the least sum; where the property is missing, missing counts, else the path is refused, as it is for weights below 0.")
	w.line("  path(from: ID!, to: ID!, via: [String!], direction: Direction = OUT, through: EntityFilter, maxDepth: Int, weight: String, missing: Float): Path")
	w.describe("  ", "All shortest paths, up to a number, by the ids along them.")
	w.line("  paths(from: ID!, to: ID!, via: [String!], direction: Direction = OUT, through: EntityFilter, maxDepth: Int, first: Int = 10): [Path!]")
	w.describe("  ", "What is above all of several entities in a hierarchy, nearest first. An entity counts as above itself, at depth 0.")
	w.line("  commonAncestors(of: [ID!]!, hierarchy: String!): [CommonAncestor!]")
}
