package graphtest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// rule is one change set on the small plant, and what must come of it.
type rule struct {
	name string
	set  graph.ChangeSet
	want fault.Code // "": it is applied
	says []string   // parts of the message
}

func entity(op graph.Op, id graph.EntityID, values ...graph.PathValue) graph.EntityChange {
	return graph.EntityChange{Op: op, ID: id, Type: "Pump", Values: values}
}

func text(path schema.Path, s string) graph.PathValue {
	return graph.PathValue{Path: path, Value: schema.StringOf(s)}
}

func relate(op graph.RelationOp, from graph.EntityID, relation string, to graph.EntityID) graph.RelationshipChange {
	return graph.RelationshipChange{Op: op, From: from, Relation: relation, To: to}
}

func entities(changes ...graph.EntityChange) graph.ChangeSet {
	return graph.ChangeSet{Entities: changes}
}

func relationships(changes ...graph.RelationshipChange) graph.ChangeSet {
	return graph.ChangeSet{Relationships: changes}
}

// smallPlant is: site contains hall1 and hall2; p1, p2, p3 are located in hall1; p1 feeds p2 feeds p3; p1 has code A, p2 code B.
func smallPlant() graph.ChangeSet {
	l := layouts()[0]
	l.Model = "first"
	set := entities(
		graph.EntityChange{ID: "site", Type: "Hall"}, graph.EntityChange{ID: "hall1", Type: "Hall"}, graph.EntityChange{ID: "hall2", Type: "Hall"},
		entity(graph.Create, "p1", text("code", "A")), entity(graph.Create, "p2", text("code", "B")), entity(graph.Create, "p3"),
	)
	set.Layout = &l
	set.Relationships = []graph.RelationshipChange{
		relate(graph.Relate, "site", "contains", "hall1"), relate(graph.Relate, "site", "contains", "hall2"),
		relate(graph.Relate, "p1", "locatedIn", "hall1"), relate(graph.Relate, "p2", "locatedIn", "hall1"), relate(graph.Relate, "p3", "locatedIn", "hall1"),
		relate(graph.Relate, "p1", "feeds", "p2"), relate(graph.Relate, "p2", "feeds", "p3"),
	}
	return set
}

func revision(r graph.Revision) *graph.Revision { return &r }

func named(model string) *string { return &model }

func rules() []rule {
	withLayout := func(change func(l *graph.Layout)) graph.ChangeSet {
		l := layouts()[0]
		l.Model = "first"
		change(&l)
		return graph.ChangeSet{Layout: &l}
	}
	return []rule{
		{"a taken id is a conflict", entities(entity(graph.Create, "p1")), fault.Conflict, []string{"p1"}},
		{"an update of nobody is not found", entities(entity(graph.Update, "p9")), fault.NotFound, []string{"p9"}},
		{"a put keeps the type", entities(graph.EntityChange{Op: graph.Put, ID: "p1", Type: "Valve"}), fault.Conflict, []string{"p1", "Pump", "Valve"}},
		{"a retype changes it", entities(graph.EntityChange{Op: graph.Retype, ID: "p1", Type: "Valve"}), "", nil},
		{"an empty id is invalid", entities(entity(graph.Create, "")), fault.Invalid, nil},
		{"an id of 257 characters is invalid", entities(entity(graph.Create, graph.EntityID(strings.Repeat("ä", 257)))), fault.Invalid, nil},
		{"an id of 256 characters is not", entities(entity(graph.Create, graph.EntityID(strings.Repeat("ä", 256)))), "", nil},
		{"the revision cannot be set", entities(entity(graph.Update, "p1", graph.PathValue{Path: "revision", Value: schema.IntOf(7)})), fault.Invalid, []string{"revision"}},
		{"an old revision is a conflict", entities(graph.EntityChange{Op: graph.Update, ID: "p1", IfRevision: revision(7)}), fault.Conflict, []string{"p1", "1", "7"}},
		{"the right revision is none", entities(graph.EntityChange{Op: graph.Update, ID: "p1", IfRevision: revision(1)}), "", nil},
		{"an old revision of the store is a conflict", graph.ChangeSet{IfStore: revision(0)}, fault.Conflict, nil},

		{"the model it was checked by holds", graph.ChangeSet{IfModel: named("first"), Entities: []graph.EntityChange{entity(graph.Create, "p9")}}, "", nil},
		{"another model than it was checked by is a conflict", graph.ChangeSet{IfModel: named("second"), Entities: []graph.EntityChange{entity(graph.Create, "p9")}}, fault.Conflict, []string{"model", "send it again"}},
		{"also when it brings that model", graph.ChangeSet{IfModel: named("second"), Layout: withLayout(func(l *graph.Layout) { l.Model = "second" }).Layout}, fault.Conflict, []string{"model"}},
		{"a model with the same rules replaces another", withLayout(func(l *graph.Layout) { l.Model = "second" }), "", nil},

		{"a unique value twice is a conflict", entities(entity(graph.Create, "p9", text("code", "A"))), fault.Conflict, []string{"p1", "p9", "code", `"A"`, "Equipment"}},
		{"unique values may change places", entities(entity(graph.Update, "p1", text("code", "B")), entity(graph.Update, "p2", text("code", "A"))), "", nil},
		{"a unique value may be taken over", entities(entity(graph.Delete, "p1"), entity(graph.Create, "p9", text("code", "A"))), "", nil},
		{"null is never twice", entities(entity(graph.Create, "p8"), entity(graph.Create, "p9")), "", nil},

		{"an unknown relation is invalid", relationships(relate(graph.Relate, "p1", "feedz", "p2")), fault.Invalid, []string{"feedz", `"feeds"`}},
		{"a missing target is invalid", relationships(relate(graph.Relate, "p1", "feeds", "p9")), fault.Invalid, []string{"p9"}},
		{"a missing source is not found", relationships(relate(graph.Relate, "p9", "feeds", "p1")), fault.NotFound, []string{"p9"}},
		{"an absent relationship cannot be removed", relationships(relate(graph.Unrelate, "p3", "feeds", "p1")), fault.NotFound, []string{"p3", "feeds", "p1"}},
		{"a single relation has one target", relationships(relate(graph.Relate, "p1", "main", "p2"), relate(graph.Relate, "p1", "main", "p3")), fault.Conflict, []string{"p1", "main", "p2", "p3"}},
		{"a single relation can be replaced", relationships(relate(graph.Relate, "p1", "main", "p2"), relate(graph.Replace, "p1", "main", "p3")), "", nil},
		{"a relation to many cannot", relationships(relate(graph.Replace, "p1", "feeds", "p3")), fault.Invalid, []string{"feeds"}},
		{"an inverse of one has one source", relationships(relate(graph.Relate, "p1", "near", "p3"), relate(graph.Relate, "p2", "near", "p3")), fault.Conflict, []string{"p3", "near", "p1", "p2"}},

		{"a second parent is a conflict", relationships(relate(graph.Relate, "p1", "locatedIn", "hall2")), fault.Conflict, []string{"p1", "hall1", "hall2"}},
		{"also over another relation of the hierarchy", relationships(relate(graph.Relate, "hall2", "contains", "p1")), fault.Conflict, []string{"p1", "place", "hall1", "hall2"}},
		{"another hierarchy is free", relationships(relate(graph.Relate, "p1", "partOf", "p2")), "", nil},
		{"a parent can be replaced", relationships(relate(graph.Replace, "p1", "locatedIn", "hall2")), "", nil},
		{"nobody is its own parent", relationships(relate(graph.Relate, "site", "locatedIn", "site")), fault.Conflict, []string{"site", "place"}},
		{"a cycle is a conflict", relationships(relate(graph.Relate, "site", "locatedIn", "p1")), fault.Conflict, []string{"site", "place"}},
		{"a cycle made of two changes too", relationships(relate(graph.Relate, "p1", "partOf", "p2"), relate(graph.Relate, "p2", "partOf", "p1")), fault.Conflict, []string{"p1", "p2", "parts"}},

		{"a parent is not deleted", entities(entity(graph.Delete, "hall1")), fault.Conflict, []string{"hall1", "p1"}},
		{"unless its children go too", entities(entity(graph.Delete, "hall1"), entity(graph.Delete, "p1"), entity(graph.Delete, "p2"), entity(graph.Delete, "p3")), "", nil},
		{"or move", graph.ChangeSet{Entities: []graph.EntityChange{entity(graph.Delete, "hall1")}, Relationships: []graph.RelationshipChange{
			relate(graph.Relate, "p1", "locatedIn", "hall2"), relate(graph.Relate, "p2", "locatedIn", "hall2"), relate(graph.Relate, "p3", "locatedIn", "hall2")}}, "", nil},

		{"a layout that data breaks is a conflict", withLayout(func(l *graph.Layout) {
			l.Unique = append(l.Unique, graph.UniqueKey{Scope: "Hall", Path: "assetType", Types: []schema.TypeName{"Hall"}})
			l.Relations[1].Hierarchy = "place"
		}), fault.Conflict, []string{"place"}},
		{"a relation in use cannot go", withLayout(func(l *graph.Layout) { l.Relations = l.Relations[2:] }), fault.Conflict, []string{"feeds"}},
	}
}

// testRules applies every rule to a plant of its own and sees that a refusal changes nothing.
func testRules(t *testing.T, c Config) {
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			ctx := context.Background()
			s := c.Open(t, t.TempDir())
			defer s.Close()
			mustApply(t, s, smallPlant())
			before := backup(t, s)
			dry := r.set
			dry.DryRun = true
			if _, err := s.Apply(ctx, dry); fault.CodeOf(err) != r.want {
				t.Errorf("dry run = %v (%s), want %q", err, fault.CodeOf(err), r.want)
			}
			if !slices.Equal(backup(t, s), before) {
				t.Error("a dry run changed the store")
			}
			_, err := s.Apply(ctx, r.set)
			if fault.CodeOf(err) != r.want {
				t.Fatalf("Apply = %v (%s), want %q", err, fault.CodeOf(err), r.want)
			}
			for _, part := range r.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("message %q does not say %s", err, part)
				}
			}
			if err != nil && !slices.Equal(backup(t, s), before) {
				t.Error("a refused change set changed the store")
			}
		})
	}
}

func mustApply(t testing.TB, s graph.Store, set graph.ChangeSet) graph.Commit {
	t.Helper()
	commit, err := s.Apply(context.Background(), set)
	if err != nil {
		t.Fatal(err)
	}
	return commit
}

func mustView(t testing.TB, s graph.Store) graph.View {
	t.Helper()
	v, err := s.View(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// selected returns the ids of all entities of a type, all types for "".
func selected(t testing.TB, v graph.View, typ schema.TypeName) (ids []string) {
	t.Helper()
	q := graph.Selection{Page: graph.Page{All: true}, Columns: []schema.Path{"id"}}
	if typ != "" {
		q.Types = []schema.TypeName{typ}
	}
	b, err := v.Select(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Rows {
		ids = append(ids, b.Cell(0, i).Text())
	}
	return ids
}
