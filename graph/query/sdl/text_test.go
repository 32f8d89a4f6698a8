package sdl_test

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph/query/sdl"
	"mereon/schema"
)

var update = flag.Bool("update", false, "rewrite the expected file")

func parse(t *testing.T, name, text string) *schema.Model {
	t.Helper()
	model, problems := schema.Parse([]schema.File{{Name: name, Text: text}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return model
}

func load(t *testing.T, text string) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "api", Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTextIsTheExpectedSchemaAndValidAlone(t *testing.T) {
	model, err := os.ReadFile("../testdata/plant/model.graphql")
	if err != nil {
		t.Fatal(err)
	}
	got := sdl.New(parse(t, "plant.graphql", string(model))).Text()
	load(t, got)
	if *update {
		if err := os.WriteFile("testdata/plant.graphql", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/plant.graphql")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got, run with -update to accept:\n%s", diff)
	}
}

func TestEntitiesWithoutATypeOfTheirOwnHavePlainObjects(t *testing.T) {
	api := sdl.New(parse(t, "m.graphql", `
		interface Thing @asset(instantiable: true) { name2: String }
		interface Hidden @asset(expose: false) { a: Int }
		type Lost implements Hidden @asset(expose: false) { b: Int }
		type Kept implements Thing @asset(expose: false) { c: Int }
		type Seen implements Thing @asset { "a \"quoted\" description" d: [Float!]! }
	`))
	s := load(t, api.Text())
	for typ, object := range map[schema.TypeName]string{"Thing": "PlainThing", "Kept": "PlainThing", "Lost": "PlainEntity", "Seen": "Seen", "unknown": "PlainEntity"} {
		if got := api.Object(typ); got != object || s.Types[object] == nil {
			t.Errorf("Object(%s) = %s, want %s", typ, got, object)
		}
	}
	if !api.Is("Kept", "Thing") || api.Is("Lost", "Thing") || !api.Is("Lost", "Entity") || api.Is("Seen", "PlainThing") {
		t.Error("type conditions hold for the wrong types")
	}
}

func TestControlPlaneExtendsTheRoots(t *testing.T) {
	text := sdl.New(parse(t, "m.graphql", `type Pump @asset { a: Int }`)).Text()
	_, err := gqlparser.LoadSchema(&ast.Source{Input: text}, &ast.Source{Input: `
		extend type Query { server: Server }
		extend type Mutation { restart: Boolean }
		type Server { version: String! }`})
	if err != nil {
		t.Fatal(err)
	}
}
