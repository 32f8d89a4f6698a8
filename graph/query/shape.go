package query

import (
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/fault"
)

// CheckShape refuses a document that nests, aliases or asks for too much, in fields of this engine or of others. It may be
// called before the document is validated, and Plan calls it for its operation. The error is Limit.
func (e *Engine) CheckShape(doc *ast.QueryDocument) error { return e.limits.checkShape(doc) }

func (l *Limits) checkShape(doc *ast.QueryDocument) error {
	m := measure{fragments: doc.Fragments, depths: map[string]int{}, rootCounts: map[string]int{}}
	aliases := 0
	for _, f := range doc.Fragments {
		aliases += countAliases(f.SelectionSet)
	}
	for _, op := range doc.Operations {
		aliases += countAliases(op.SelectionSet)
		if d := m.depth(op.SelectionSet); d > l.Depth {
			return fault.New(fault.Limit, "the operation is %d fields deep, the limit is %d; ask in several operations, or raise limits.depth in mereon.yaml", d, l.Depth)
		}
		if n := m.roots(op.SelectionSet); n > l.Roots {
			return fault.New(fault.Limit, "the operation has %d root fields, the limit is %d; ask in several operations, or raise limits.roots in mereon.yaml", n, l.Roots)
		}
	}
	if aliases > l.Aliases {
		return fault.New(fault.Limit, "the document has %d aliases, the limit is %d; ask in several operations, or raise limits.aliases in mereon.yaml", aliases, l.Aliases)
	}
	return nil
}

// measure measures selections. Fragments count wherever they are spread, but each is walked once; one that spreads itself is
// left to validation.
type measure struct {
	fragments ast.FragmentDefinitionList
	// of fragments; 0 while being measured
	depths, rootCounts map[string]int
}

// introspectionDepth is how deep the introspection of usual tools goes: that does not count against the limit.
const introspectionDepth = 20

func (m *measure) depth(set ast.SelectionSet) int {
	deepest := 0
	for _, s := range set {
		d := 0
		switch s := s.(type) {
		case *ast.Field:
			d = 1 + m.depth(s.SelectionSet)
			if (s.Name == "__schema" || s.Name == "__type") && d <= introspectionDepth {
				d = 1
			}
		case *ast.InlineFragment:
			d = m.depth(s.SelectionSet)
		case *ast.FragmentSpread:
			d = m.fragmentDepth(s.Name)
		}
		deepest = max(deepest, d)
	}
	return deepest
}

func (m *measure) fragmentDepth(name string) int {
	if d, ok := m.depths[name]; ok {
		return d
	}
	m.depths[name] = 0
	if f := m.fragments.ForName(name); f != nil {
		m.depths[name] = m.depth(f.SelectionSet)
	}
	return m.depths[name]
}

// roots counts root fields as often as fragments spread them: splitting an operation by plane walks them all.
func (m *measure) roots(set ast.SelectionSet) int {
	n := 0
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			n++
		case *ast.InlineFragment:
			n += m.roots(s.SelectionSet)
		case *ast.FragmentSpread:
			n += m.fragmentRoots(s.Name)
		}
	}
	return min(n, manyRoots)
}

const manyRoots = 1 << 20 // no further is counted

func (m *measure) fragmentRoots(name string) int {
	if n, ok := m.rootCounts[name]; ok {
		return n
	}
	m.rootCounts[name] = 0
	if f := m.fragments.ForName(name); f != nil {
		m.rootCounts[name] = m.roots(f.SelectionSet)
	}
	return m.rootCounts[name]
}

func countAliases(set ast.SelectionSet) int {
	n := 0
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if s.Alias != s.Name {
				n++
			}
			n += countAliases(s.SelectionSet)
		case *ast.InlineFragment:
			n += countAliases(s.SelectionSet)
		}
	}
	return n
}
