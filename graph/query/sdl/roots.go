package sdl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mereon/schema"
)

func (w *writer) queries() {
	start := w.b.Len()
	defer func() { w.queryText = w.b.String()[start:] }()
	w.block("type Query", func() {
		w.line("  node(id: ID!): Node\n  nodes(ids: [ID!]!): [Node]!\n  entity(id: ID!): Entity")
		w.describe("  ", "All entities. type is an asset type or an interface. search finds those with every word of a text as the beginning of a word in their id, name, external ids and texts; case and accents do not count. Without orderBy the best come first.")
		w.line("  entities(type: String, where: EntityFilter, search: String, orderBy: [EntityOrderBy!], %s, within: Within): EntityConnection!", pageBothWays)
		w.groupRoot("Entity", "entity", "type: String, search: String, within: Within, ", "!")
		w.traversal()
		w.describe("  ", "What is active now, worst first.")
		w.line("  alarms(severity: [Severity!], first: Int = 1000): [Alarm!]!")
		for _, t := range w.exposed {
			w.entityRoots(t)
		}
		for _, name := range slices.Sorted(maps.Keys(w.model.Records)) {
			w.recordRoots(w.model.Records[name])
		}
	})
}

// UniqueKeys lists the properties of t by which a root field finds one entity, in the order of the model.
func UniqueKeys(t *schema.AssetType) []*schema.Property {
	var keys []*schema.Property
	for _, p := range t.Properties {
		if p.Unique && p.Kind == schema.Static && !p.Type.List {
			keys = append(keys, p)
		}
	}
	return keys
}

func (w *writer) entityRoots(t *schema.AssetType) {
	var keys strings.Builder
	for _, p := range UniqueKeys(t) {
		fmt.Fprintf(&keys, ", %s: %s", p.Name, Base(p.Type))
	}
	w.describe("  ", t.Description)
	w.line("  %s(id: ID%s): %s", t.Singular, keys.String(), t.Name)
	w.describe("  ", t.Description)
	w.line("  %s(where: %[2]sFilter, search: String, orderBy: [%[2]sOrderBy!], %[3]s, within: Within): %[2]sConnection!", t.Plural, t.Name, pageBothWays)
	w.groupRoot(string(t.Name), t.Singular, "search: String, within: Within, ", "!")
}

func (w *writer) recordRoots(r *schema.RecordType) {
	w.describe("  ", r.Description)
	w.line("  %s(%s: %s!): %s", r.Singular, r.Key, recordKey(r), r.Name)
	w.describe("  ", r.Description)
	w.line("  %s(where: %[2]sFilter, orderBy: [%[2]sOrderBy!], first: Int = 100, after: String): %[2]sConnection!", r.Plural, r.Name)
	w.groupRoot(string(r.Name), r.Singular, "", "")
}

// recordKey is the GraphQL type of the field that identifies a row.
func recordKey(r *schema.RecordType) string {
	if p, ok := r.Property(r.Key); ok {
		return Base(p.Type)
	}
	return "ID"
}

func (w *writer) mutations() {
	w.describe("", "Each field is one change, made as a whole or not at all, in the order in which they are written. With an idempotencyKey (or the header Idempotency-Key) a retry changes nothing more and answers as the first time.")
	w.block("type Mutation", func() {
		for _, t := range w.exposed {
			if !t.Instantiable {
				continue
			}
			w.line("  create%[1]s(input: Create%[1]s!, idempotencyKey: String): %[1]s", t.Name)
			w.line("  update%[1]s(id: ID!, set: Update%[1]s!, ifRevision: Long, idempotencyKey: String): %[1]s", t.Name)
			w.line("  delete%s(id: ID!, children: OnChildren = REFUSE, ifRevision: Long, idempotencyKey: String): ID", t.Name)
			many := Many(t)
			w.line("  create%[1]s(inputs: [Create%[2]s!]!, idempotencyKey: String): [%[2]s!]", many, t.Name)
			w.line("  update%[1]s(inputs: [%[2]sChange!]!, idempotencyKey: String): [%[2]s!]", many, t.Name)
			w.describe("  ", "Give ids with one answer for their children, or inputs with one each, and ifRevision.")
			w.line("  delete%s(ids: [ID!], children: OnChildren = REFUSE, inputs: [DeleteChange!], idempotencyKey: String): [ID!]", many)
		}
		w.describe("  ", "Adds a relationship, named by its field or by its relation; one that is there gets the properties.")
		w.line("  relate(from: ID!, name: String!, to: ID!, props: JSON, idempotencyKey: String): Entity")
		w.line("  unrelate(from: ID!, name: String!, to: ID!, idempotencyKey: String): Entity")
		w.describe("  ", "All changes or none. A dry run checks everything and changes nothing.")
		w.line("  apply(changes: [ChangeInput!]!, dryRun: Boolean = false, idempotencyKey: String): ChangeReport")
	})
}

// Many is how mutations of many entities of a type end: createPumps.
func Many(t *schema.AssetType) string { return strings.ToUpper(t.Plural[:1]) + t.Plural[1:] }
