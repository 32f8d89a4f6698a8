package twinmaker

import "fmt"

// node is a parsed expression.
type node struct {
	op   string // "number", "text", "name", "list", "!", "?", or a binary operator
	text string // of literals and names
	args []*node
}

// jexlRanks is how strongly binary operators bind; equal ones go from left to right. && and || bind alike, as do all
// comparisons: that differs from most languages.
//
// Source: JEXL 2.3, lib/grammar.js.
var jexlRanks = map[string]int{
	"&&": 10, "||": 10, "==": 20, "!=": 20, ">": 20, ">=": 20, "<": 20, "<=": 20, "in": 20, "+": 30, "-": 30, "*": 40, "/": 40, "//": 40, "%": 50, "^": 50,
}

// maxNesting bounds parentheses, choices and ! inside each other.
const maxNesting = 50

type jexlParser struct {
	tokens []token
	at     int
}

// parseJexl reads an expression. The error is unreadable when the viewer cannot read it either.
func parseJexl(text string) (*node, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	if len(tokens) == 0 {
		return nil, unread("the expression is empty")
	}
	p := &jexlParser{tokens: tokens}
	n, err := p.choice(0)
	if err == nil && p.peek().kind != 0 {
		err = p.unexpected()
	}
	return n, err
}

func (p *jexlParser) peek() token {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return token{}
}

func (p *jexlParser) accept(op string) bool {
	if t := p.peek(); t.kind == 'o' && t.text == op {
		p.at++
		return true
	}
	return false
}

// unexpected says what is wrong with the next word: forms that the language has and rules cannot use, or a mistake.
func (p *jexlParser) unexpected() error {
	t := p.peek()
	if t.kind == 0 {
		return unread("the expression ends too early")
	}
	if t.kind == 'o' {
		switch t.text {
		case "[", ".", "{":
			return fmt.Errorf("%s has no counterpart: rules compare values of properties", t.text)
		case "|":
			return unread("there are no transforms")
		case "(":
			return unread("there are no functions")
		}
	}
	return unread("%q is not expected here", t.text)
}

// choice reads a ? b : c, and a ?: b, which takes b when a is empty.
func (p *jexlParser) choice(depth int) (*node, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("it is nested deeper than %d levels", maxNesting)
	}
	test, err := p.binary(0, depth)
	if err != nil || !p.accept("?") {
		return test, err
	}
	n := &node{op: "?", args: []*node{test}}
	for _, closing := range []string{":", ""} {
		if closing == ":" && p.accept(":") {
			n.args = append(n.args, nil)
			continue
		}
		branch, err := p.choice(depth + 1)
		if err != nil {
			return nil, err
		}
		if closing != "" && !p.accept(closing) {
			return nil, unread("a ? lacks its :")
		}
		n.args = append(n.args, branch)
	}
	return n, nil
}

func (p *jexlParser) binary(least, depth int) (*node, error) {
	left, err := p.operand(depth)
	for err == nil {
		t := p.peek()
		rank := jexlRanks[t.text]
		if rank <= least || t.kind != 'o' && !(t.kind == 'i' && t.text == "in") {
			break
		}
		p.at++
		var right *node
		if right, err = p.binary(rank, depth+1); err == nil {
			left = &node{op: t.text, args: []*node{left, right}}
		}
	}
	return left, err
}

func (p *jexlParser) operand(depth int) (*node, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("it is nested deeper than %d levels", maxNesting)
	}
	t := p.peek()
	switch {
	case t.kind == 'n' || t.kind == 's' || t.kind == 'i' && t.text != "in":
		p.at++
		return &node{op: map[rune]string{'n': "number", 's': "text", 'i': "name"}[t.kind], text: t.text}, nil
	case p.accept("!"):
		inner, err := p.operand(depth + 1)
		return &node{op: "!", args: []*node{inner}}, err
	case p.accept("("):
		inner, err := p.choice(depth + 1)
		if err == nil && !p.accept(")") {
			err = p.unexpected()
		}
		return inner, err
	case p.accept("["):
		return p.list(depth)
	}
	return nil, p.unexpected()
}

func (p *jexlParser) list(depth int) (*node, error) {
	n := &node{op: "list"}
	for !p.accept("]") {
		if len(n.args) > 0 && !p.accept(",") {
			return nil, p.unexpected()
		}
		e, err := p.choice(depth + 1)
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, e)
	}
	return n, nil
}
