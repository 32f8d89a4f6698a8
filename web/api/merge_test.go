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

func TestALargeSchemaParsedInPiecesIsTheSame(t *testing.T) {
	p := newPlant(t, roomy)
	engine, err := query.New(query.Options{Model: parseModel(t, largeModel(120, 0)), Store: p.store, Source: p.source})
	if err != nil {
		t.Fatal(err)
	}
	text := engine.SDL()
	if n := len(pieces(text)); n < 2 || strings.Join(pieces(text), "") != text {
		t.Fatalf("%d bytes in %d pieces", len(text), n)
	}
	got, err := mergeSchema(text, control.SDL)
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
	_, err = mergeSchema(text+"type ServerStatus { a: Int }\n", control.SDL)
	if err == nil || !strings.Contains(err.Error(), "ServerStatus") {
		t.Errorf("a name that both planes use: %v", err)
	}
	_, err = mergeSchema(text+"type { a: Int }\n", control.SDL)
	if err == nil {
		t.Error("what is no SDL was taken")
	}
}

func written(s *ast.Schema) string {
	var b strings.Builder
	formatter.NewFormatter(&b).FormatSchema(s)
	return b.String()
}
