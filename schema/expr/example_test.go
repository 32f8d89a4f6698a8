package expr_test

import (
	"fmt"

	"mereon/schema"
	"mereon/schema/expr"
)

func Example() {
	scope := expr.NewScope("Pump", nil,
		expr.Variable{Name: "flow", Path: "flow", Type: expr.Number},
		expr.Variable{Name: "rated", Path: "rated", Type: expr.Number})
	program, _ := expr.Compile("round(flow / rated * 100)", scope, expr.Number)

	fmt.Println(program.Eval([]schema.Value{schema.FloatOf(9), schema.FloatOf(12)}).Value.Float())
	fmt.Println(program.Eval([]schema.Value{schema.Null, schema.FloatOf(12)}).Missing)
	fmt.Println(program.Eval([]schema.Value{schema.FloatOf(9), schema.FloatOf(0)}).Err)
	_, problems := expr.Compile("flwo > 10", scope, expr.Truth)
	fmt.Println(problems[0].Message, problems[0].Hint)
	// Output:
	// 75
	// [flow]
	// division by zero
	// Pump has no value "flwo" Did you mean flow?
}
