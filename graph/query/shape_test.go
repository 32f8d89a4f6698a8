package query

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"mereon/schema/fault"
)

func TestShapesOfDocumentsThatAreNotValidatedYet(t *testing.T) {
	limits := Limits{Depth: 4, Aliases: 2, Roots: 3}
	limits.ensureDefaults()
	for _, c := range []struct{ document, limit string }{
		{"{ a { b { c { d } } } }", ""},
		{"{ a { b { c { d { e } } } } }", "limits.depth"},
		{"{ a { ...F } } fragment F on T { b { ...F c } }", ""}, // spreads itself: validation refuses it
		{"{ ...F } fragment F on T { a { ...G } } fragment G on T { b { c { d { e } } } }", "limits.depth"},
		{"{ ...F } fragment F on T { a b c }", ""},
		{"{ ...F ...F } fragment F on T { a b }", "limits.roots"}, // counted wherever it is spread
		{"{ ...F d } fragment F on T { a b c }", "limits.roots"},
		{"{ ... { a b } c d }", "limits.roots"},
		{"{ x: a y: b c }", ""},
		{"{ x: a } query Q { y: b ... { z: c } }", "limits.aliases"},
		{"{ a } fragment Unused on T { x: a y: b z: c }", "limits.aliases"},
		{"{ __schema { types { fields { type { ofType { ofType { name } } } } } } }", ""},
		{"{ __schema { " + strings.Repeat("ofType { ", 30) + "name" + strings.Repeat(" }", 30) + " } }", "limits.depth"},
	} {
		doc, err := parser.ParseQuery(&ast.Source{Input: c.document})
		if err != nil {
			t.Fatal(err)
		}
		got := limits.checkShape(doc)
		if c.limit == "" && got != nil || c.limit != "" && (fault.CodeOf(got) != fault.Limit || !strings.Contains(got.Error(), c.limit)) {
			t.Errorf("%s: %v, want %q", c.document, got, c.limit)
		}
	}
}
