package twinmaker

import (
	"fmt"
	"strings"
)

// list writes a list of literals of one kind.
func (w *celWriter) list(n *node) (piece, error) {
	elements := make([]string, len(n.args))
	of := other
	for i, e := range n.args {
		p, err := w.write(e)
		if err != nil {
			return p, err
		}
		if i > 0 && p.shape != of {
			return piece{}, fmt.Errorf("the elements of a list are of several kinds")
		}
		of, elements[i] = p.shape, p.text
	}
	kinds := map[shape]shape{aNumber: numbers, aText: texts}
	if kinds[of] == "" {
		return piece{}, fmt.Errorf("a list of %s is not compared", of)
	}
	return piece{"[" + strings.Join(elements, ", ") + "]", wholeRank, kinds[of]}, nil
}

// choice writes a ? b : c. Without b it is a ?: c, which takes a when it is known and counts as true.
func (w *celWriter) choice(n *node) (piece, error) {
	test, err := w.write(n.args[0])
	if err != nil {
		return test, err
	}
	condition, err := test.truth()
	if err != nil {
		return condition, err
	}
	yes := test
	if n.args[1] != nil {
		if yes, err = w.write(n.args[1]); err != nil {
			return yes, err
		}
	} else {
		condition = piece{"known(" + test.text + ") && " + condition.at(andRank), andRank, aTruth}
	}
	no, err := w.write(n.args[2])
	if err != nil {
		return no, err
	}
	if yes.shape != no.shape {
		return piece{}, fmt.Errorf("the branches of a choice give %s and %s", yes.shape, no.shape)
	}
	return piece{condition.at(orRank) + " ? " + yes.at(orRank) + " : " + no.at(choiceRank), choiceRank, yes.shape}, nil
}

// logic writes && and ||. They give one of their sides, which matters unless both are truth values.
func (w *celWriter) logic(n *node) (piece, error) {
	rank := map[string]int{"&&": andRank, "||": orRank}[n.op]
	result := piece{rank: rank, shape: aTruth}
	var sides [2]string
	for i, side := range n.args {
		p, err := w.write(side)
		if err != nil {
			return p, err
		}
		if p.shape != aTruth {
			result.shape = aCondition
		}
		if p, err = p.truth(); err != nil {
			return p, err
		}
		sides[i] = p.at(rank + i) // the left side of the same operator needs no parentheses
	}
	result.text = sides[0] + " " + n.op + " " + sides[1]
	return result, nil
}

// known writes a comparison of a name with null or undefined, which asks whether there is a value; ok is false for others.
func (w *celWriter) known(n *node) (p piece, ok bool, err error) {
	for i, side := range n.args {
		if side.op != "name" || side.text != "null" && side.text != "undefined" {
			continue
		}
		value := n.args[1-i]
		if value.op != "name" {
			return p, false, fmt.Errorf("only properties are compared with %s", side.text)
		}
		name, err := w.name(value.text)
		if err != nil {
			return p, false, err
		}
		if n.op == "==" {
			return piece{"!known(" + name.text + ")", unaryRank, aTruth}, true, nil
		}
		return piece{"known(" + name.text + ")", wholeRank, aTruth}, true, nil
	}
	return p, false, nil
}

// operation writes a binary operator over values of the same kind. Between kinds the viewer guesses (the text "5" equals
// the number 5), and CEL does not.
func operation(op string, left, right piece) (piece, error) {
	if op == "in" {
		return membership(left, right)
	}
	if left.shape != right.shape {
		return piece{}, fmt.Errorf("%s of %s and %s has no counterpart: the viewer converts one into the other", op, left.shape, right.shape)
	}
	join := func(rank int, of shape) (piece, error) {
		return piece{left.at(rank) + " " + op + " " + right.at(rank+1), rank, of}, nil
	}
	switch {
	case (op == "==" || op == "!=") && (left.shape == aNumber || left.shape == aText || left.shape == aTruth):
		return piece{left.at(sumRank) + " " + op + " " + right.at(sumRank), compareRank, aTruth}, nil
	case strings.Contains("> >= < <=", op) && (left.shape == aNumber || left.shape == aText):
		return piece{left.at(sumRank) + " " + op + " " + right.at(sumRank), compareRank, aTruth}, nil
	case op == "+" && left.shape == aText:
		return join(sumRank, aText)
	case left.shape != aNumber:
	case op == "+" || op == "-":
		return join(sumRank, aNumber)
	case op == "*" || op == "/" || op == "%":
		return join(productRank, aNumber)
	case op == "^":
		return piece{"pow(" + left.text + ", " + right.text + ")", wholeRank, aNumber}, nil
	case op == "//":
		return piece{"floor(" + left.at(productRank) + " / " + right.at(unaryRank) + ")", wholeRank, aNumber}, nil
	}
	return piece{}, fmt.Errorf("%s of %s has no counterpart", op, left.shape)
}

// membership writes in: an element of a list, or a part of a text.
func membership(left, right piece) (piece, error) {
	switch {
	case left.shape == aText && right.shape == aText:
		return piece{right.at(wholeRank) + ".contains(" + left.text + ")", wholeRank, aTruth}, nil
	case left.shape == aText && right.shape == texts, left.shape == aNumber && right.shape == numbers:
		return piece{left.at(sumRank) + " in " + right.at(sumRank), compareRank, aTruth}, nil
	}
	return piece{}, fmt.Errorf("in of %s and %s has no counterpart", left.shape, right.shape)
}
