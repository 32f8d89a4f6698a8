package twinmaker

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// translate turns a JEXL expression of a rule into CEL. It returns the identifiers it uses, in order of first use. What
// CEL cannot say the same way is an error, and the statement is reported instead of changed in meaning.
//
// Source: JEXL 2.3 grammar and precedence, without transforms, as the viewer evaluates it.
func translate(expression string) (cel string, uses []string, err error) {
	tokens, err := lex(expression)
	if err != nil {
		return "", nil, err
	}
	p := &jexl{tokens: tokens}
	text, err := p.ternary(0)
	if err != nil {
		return "", nil, err
	}
	if p.at < len(p.tokens) {
		return "", nil, fmt.Errorf("%q is not expected here", p.tokens[p.at].text)
	}
	return text, p.uses, nil
}

type token struct {
	kind rune // 'n' number, 's' string, 'i' identifier, 'o' operator
	text string
}

const operators = "== != >= <= && || // ?: > < + - * / % ^ ! ? : ( ) [ ] , . | { }"

func lex(s string) ([]token, error) {
	var tokens []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c >= '0' && c <= '9':
			j := i
			for j < len(s) && (s[j] >= '0' && s[j] <= '9' || s[j] == '.') {
				j++
			}
			tokens = append(tokens, token{'n', s[i:j]})
			i = j
		case c == '\'' || c == '"':
			text, end, ok := quoted(s, i)
			if !ok {
				return nil, fmt.Errorf("a text is not closed")
			}
			tokens = append(tokens, token{'s', text})
			i = end
		case c == '_' || c == '$' || unicode.IsLetter(rune(c)):
			j := i
			for j < len(s) && (s[j] == '_' || s[j] == '$' || s[j] >= '0' && s[j] <= '9' || s[j] < 128 && unicode.IsLetter(rune(s[j]))) {
				j++
			}
			if j == i {
				return nil, fmt.Errorf("%q is not understood", s[i:])
			}
			tokens = append(tokens, token{'i', s[i:j]})
			i = j
		default:
			op := operatorAt(s[i:])
			if op == "" {
				return nil, fmt.Errorf("%q is not understood", s[i:min(len(s), i+8)])
			}
			tokens = append(tokens, token{'o', op})
			i += len(op)
		}
	}
	return tokens, nil
}

func operatorAt(s string) string {
	for op := range strings.SplitSeq(operators, " ") {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return ""
}

func quoted(s string, i int) (text string, end int, ok bool) {
	var b strings.Builder
	for j := i + 1; j < len(s); j++ {
		switch {
		case s[j] == '\\' && j+1 < len(s):
			j++
			b.WriteByte(s[j])
		case s[j] == s[i]:
			return b.String(), j + 1, true
		default:
			b.WriteByte(s[j])
		}
	}
	return "", 0, false
}

type jexl struct {
	tokens []token
	at     int
	uses   []string
}

const maxNesting = 50

func (p *jexl) peek() token {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return token{}
}

func (p *jexl) accept(op string) bool {
	if t := p.peek(); t.text == op && t.kind != 's' {
		p.at++
		return true
	}
	return false
}

func (p *jexl) ternary(depth int) (string, error) {
	if depth > maxNesting {
		return "", fmt.Errorf("nested deeper than %d levels", maxNesting)
	}
	condition, err := p.binary(0, depth)
	if err != nil || !p.accept("?") {
		if err == nil && p.peek().text == "?:" {
			return "", fmt.Errorf("?: has no counterpart: what counts as empty differs")
		}
		return condition, err
	}
	yes, err := p.ternary(depth + 1)
	if err != nil {
		return "", err
	}
	if !p.accept(":") {
		return "", fmt.Errorf("a ? lacks its :")
	}
	no, err := p.ternary(depth + 1)
	return condition + " ? " + yes + " : " + no, err
}

// precedence of the binary operators that translate one to one.
var precedence = map[string]int{"||": 1, "&&": 2, "==": 3, "!=": 3, ">": 4, ">=": 4, "<": 4, "<=": 4, "in": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 7}

func (p *jexl) binary(least, depth int) (string, error) {
	left, err := p.unary(depth + 1)
	for err == nil {
		op := p.peek()
		rank, known := precedence[op.text]
		if op.kind == 's' || !known || rank <= least {
			break
		}
		p.at++
		var right string
		if right, err = p.binary(rank, depth+1); err == nil {
			left += " " + op.text + " " + right
		}
	}
	if t := p.peek(); err == nil && t.kind == 'o' && (t.text == "^" || t.text == "//" || t.text == "|" || t.text == "[" || t.text == ".") {
		return "", fmt.Errorf("%q has no counterpart", t.text)
	}
	return left, err
}

func (p *jexl) unary(depth int) (string, error) {
	if depth > maxNesting {
		return "", fmt.Errorf("nested deeper than %d levels", maxNesting)
	}
	t := p.peek()
	p.at++
	switch {
	case t.kind == 'n':
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return "", fmt.Errorf("%q is not a number", t.text)
		}
		text := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return text, nil
	case t.kind == 's':
		return strconv.Quote(t.text), nil
	case t.kind == 'i':
		return p.identifier(t.text)
	case t.text == "!":
		inner, err := p.unary(depth + 1)
		return "!" + inner, err
	case t.text == "-":
		inner, err := p.unary(depth + 1)
		return "-" + inner, err
	case t.text == "(":
		inner, err := p.ternary(depth + 1)
		if err == nil && !p.accept(")") {
			err = fmt.Errorf("a ( is not closed")
		}
		return "(" + inner + ")", err
	case t.text == "[":
		return p.array(depth)
	case t.text == "":
		return "", fmt.Errorf("the expression ends too early")
	}
	return "", fmt.Errorf("%q is not expected here", t.text)
}

func (p *jexl) identifier(name string) (string, error) {
	switch name {
	case "true", "false":
		return name, nil
	case "null", "undefined":
		return "", fmt.Errorf("a comparison with %s has no counterpart: a missing value makes a rule unknown", name)
	}
	for _, known := range p.uses {
		if known == name {
			return name, nil
		}
	}
	p.uses = append(p.uses, name)
	return name, nil
}

func (p *jexl) array(depth int) (string, error) {
	var elements []string
	for !p.accept("]") {
		if len(elements) > 0 && !p.accept(",") {
			return "", fmt.Errorf("a list is not closed")
		}
		e, err := p.ternary(depth + 1)
		if err != nil {
			return "", err
		}
		elements = append(elements, e)
	}
	return "[" + strings.Join(elements, ", ") + "]", nil
}
