package schema

import (
	_ "embed"
	"slices"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

//go:embed directives.graphql
var directivesSDL string

// Directives returns the declaration of the model language's directives and scalars, which is also its documentation.
func Directives() string { return directivesSDL }

// directiveDefinitions are the directives of Directives by name. The text is part of the program, so it parses.
var directiveDefinitions = sync.OnceValue(func() map[string]*ast.DirectiveDefinition {
	doc, err := parser.ParseSchema(&ast.Source{Name: "directives.graphql", Input: directivesSDL})
	if err != nil {
		panic("schema/directives.graphql: " + err.Error())
	}
	byName := make(map[string]*ast.DirectiveDefinition, len(doc.Directives))
	for _, d := range doc.Directives {
		byName[d.Name] = d
	}
	return byName
})

// directiveNames returns the directives that go there, with their @, sorted.
func directiveNames(at ast.DirectiveLocation) []string {
	var names []string
	for name, d := range directiveDefinitions() {
		if slices.Contains(d.Locations, at) {
			names = append(names, "@"+name)
		}
	}
	slices.Sort(names)
	return names
}
