// Package expr owns expressions: computed properties, the conditions and scalars of rules. It is the only importer of CEL.
//
// An expression is compiled once against a Scope, the names it may use, and evaluated many times:
//
//	scope := expr.TypeScope(model, "Pump")
//	program, problems := expr.Compile("flow / ratedFlow", scope, expr.Number)
//	result := program.Eval([]schema.Value{flow, ratedFlow}) // one value per program.Reads()
//
// A result is a value, unknown with the names whose values are missing, or an error. Every number is a Float, literals
// included, so 7 / 2 is 3.5. Every program has a bounded worst-case cost; see MaxCost. README.md lists the functions.
//
// Source: Common Expression Language specification, https://github.com/google/cel-spec
package expr
