package api

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"mereon/graph/query"
	"mereon/web/api/control"
)

func TestALargeSchemaWithSharedPartsIsTheSame(t *testing.T) {
	p := newPlant(t, roomy)
	engine, err := query.New(query.Options{Model: parseModel(t, largeModel(120, 0)), Store: p.store, Source: p.source})
	if err != nil {
		t.Fatal(err)
	}
	text := engine.SDL()
	document := func() *ast.SchemaDocument {
		d, err := engine.Document()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	got, err := mergeSchema(document(), control.SDL)
	if err != nil {
		t.Fatal(err)
	}
	want, err := gqlparser.LoadSchema(&ast.Source{Name: "model", Input: text}, &ast.Source{Name: "control", Input: control.SDL})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(written(want), written(got)); diff != "" {
		t.Error(diff)
	}
	taken := document()
	taken.Definitions = append(taken.Definitions, &ast.Definition{Kind: ast.Object, Name: "ServerStatus"})
	_, err = mergeSchema(taken, control.SDL)
	if err == nil || !strings.Contains(err.Error(), "ServerStatus") {
		t.Errorf("a name that both planes use: %v", err)
	}
	taken = document()
	root := taken.Definitions.ForName("Query")
	root.Fields = append(root.Fields, &ast.FieldDefinition{Name: "server", Type: ast.NamedType("Int", nil)})
	if _, err = mergeSchema(taken, control.SDL); err == nil || !strings.Contains(err.Error(), "server") {
		t.Errorf("a root field that both planes have: %v", err)
	}
	if again, err := mergeSchema(document(), control.SDL); err != nil || written(again) != written(got) {
		t.Errorf("a second document is not as the first: %v", err)
	}
}

func written(s *ast.Schema) string {
	var b strings.Builder
	formatter.NewFormatter(&b).FormatSchema(s)
	return b.String()
}
