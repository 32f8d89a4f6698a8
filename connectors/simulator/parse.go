package simulator

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"mereon/schema/fault"
)

// maxDepth bounds how deeply expressions nest.
const maxDepth = 100

// parser reads an expression by operator precedence.
type parser struct {
	tokens []string
	at     int
	inputs []string
	depth  int
}

// parse compiles an expression over the named inputs.
func parse(text string, inputs []string) (*program, error) {
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, inputs: inputs}
	root, err := p.choice()
	if err == nil && p.at < len(p.tokens) {
		err = fmt.Errorf("%q is not expected here", p.tokens[p.at])
	}
	if err != nil {
		return nil, err
	}
	return &program{root}, nil
}

func scan(text string) (tokens []string, err error) {
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		n := length(rest)
		if n == 0 {
			return nil, fmt.Errorf("%q is not expected in an expression", []rune(rest)[0])
		}
		tokens = append(tokens, rest[:n])
		rest = rest[n:]
	}
	return tokens, nil
}

// length is that of the first token of text, 0 when it begins with none.
func length(text string) int {
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	letter := func(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	n := 0
	switch {
	case letter(text[0]):
		for n < len(text) && (letter(text[n]) || digit(text[n])) {
			n++
		}
		return n
	case digit(text[0]) || text[0] == '.':
		for n < len(text) && (digit(text[n]) || text[n] == '.' || letter(text[n]) ||
			(text[n] == '-' || text[n] == '+') && (text[n-1] == 'e' || text[n-1] == 'E')) {
			n++
		}
		return n
	}
	for _, o := range operators {
		if strings.HasPrefix(text, o) {
			return len(o)
		}
	}
	return 0
}

func (p *parser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return ""
}

func (p *parser) take(token string) bool {
	if p.peek() == token {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(token string) error {
	if !p.take(token) {
		return fmt.Errorf("%q is missing at %q", token, p.peek())
	}
	return nil
}

func (p *parser) choice() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("the expression is nested too deeply")
	}
	defer func() { p.depth-- }()
	condition, err := p.operation(1)
	if err != nil || !p.take("?") {
		return condition, err
	}
	yes, err := p.choice()
	if err != nil {
		return nil, err
	}
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	no, err := p.choice()
	return func(e *scope) float64 {
		if condition(e) != 0 {
			return yes(e)
		}
		return no(e)
	}, err
}

func (p *parser) operation(binds int) (node, error) {
	left, err := p.operand()
	for err == nil {
		o, ok := binary[p.peek()]
		if !ok || o.binds < binds {
			return left, nil
		}
		p.at++
		var right node
		if right, err = p.operation(o.binds + 1); err == nil {
			left = o.make(left, right)
		}
	}
	return nil, err
}

func (p *parser) operand() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("the expression is nested too deeply")
	}
	defer func() { p.depth-- }()
	token := p.peek()
	p.at++
	switch {
	case token == "":
		return nil, fmt.Errorf("the expression ends too early")
	case token == "-" || token == "!" || token == "+":
		return p.signed(token)
	case token == "(":
		inner, err := p.choice()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case token[0] == '.' || token[0] >= '0' && token[0] <= '9':
		f, err := strconv.ParseFloat(token, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", token)
		}
		return func(*scope) float64 { return f }, nil
	case p.peek() == "(":
		return p.call(token)
	}
	return p.name(token)
}

func (p *parser) signed(sign string) (node, error) {
	inner, err := p.operand()
	switch sign {
	case "-":
		return func(e *scope) float64 { return -inner(e) }, err
	case "!":
		return func(e *scope) float64 { return number(inner(e) == 0) }, err
	}
	return inner, err
}

func (p *parser) name(name string) (node, error) {
	if i := slices.Index(p.inputs, name); i >= 0 {
		return func(e *scope) float64 {
			if e.inputs[i] == nil {
				return math.NaN()
			}
			return e.inputs[i].number(e.t)
		}, nil
	}
	switch name {
	case "t":
		return func(e *scope) float64 { return float64(e.t) / 1e9 }, nil
	case "key":
		return func(e *scope) float64 { return e.key }, nil
	case "pi":
		return func(*scope) float64 { return math.Pi }, nil
	case "true":
		return func(*scope) float64 { return 1 }, nil
	case "false":
		return func(*scope) float64 { return 0 }, nil
	}
	known := append(slices.Clone(p.inputs), "t", "key", "pi")
	if near := fault.Suggest(name, known); near != "" {
		return nil, fmt.Errorf("unknown name %q; did you mean %q?", name, near)
	}
	return nil, fmt.Errorf("unknown name %q; name it under inputs: with its reference", name)
}

func (p *parser) call(name string) (node, error) {
	f, ok := functions[name]
	if !ok {
		return nil, fmt.Errorf("unknown function %q", name)
	}
	p.at++
	var args []node
	for !p.take(")") {
		if len(args) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		arg, err := p.choice()
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	if len(args) < f.least || len(args) > f.most {
		return nil, fmt.Errorf("%s takes %d to %d arguments, not %d", name, f.least, f.most, len(args))
	}
	return func(e *scope) float64 {
		var buffer [8]float64
		values := buffer[:len(args)]
		for i, arg := range args {
			values[i] = arg(e)
		}
		return f.call(values)
	}, nil
}
