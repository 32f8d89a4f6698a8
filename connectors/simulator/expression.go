package simulator

import (
	"math"
	"strings"
)

// program is a compiled expression. Numbers are float64; true is 1 and false is 0.
type program struct {
	root node
}

type node func(e *scope) float64

// scope is what an expression can name while it runs.
type scope struct {
	inputs []*series
	t      int64
	key    float64
}

func (p *program) run(s *series, t int64) float64 {
	return p.root(&scope{inputs: s.inputs, t: t, key: uniform(s.place, 0)})
}

// function is a function of expressions, with its number of arguments.
type function struct {
	least, most int
	call        func(args []float64) float64
}

func unary(f func(float64) float64) function {
	return function{1, 1, func(a []float64) float64 { return f(a[0]) }}
}

var functions = map[string]function{
	"abs": unary(math.Abs), "sqrt": unary(math.Sqrt), "sin": unary(math.Sin), "cos": unary(math.Cos), "floor": unary(math.Floor),
	"ceil": unary(math.Ceil), "round": unary(math.Round), "exp": unary(math.Exp), "log": unary(math.Log),
	"pow":   {2, 2, func(a []float64) float64 { return math.Pow(a[0], a[1]) }},
	"clamp": {3, 3, func(a []float64) float64 { return math.Min(a[2], math.Max(a[1], a[0])) }},
	"min":   {1, 8, func(a []float64) float64 { return fold(a, math.Min) }},
	"max":   {1, 8, func(a []float64) float64 { return fold(a, math.Max) }},
}

func fold(a []float64, f func(x, y float64) float64) float64 {
	v := a[0]
	for _, x := range a[1:] {
		v = f(v, x)
	}
	return v
}

// binary operators by how tightly they bind.
var binary = map[string]struct {
	binds int
	make  func(a, b node) node
}{
	"||": {1, func(a, b node) node { return func(e *scope) float64 { return number(a(e) != 0 || b(e) != 0) } }},
	"&&": {2, func(a, b node) node { return func(e *scope) float64 { return number(a(e) != 0 && b(e) != 0) } }},
	"==": {3, func(a, b node) node { return func(e *scope) float64 { return number(a(e) == b(e)) } }},
	"!=": {3, func(a, b node) node { return func(e *scope) float64 { return number(a(e) != b(e)) } }},
	"<":  {4, func(a, b node) node { return func(e *scope) float64 { return number(a(e) < b(e)) } }},
	"<=": {4, func(a, b node) node { return func(e *scope) float64 { return number(a(e) <= b(e)) } }},
	">":  {4, func(a, b node) node { return func(e *scope) float64 { return number(a(e) > b(e)) } }},
	">=": {4, func(a, b node) node { return func(e *scope) float64 { return number(a(e) >= b(e)) } }},
	"+":  {5, func(a, b node) node { return func(e *scope) float64 { return a(e) + b(e) } }},
	"-":  {5, func(a, b node) node { return func(e *scope) float64 { return a(e) - b(e) } }},
	"*":  {6, func(a, b node) node { return func(e *scope) float64 { return a(e) * b(e) } }},
	"/":  {6, func(a, b node) node { return func(e *scope) float64 { return a(e) / b(e) } }},
	"%":  {6, func(a, b node) node { return func(e *scope) float64 { return math.Mod(a(e), b(e)) } }},
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// operators, the longer ones first.
var operators = strings.Fields("|| && == != <= >= < > + - * / % ! ? : ( ) ,")
