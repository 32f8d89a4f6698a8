package expr

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"

	"mereon/schema"
	"mereon/schema/fault"
)

// Compile checks text against scope and returns a program that gives values of type want.
// Problems have positions inside text (line and column from 1, no file); Locate moves them into a file.
// The program is nil exactly when the list is not empty.
func Compile(text string, scope *Scope, want schema.ValueType) (*Program, fault.List) {
	base, err := baseEnvironment()
	if err != nil {
		return nil, fault.List{{Message: "the expression language cannot be set up: " + err.Error()}}
	}
	c := &compilation{text: text, scope: scope}
	if strings.TrimSpace(text) == "" {
		return nil, c.problem(0, "the expression is empty", "Write a value, such as flow / ratedFlow")
	}
	if n := len([]rune(text)); n > MaxLength {
		return nil, c.problem(0, fmt.Sprintf("the expression has %d characters, the limit is %d", n, MaxLength), "Split it into several properties")
	}
	parsed, issues := base.Parse(text)
	if issues.Err() != nil {
		return nil, c.issues(issues)
	}
	c.rewrite(parsed.NativeRep())
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	return c.finish(base, parsed, want)
}

// compilation is the state of one Compile.
type compilation struct {
	text     string
	scope    *Scope
	reads    []Variable // by index of the variable "@i"
	problems fault.List
}

func (c *compilation) finish(base *cel.Env, parsed *cel.Ast, want schema.ValueType) (*Program, fault.List) {
	variables := make([]cel.EnvOption, len(c.reads))
	for i, v := range c.reads {
		variables[i] = cel.Variable(variableName(i), celType(v.Type))
	}
	env, err := base.Extend(variables...)
	if err != nil {
		return nil, c.problem(0, err.Error(), "")
	}
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		return nil, c.issues(issues)
	}
	if problem := c.checkResult(checked.OutputType(), want); problem != nil {
		return nil, problem
	}
	if problem := c.checkCost(env, checked); problem != nil {
		return nil, problem
	}
	program, err := env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.InterruptCheckFrequency(64))
	if err != nil {
		return nil, c.problem(0, plain(err.Error()), "")
	}
	return c.program(program, want), nil
}

func (c *compilation) checkResult(got *cel.Type, want schema.ValueType) fault.List {
	expected := celType(want)
	if got.Kind() == types.DynKind || expected.Kind() == types.DynKind || expected.IsAssignableType(got) {
		return nil
	}
	hint := ""
	switch {
	case expected.Kind() == types.StringKind:
		hint = "Write string(...) to make a text of it"
	case expected.Kind() == types.BoolKind:
		hint = "Compare it with something, such as x > 0"
	case got.Kind() == types.BoolKind && expected.Kind() == types.DoubleKind:
		hint = "Choose a number by it: (...) ? 1 : 0"
	}
	return c.problem(0, fmt.Sprintf("the expression gives %s, needed is %s", typeText(got.String()), typeText(expected.String())), hint)
}

func (c *compilation) checkCost(env *cel.Env, checked *cel.Ast) fault.List {
	estimate, err := env.EstimateCost(checked, sizes{})
	if err != nil {
		return c.problem(0, plain(err.Error()), "")
	}
	if estimate.Max <= MaxCost {
		return nil
	}
	return c.problem(0, fmt.Sprintf("the expression may need %s steps, the limit is %d", steps(estimate.Max), MaxCost),
		"Avoid loops inside loops and patterns over long lists")
}

func steps(n uint64) string {
	if n > 1e15 {
		return "more than 10^15"
	}
	return fmt.Sprint(n)
}

// sizes bounds the values of variables for the estimate; evaluation refuses longer ones.
type sizes struct{}

func (sizes) EstimateCallCost(function, _ string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if function != "string" {
		return nil
	}
	return &cost.CallEstimate{CostEstimate: cost.CostEstimate{Min: 1, Max: MaxText / 10}, ResultSize: &cost.SizeEstimate{Max: MaxText}}
}

func (sizes) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	if len(node.Path()) == 0 {
		return nil
	}
	switch node.Type().Kind() {
	case types.ListKind, types.MapKind:
		return &cost.SizeEstimate{Max: MaxList}
	case types.StringKind, types.DynKind:
		return &cost.SizeEstimate{Max: MaxText}
	}
	return nil
}

// problem returns one problem at a byte-free offset of code points in the text.
func (c *compilation) problem(offset int, message, hint string) fault.List {
	line, column, source := 1, 1, ""
	for i, l := range strings.Split(c.text, "\n") {
		if n := len([]rune(l)); offset <= n {
			line, column, source = i+1, offset+1, strings.TrimRight(l, "\r")
			break
		} else {
			offset -= n + 1
		}
	}
	return fault.List{{Position: fault.Position{Line: line, Column: column}, Message: message, Hint: hint, Source: source}}
}
