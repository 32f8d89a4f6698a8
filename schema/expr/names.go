package expr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"mereon/schema/fault"
)

// variableName is what a variable is called inside a compiled program; no user can write such a name.
func variableName(i int) string { return "@" + strconv.Itoa(i) }

// rewriter turns names into variables and integers into numbers, in the parsed tree.
type rewriter struct {
	*compilation
	tree    *ast.AST
	factory ast.ExprFactory
	nextID  int64
	bound   []string // names of the comprehensions around
}

// rewrite resolves every name of the scope in tree and collects what is read; unknown names become problems.
func (c *compilation) rewrite(tree *ast.AST) {
	r := &rewriter{compilation: c, tree: tree, factory: ast.NewExprFactory(), nextID: ast.MaxID(tree) + 1}
	r.walk(tree.Expr(), false)
}

// walk visits e; index says that e stands where a whole number is needed (a position in a list or text).
func (r *rewriter) walk(e ast.Expr, index bool) {
	switch e.Kind() {
	case ast.IdentKind, ast.SelectKind:
		r.name(e)
	case ast.LiteralKind:
		r.literal(e, index)
	case ast.CallKind:
		r.call(e, index)
	case ast.ListKind:
		for _, element := range e.AsList().Elements() {
			r.walk(element, false)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			r.walk(entry.AsMapEntry().Key(), false)
			r.walk(entry.AsMapEntry().Value(), false)
		}
	case ast.StructKind:
		r.report(e, "an expression cannot build a "+e.AsStruct().TypeName(), "")
	case ast.ComprehensionKind:
		r.comprehension(e.AsComprehension())
	}
}

func (r *rewriter) comprehension(c ast.ComprehensionExpr) {
	r.walk(c.IterRange(), false)
	r.walk(c.AccuInit(), false)
	depth := len(r.bound)
	r.bound = append(r.bound, c.AccuVar(), c.IterVar())
	if c.HasIterVar2() {
		r.bound = append(r.bound, c.IterVar2())
	}
	r.walk(c.LoopCondition(), false)
	r.walk(c.LoopStep(), false)
	r.walk(c.Result(), false)
	r.bound = r.bound[:depth]
}

// literal makes whole numbers and unsigned ones doubles: all numbers of the model are.
func (r *rewriter) literal(e ast.Expr, index bool) {
	switch n := e.AsLiteral().(type) {
	case types.Int:
		if !index {
			e.SetKindCase(r.factory.NewLiteral(e.ID(), types.Double(n)))
		}
	case types.Uint:
		e.SetKindCase(r.factory.NewLiteral(e.ID(), types.Double(n)))
	case types.Null:
		r.report(e, "null is no value", "Ask known(x) whether x has one, or give another with fallback(x, y)")
	}
}

// name resolves a chain a.b.c, from its longest beginning that is a name of the scope.
func (r *rewriter) name(e ast.Expr) {
	chain, segments, rooted := chainOf(e)
	if !rooted {
		r.walk(chain[0].AsSelect().Operand(), false)
		return
	}
	if slices.Contains(r.bound, segments[0]) || strings.HasPrefix(segments[0], "@") {
		return
	}
	for n := len(segments); n > 0; n-- {
		node := chain[n-1]
		if v, ok := r.scope.Lookup(strings.Join(segments[:n], ".")); ok {
			if node.Kind() == ast.SelectKind && node.AsSelect().IsTestOnly() {
				r.report(e, "has() does not apply to "+v.Name, "Write known("+v.Name+")")
				return
			}
			node.SetKindCase(r.factory.NewIdent(node.ID(), variableName(r.read(v))))
			return
		}
	}
	r.unknown(chain, segments)
}

// chainOf returns the nodes of a chain of selections from its root (chain[0] is the ident) and their names; rooted is false when
// the chain begins with something else, and chain[0] is then the innermost selection.
func chainOf(e ast.Expr) (chain []ast.Expr, segments []string, rooted bool) {
	for e.Kind() == ast.SelectKind {
		chain, segments = append(chain, e), append(segments, e.AsSelect().FieldName())
		e = e.AsSelect().Operand()
	}
	if rooted = e.Kind() == ast.IdentKind; rooted {
		chain, segments = append(chain, e), append(segments, e.AsIdent())
	}
	slices.Reverse(chain)
	slices.Reverse(segments)
	return chain, segments, rooted
}

func (r *rewriter) read(v Variable) int {
	for i, have := range r.reads {
		if have.Path == v.Path {
			return i
		}
	}
	r.reads = append(r.reads, v)
	return len(r.reads) - 1
}

// unknown reports the first segment that leads nowhere.
func (r *rewriter) unknown(chain []ast.Expr, segments []string) {
	n := 1
	for n < len(segments) && r.scope.group(strings.Join(segments[:n], ".")) {
		n++
	}
	given := strings.Join(segments[:n], ".")
	hint := ""
	if h, ok := r.scope.hints[given]; ok {
		hint = h
	} else if near := fault.Suggest(given, r.scope.Names()); near != "" {
		hint = fmt.Sprintf("Did you mean %s?", near)
	} else if r.scope.group(given) {
		hint = "It is a component: name one of its properties"
	}
	offset := r.offset(chain[0])
	if n > 1 {
		offset += len([]rune(strings.Join(segments[:n-1], "."))) + 1
	}
	r.problems = append(r.problems, r.problem(offset, fmt.Sprintf("%s has no value %q", r.scope.title, given), hint)...)
}

func (r *rewriter) offset(e ast.Expr) int {
	o, ok := r.tree.SourceInfo().GetOffsetRange(e.ID())
	if !ok {
		return 0
	}
	return int(o.Start)
}

func (r *rewriter) report(e ast.Expr, message, hint string) {
	r.problems = append(r.problems, r.problem(r.offset(e), message, hint)...)
}

// namespaces are the beginnings of function names with a dot.
var namespaces = []string{"math", "strings"}

func (r *rewriter) call(e ast.Expr, index bool) {
	call := e.AsCall()
	function, args := call.FunctionName(), call.Args()
	if call.IsMemberFunction() {
		if t := call.Target(); t.Kind() != ast.IdentKind || !slices.Contains(namespaces, t.AsIdent()) {
			r.walk(t, false)
		}
	}
	for i, a := range args {
		r.walk(a, slices.Contains(wholeArguments[function], i))
	}
	r.checkEnums(function, args)
	switch function {
	case operators.Divide:
		e.SetKindCase(r.factory.NewCall(e.ID(), divideFunction, args...))
	case operators.Modulo:
		e.SetKindCase(r.factory.NewCall(e.ID(), moduloFunction, args...))
	}
	if slices.Contains(wholeResults, function) && !index {
		r.wrap(e, "double")
	} else if index && !slices.Contains(wholeResults, function) {
		r.wrap(e, "int")
	}
}

// wrap turns e into function(e); the inner copy gets the place of e.
func (r *rewriter) wrap(e ast.Expr, function string) {
	inner := r.factory.CopyExpr(e)
	place, ok := r.tree.SourceInfo().GetOffsetRange(e.ID())
	id := r.nextID
	r.nextID++
	if ok {
		r.tree.SourceInfo().SetOffsetRange(id, place)
	}
	shell := r.factory.NewUnspecifiedExpr(id)
	shell.SetKindCase(inner)
	e.SetKindCase(r.factory.NewCall(e.ID(), function, shell))
}

// wholeArguments lists which arguments of CEL's functions are positions or counts, by function.
var wholeArguments = map[string][]int{
	operators.Index: {1}, "substring": {0, 1}, "charAt": {0}, "indexOf": {1}, "lastIndexOf": {1}, "split": {1}, "replace": {2},
}

// wholeResults lists CEL's functions that give whole numbers.
var wholeResults = []string{
	"size", "indexOf", "lastIndexOf", "int", "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek",
	"getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds",
}
