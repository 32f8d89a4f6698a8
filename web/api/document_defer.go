package api

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// withoutDefers returns a valid document without its @defer, each a copy where there are some. The control plane delivers
// everything at once, which the specification allows.
func (s *Snapshot) withoutDefers(parsed *ast.QueryDocument, text string) *ast.QueryDocument {
	if !defers(parsed) {
		return parsed
	}
	own, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil || len(s.validate(own)) > 0 {
		return parsed // it was valid a moment ago
	}
	walkFragments(own, func(list *ast.DirectiveList) { *list = withoutDefer(*list) })
	return own
}

func defers(doc *ast.QueryDocument) bool {
	found := false
	walkFragments(doc, func(list *ast.DirectiveList) { found = found || list.ForName("defer") != nil })
	return found
}

// walkFragments visits the directives of every inline fragment and fragment spread.
func walkFragments(doc *ast.QueryDocument, visit func(*ast.DirectiveList)) {
	for _, f := range doc.Fragments {
		walkFragmentsIn(f.SelectionSet, visit)
	}
	for _, op := range doc.Operations {
		walkFragmentsIn(op.SelectionSet, visit)
	}
}

func walkFragmentsIn(set ast.SelectionSet, visit func(*ast.DirectiveList)) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			walkFragmentsIn(s.SelectionSet, visit)
		case *ast.InlineFragment:
			visit(&s.Directives)
			walkFragmentsIn(s.SelectionSet, visit)
		case *ast.FragmentSpread:
			visit(&s.Directives)
		}
	}
}

func withoutDefer(list ast.DirectiveList) ast.DirectiveList {
	if list.ForName("defer") == nil {
		return list
	}
	var kept ast.DirectiveList
	for _, d := range list {
		if d.Name != "defer" {
			kept = append(kept, d)
		}
	}
	return kept
}
