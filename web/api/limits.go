package api

import (
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"

	"mereon/schema/fault"
)

// Limits bounds what one request may be. All are checked before the expensive step they protect. Each is set in mereon.yaml under limits.
type Limits struct {
	Body    int           // bytes of a request
	Tokens  int           // lexical tokens of a document
	Depth   int           // nested selections
	Aliases int           // aliased fields of a document
	Roots   int           // root fields of an operation
	Time    time.Duration // of one query or mutation
}

// countTokens refuses a document with too many tokens; the parser is not asked before. It costs one pass and no memory.
func (l Limits) countTokens(document string) error {
	lex := lexer.New(&ast.Source{Input: document})
	for n := 0; ; n++ {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return nil // the parser says what is wrong
		}
		if n >= l.Tokens {
			return fault.New(fault.Limit, "the document has more than %d tokens; ask for less at once, or raise limits.tokens in mereon.yaml", l.Tokens)
		}
	}
}

// checkDocument refuses documents that nest, alias or ask for too much. Fragments count wherever they are spread; a
// document whose fragments form a cycle is left to validation.
func (l Limits) checkDocument(doc *ast.QueryDocument) error {
	c := counter{limits: l, fragments: doc.Fragments, depths: map[string]int{}}
	aliases := 0
	for _, f := range doc.Fragments {
		aliases += countAliases(f.SelectionSet)
	}
	for _, op := range doc.Operations {
		aliases += countAliases(op.SelectionSet)
		if d := c.depth(op.SelectionSet); d > l.Depth {
			return fault.New(fault.Limit, "the operation nests %d levels deep, the limit is %d; ask in several operations, or raise limits.depth in mereon.yaml", d, l.Depth)
		}
		if n := c.roots(op.SelectionSet, map[string]bool{}); n > l.Roots {
			return fault.New(fault.Limit, "the operation has %d root fields, the limit is %d; ask in several operations, or raise limits.roots in mereon.yaml", n, l.Roots)
		}
	}
	if aliases > l.Aliases {
		return fault.New(fault.Limit, "the document has %d aliases, the limit is %d; ask in several operations, or raise limits.aliases in mereon.yaml", aliases, l.Aliases)
	}
	return nil
}

type counter struct {
	limits    Limits
	fragments ast.FragmentDefinitionList
	depths    map[string]int // of fragments; -1 while being counted
}

// introspectionDepth is how deep the introspection fields of usual tools nest; they do not count against the limit.
const introspectionDepth = 15

func (c *counter) depth(set ast.SelectionSet) int {
	deepest := 0
	for _, s := range set {
		d := 0
		switch s := s.(type) {
		case *ast.Field:
			if len(s.SelectionSet) > 0 {
				d = 1 + c.depth(s.SelectionSet)
			}
			if (s.Name == "__schema" || s.Name == "__type") && d <= introspectionDepth {
				d = 1
			}
		case *ast.InlineFragment:
			d = c.depth(s.SelectionSet)
		case *ast.FragmentSpread:
			d = c.fragmentDepth(s.Name)
		}
		deepest = max(deepest, d)
	}
	return deepest
}

func (c *counter) fragmentDepth(name string) int {
	if d, ok := c.depths[name]; ok {
		return max(d, 0)
	}
	f := c.fragments.ForName(name)
	if f == nil {
		return 0
	}
	c.depths[name] = -1
	c.depths[name] = c.depth(f.SelectionSet)
	return c.depths[name]
}

func (c *counter) roots(set ast.SelectionSet, seen map[string]bool) int {
	n := 0
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			n++
		case *ast.InlineFragment:
			n += c.roots(s.SelectionSet, seen)
		case *ast.FragmentSpread:
			if f := c.fragments.ForName(s.Name); f != nil && !seen[s.Name] {
				seen[s.Name] = true
				n += c.roots(f.SelectionSet, seen)
			}
		}
	}
	return n
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
