package twinmaker

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// shape is the kind of value an expression gives.
type shape string

const (
	aNumber shape = "a number"
	aText   shape = "a text"
	aTruth  shape = "true or false"
	numbers shape = "a list of numbers"
	texts   shape = "a list of texts"
	other   shape = "a value of several kinds"
	// aCondition is && or || of values that are not all truth values: it gives one of them, so only whether it holds counts.
	aCondition shape = "one of its sides"
)

// use is a property that an expression reads: under a name that CEL takes.
type use struct {
	alias string
	field *field
}

// translate turns a JEXL expression of a rule into CEL that gives want (aTruth, or aNumber) with the properties of a
// component. What CEL cannot say with the same result is an error, and the statement is reported instead of changed in
// meaning; it is unreadable when the viewer skips the statement too. A missing value makes the result unknown, where the
// viewer takes it for false: see DESIGN.md.
//
// Source: JEXL 2.3 without transforms and functions, as scene-composer evaluates it (dataBindingUtils).
func translate(expression string, of *kind, want shape) (cel string, uses []use, err error) {
	w := &celWriter{kind: of}
	n, err := parseJexl(w.escape(expression))
	if err != nil {
		return "", nil, err
	}
	p, err := w.write(n)
	if err == nil && want == aTruth {
		p, err = p.truth()
	}
	if err == nil && p.shape != want {
		err = fmt.Errorf("it gives %s, needed is %s", p.shape, want)
	}
	if err == nil && len(p.text) > maxExpression {
		err = fmt.Errorf("it is longer than %d characters", maxExpression)
	}
	return p.text, w.uses, err
}

// maxExpression is how long an expression may be; schema/expr takes no more.
const maxExpression = 4000

type celWriter struct {
	kind *kind
	uses []use
}

// escape does what the viewer does with names that hold a hyphen: the first - of the first occurrence becomes __. What is
// left is a subtraction of properties that are not there.
func (w *celWriter) escape(expression string) string {
	for _, f := range w.kind.fields {
		expression = strings.Replace(expression, f.original, strings.Replace(f.original, "-", "__", 1), 1)
	}
	return expression
}

// piece is CEL text with the rank of its outermost operator and what it gives.
type piece struct {
	text  string
	rank  int
	shape shape
}

// Ranks of CEL's operators: a piece goes into parentheses where a higher one is needed.
const (
	choiceRank = iota
	orRank
	andRank
	compareRank
	sumRank
	productRank
	unaryRank
	wholeRank
)

func (p piece) at(rank int) string {
	if p.rank < rank {
		return "(" + p.text + ")"
	}
	return p.text
}

// truth is whether the piece counts as true: numbers but 0, texts but "".
func (p piece) truth() (piece, error) {
	switch p.shape {
	case aTruth, aCondition:
		return piece{p.text, p.rank, aTruth}, nil
	case aNumber:
		return piece{p.at(sumRank) + " != 0", compareRank, aTruth}, nil
	case aText:
		return piece{p.at(sumRank) + ` != ""`, compareRank, aTruth}, nil
	}
	return piece{}, fmt.Errorf("%s is no condition", p.shape)
}

func (w *celWriter) write(n *node) (piece, error) {
	switch n.op {
	case "number":
		return number64(n.text)
	case "text":
		return piece{strconv.Quote(n.text), wholeRank, aText}, nil
	case "name":
		return w.name(n.text)
	case "list":
		return w.list(n)
	case "!":
		p, err := w.truth(n.args[0])
		return piece{"!" + p.at(unaryRank), unaryRank, aTruth}, err
	case "?":
		return w.choice(n)
	case "&&", "||":
		return w.logic(n)
	case "==", "!=":
		if p, ok, err := w.known(n); ok || err != nil {
			return p, err
		}
	}
	left, err := w.write(n.args[0])
	if err != nil {
		return piece{}, err
	}
	right, err := w.write(n.args[1])
	if err != nil {
		return piece{}, err
	}
	return operation(n.op, left, right)
}

func (w *celWriter) truth(n *node) (piece, error) {
	p, err := w.write(n)
	if err != nil {
		return p, err
	}
	return p.truth()
}

func number64(text string) (piece, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return piece{}, fmt.Errorf("%q is not a number", text)
	}
	rank := wholeRank
	if f < 0 {
		rank = unaryRank
	}
	written := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(written, ".") && len(written) > 15 {
		written += ".0"
	}
	return piece{written, rank, aNumber}, nil
}

func (w *celWriter) name(name string) (piece, error) {
	switch name {
	case "true", "false":
		return piece{name, wholeRank, aTruth}, nil
	case "null", "undefined":
		return piece{}, fmt.Errorf("%s is only understood beside == and !=", name)
	}
	i := slices.IndexFunc(w.uses, func(u use) bool { return strings.Replace(u.field.original, "-", "__", 1) == name })
	if i < 0 {
		j := slices.IndexFunc(w.kind.fields, func(f *field) bool { return strings.Replace(f.original, "-", "__", 1) == name })
		if j < 0 {
			return piece{}, fmt.Errorf("the component has no property %q, so the viewer finds no value", name)
		}
		i, w.uses = len(w.uses), append(w.uses, use{w.alias(name), w.kind.fields[j]})
	}
	return piece{w.uses[i].alias, wholeRank, w.uses[i].field.shape()}, nil
}

// celWords cannot be names of inputs: CEL keeps them, or they mean the entity.
var celWords = []string{"as", "break", "const", "continue", "else", "for", "function", "if", "import", "in", "let", "loop", "package", "namespace",
	"return", "var", "void", "while", "entity", "id", "name", "assetType"}

func (w *celWriter) alias(name string) string {
	alias := identifier(name)
	for slices.Contains(celWords, alias) || slices.ContainsFunc(w.uses, func(u use) bool { return u.alias == alias }) {
		alias += "_"
	}
	return alias
}

// shape is what the values of a property are.
func (f *field) shape() shape {
	name, relationship, _ := f.definition.DataType.graphQL()
	if relationship {
		return other
	}
	if f.live() {
		name = scalarOnly(name)
	}
	switch name {
	case "Float", "Int", "Long":
		return aNumber
	case "Boolean":
		return aTruth
	case "String":
		return aText
	case "[Float!]", "[Int!]", "[Long!]":
		return numbers
	case "[String!]":
		return texts
	}
	return other
}
