package query

import (
	"cmp"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/fault"
)

// Limits bound what one operation may ask for. Zero values become the defaults.
type Limits struct {
	First      int // rows of one page, default 10,000
	Depth      int // nesting of fields, default 15
	Aliases    int // fields with an alias, default 100
	Roots      int // root fields, default 20
	Selections int // fields with fragments inlined, default 10,000
	Rows       int // rows that an operation may read or look at, default 200,000
	Plans      int // plans kept, default 1,000
	Points     int // measurements of one history page, default 10,000
}

func (l *Limits) ensureDefaults() {
	l.First = cmp.Or(l.First, 10_000)
	l.Depth = cmp.Or(l.Depth, 15)
	l.Aliases = cmp.Or(l.Aliases, 100)
	l.Roots = cmp.Or(l.Roots, 20)
	l.Selections = cmp.Or(l.Selections, 10_000)
	l.Rows = cmp.Or(l.Rows, 200_000)
	l.Plans = cmp.Or(l.Plans, 1_000)
	l.Points = cmp.Or(l.Points, 10_000)
}

// check refuses an operation that is too deep or has too many aliases or root fields. A fragment is measured once.
func (l *Limits) check(op *ast.OperationDefinition, fragments ast.FragmentDefinitionList) error {
	m := measure{fragments: fragments, depths: map[string]int{}}
	depth := m.depth(op.SelectionSet)
	switch {
	case depth > l.Depth:
		return fault.New(fault.Limit, "the operation is %d fields deep, the limit is %d (limits.depth)", depth, l.Depth)
	case m.aliases > l.Aliases:
		return fault.New(fault.Limit, "the operation has %d aliases, the limit is %d (limits.aliases)", m.aliases, l.Aliases)
	case m.roots(op.SelectionSet, l.Roots) > l.Roots:
		return fault.New(fault.Limit, "the operation has more root fields than the limit of %d (limits.roots)", l.Roots)
	}
	return nil
}

type measure struct {
	fragments ast.FragmentDefinitionList
	depths    map[string]int // of fragments; validation has excluded cycles
	aliases   int
}

func (m *measure) depth(set ast.SelectionSet) int {
	deepest := 0
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if s.Alias != "" && s.Alias != s.Name {
				m.aliases++
			}
			deepest = max(deepest, 1+m.depth(s.SelectionSet))
		case *ast.InlineFragment:
			deepest = max(deepest, m.depth(s.SelectionSet))
		case *ast.FragmentSpread:
			deepest = max(deepest, m.fragment(s.Name))
		}
	}
	return deepest
}

func (m *measure) fragment(name string) int {
	if d, ok := m.depths[name]; ok {
		return d
	}
	m.depths[name] = 0
	if f := m.fragments.ForName(name); f != nil {
		m.depths[name] = m.depth(f.SelectionSet)
	}
	return m.depths[name]
}

// roots counts root fields and stops soon after limit.
func (m *measure) roots(set ast.SelectionSet, limit int) int {
	n := 0
	for _, s := range set {
		if n > limit {
			break
		}
		switch s := s.(type) {
		case *ast.Field:
			n++
		case *ast.InlineFragment:
			n += m.roots(s.SelectionSet, limit-n)
		case *ast.FragmentSpread:
			if f := m.fragments.ForName(s.Name); f != nil {
				n += m.roots(f.SelectionSet, limit-n)
			}
		}
	}
	return n
}
