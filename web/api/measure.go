package api

import (
	"github.com/vektah/gqlparser/v2/lexer"

	"mereon/schema/fault"
)

// measurement counts what a document is made of, token by token, before anything is kept of it.
type measurement struct {
	limits *Limits
	tokens, directives, variables, fragments,
	elements int // of the lists that are written out
	braces  int    // how deep the token is in selections
	nesting []byte // inside of list literals: '[' of a list, '{' of an object in one
	named   bool   // the token before was $ or @: the name is no value of its own
}

// add counts one token. Its error is the limit that was exceeded.
func (m *measurement) add(token lexer.Token) error {
	m.tokens++
	named := m.named
	m.named = false
	switch token.Kind {
	case lexer.At:
		m.directives++
		m.named = true
	case lexer.Dollar:
		if m.braces == 0 {
			m.variables++
		}
		m.element()
		m.named = true
	case lexer.Spread:
		m.fragments++
	case lexer.BraceL, lexer.BracketL, lexer.BraceR, lexer.BracketR:
		m.nest(token.Kind)
	case lexer.Name:
		if m.braces == 0 && !named && token.Value == "fragment" {
			m.fragments++
		}
		if !named {
			m.element()
		}
		if len(token.Value) > maxName {
			return fault.New(fault.Limit, "the document has a name of more than %d characters; no name of a model is so long", maxName)
		}
	case lexer.Int, lexer.Float, lexer.String, lexer.BlockString:
		m.element()
	}
	return m.exceeded()
}

// element counts a value that stands in a list.
func (m *measurement) element() {
	if n := len(m.nesting); n > 0 && m.nesting[n-1] == '[' {
		m.elements++
	}
}

// nest follows braces and brackets. What does not match is left to the parser.
func (m *measurement) nest(kind lexer.Type) {
	switch {
	case kind == lexer.BracketL:
		m.element()
		m.nesting = append(m.nesting, '[')
	case kind == lexer.BraceL && len(m.nesting) > 0:
		m.element()
		m.nesting = append(m.nesting, '{')
	case kind == lexer.BraceL:
		m.braces++
	case len(m.nesting) > 0:
		m.nesting = m.nesting[:len(m.nesting)-1]
	case kind == lexer.BraceR:
		m.braces--
	}
}

// exceeded names the first limit that the document is over. Counting stops there, so the number is not that of the whole.
func (m *measurement) exceeded() error {
	for _, c := range [...]struct {
		count, limit int
		what, name   string
	}{
		{m.tokens, m.limits.Tokens, "tokens", "tokens"},
		{m.directives, m.limits.Directives, "directives", "directives"},
		{m.variables, m.limits.Variables, "variables", "variables"},
		{m.fragments, m.limits.Fragments, "fragments and uses of them", "fragments"},
		{m.elements, m.limits.Lists, "elements in the lists it writes out", "lists"},
	} {
		if c.count > c.limit {
			return fault.New(fault.Limit, "the document has more than %d %s; ask for less at once, send lists as variables, or raise limits.%s in mereon.yaml", c.limit, c.what, c.name)
		}
	}
	return nil
}
