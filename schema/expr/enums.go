package expr

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"mereon/schema"
	"mereon/schema/fault"
)

// checkEnums reports texts compared with an enum property that are no value of it: such a comparison never holds.
func (r *rewriter) checkEnums(function string, args []ast.Expr) {
	if len(args) != 2 {
		return
	}
	switch function {
	case operators.Equals, operators.NotEquals, operators.In:
		for i, e := range args {
			if enum := r.enumOf(e); enum != nil {
				r.checkValues(enum, args[1-i])
			}
		}
	}
}

// enumOf returns the enum of a variable, nil when e is none of an enum type.
func (r *rewriter) enumOf(e ast.Expr) *schema.Enum {
	if e.Kind() != ast.IdentKind || r.scope.model == nil {
		return nil
	}
	for i, v := range r.reads {
		if e.AsIdent() == variableName(i) && v.Type.Enum != "" {
			return r.scope.model.Enums[v.Type.Enum]
		}
	}
	return nil
}

func (r *rewriter) checkValues(enum *schema.Enum, e ast.Expr) {
	if e.Kind() == ast.ListKind {
		for _, element := range e.AsList().Elements() {
			r.checkValues(enum, element)
		}
		return
	}
	if e.Kind() != ast.LiteralKind {
		return
	}
	text, ok := e.AsLiteral().(types.String)
	names := make([]string, len(enum.Values))
	for i, v := range enum.Values {
		names[i] = v.Name
	}
	if !ok || slices.Contains(names, string(text)) {
		return
	}
	hint := "It has " + strings.Join(names, ", ") + "."
	if near := fault.Suggest(string(text), names); near != "" {
		hint = fmt.Sprintf("Did you mean %s?", near)
	}
	r.report(e, fmt.Sprintf("%s has no value %q", enum.Name, string(text)), hint)
}
