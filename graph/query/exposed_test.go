package query

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/schema"
)

// hidden is a store with entities of types that are exposed, hidden, instantiable interfaces, and not in the model at all.
func hidden(t *testing.T) *plant {
	t.Helper()
	model, problems := schema.Parse([]schema.File{{Name: "m.graphql", Text: `
		interface Thing @asset(instantiable: true) { size: Int  parts: [Thing!] @relation(name: "has", inverse: "of") }
		interface Secret @asset(expose: false) { depth: Int }
		type Lost implements Secret @asset(expose: false) { b: Int }
		type Kept implements Thing @asset(expose: false) { c: Int  live: Float @live(connector: "plant", ref: "x/{size}") }
		type Seen implements Thing @asset { d: Int }
	`}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	p := &plant{model: model, store: memory.New(), states: newFakeStates()}
	p.connect(t)
	set := graph.ChangeSet{Layout: graph.LayoutOf(model)}
	for id, typ := range map[graph.EntityID]schema.TypeName{"a": "Thing", "b": "Lost", "c": "Kept", "d": "Seen", "e": "Gone"} {
		set.Entities = append(set.Entities, graph.EntityChange{Op: graph.Create, ID: id, Type: typ, Values: []graph.PathValue{
			{Path: "name", Value: schema.StringOf(string(id))}, {Path: "size", Value: schema.IntOf(1)}, {Path: "b", Value: schema.IntOf(2)}}})
		if id != "a" {
			set.Relationships = append(set.Relationships, graph.RelationshipChange{From: "a", Relation: "has", To: id})
		}
	}
	if _, err := p.store.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	var err error
	if p.engine, err = New(Options{Model: model, Store: p.store, Source: p.runtime}); err != nil {
		t.Fatal(err)
	}
	if p.schema, err = gqlparser.LoadSchema(&ast.Source{Input: p.engine.SDL()}); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEntitiesOfHiddenAndUnknownTypesAreShownUnderWhatTheyAre(t *testing.T) {
	p := hidden(t)
	for _, c := range [][2]string{
		{`{ entities { nodes { __typename id assetType ... on Thing { size } ... on Seen { d } ... on PlainEntity { name } b: property(name: "b") } } }`, `{"entities":{"nodes":[` +
			`{"__typename":"PlainThing","id":"a","assetType":"Thing","size":1,"b":null},` +
			`{"__typename":"PlainEntity","id":"b","assetType":"Lost","name":"b","b":2},` +
			`{"__typename":"PlainThing","id":"c","assetType":"Kept","size":1,"b":null},` +
			`{"__typename":"Seen","id":"d","assetType":"Seen","size":1,"d":null,"b":null},` +
			`{"__typename":"PlainEntity","id":"e","assetType":"Gone","name":"e","b":null}]}}`},
		{`{ things { totalCount nodes { __typename id size live: property(name: "live") parts { nodes { id __typename } } } } }`, `{"things":{"totalCount":3,"nodes":[` +
			`{"__typename":"PlainThing","id":"a","size":1,"live":null,"parts":{"nodes":[{"id":"c","__typename":"PlainThing"},{"id":"d","__typename":"Seen"}]}},` +
			`{"__typename":"PlainThing","id":"c","size":1,"live":{"value":null,"quality":"BAD","status":"NOT_FOUND"},"parts":{"nodes":[]}},` +
			`{"__typename":"Seen","id":"d","size":1,"live":null,"parts":{"nodes":[]}}]}}`},
		{`{ entity(id: "e") { __typename id relationships { nodes { name direction other { id } } } states { state } } thing(id: "b") { id } seens { nodes { id } } }`, `{"entity":{"__typename":"PlainEntity","id":"e","relationships":{"nodes":[{"name":"has","direction":"IN","other":{"id":"a"}}]},"states":[]},"thing":null,"seens":{"nodes":[{"id":"d"}]}}`},
		{`{ entities(type: "Secret") { nodes { id } } kept: entities(type: "Kept", where: {name: {gt: "a"}}) { nodes { id } } }`, `{"entities":{"nodes":[{"id":"b"}]},"kept":{"nodes":[{"id":"c"}]}}`},
		{`mutation { createThing(input: {id: "x", name: "X", size: 3}) { __typename id size } }`, `{"createThing":{"__typename":"PlainThing","id":"x","size":3}}`},
	} {
		if diff := cmp.Diff(c[1], p.data(t, c[0], nil)); diff != "" {
			t.Errorf("%s\n%s", c[0], diff)
		}
	}
}
