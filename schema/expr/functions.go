package expr

import (
	"math"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Functions that replace CEL's own operators, so that numbers behave as people expect; messages show the operator.
const (
	divideFunction = "@divide"
	moduloFunction = "@modulo"
)

// functions declares our own functions; README.md documents them.
func functions() []cel.EnvOption {
	number := cel.DoubleType
	return []cel.EnvOption{
		binary(divideFunction, divide),
		binary(moduloFunction, modulo),
		binary("pow", math.Pow),
		unary("abs", math.Abs),
		unary("floor", math.Floor),
		unary("ceil", math.Ceil),
		unary("sqrt", math.Sqrt),
		cel.Function("round",
			cel.Overload("round_double", []*cel.Type{number}, number, fold(func(x []float64) float64 { return math.Round(x[0]) })),
			cel.Overload("round_double_double", []*cel.Type{number, number}, number, fold(roundTo))),
		cel.Function("clamp", cel.Overload("clamp_double", []*cel.Type{number, number, number}, number,
			fold(func(x []float64) float64 { return min(max(x[0], x[1]), x[2]) }))),
		extreme("min", math.Min),
		extreme("max", math.Max),
		cel.Function("known", cel.Overload("known_any", []*cel.Type{cel.TypeParamType("T")}, cel.BoolType,
			cel.OverloadIsNonStrict(), cel.UnaryBinding(known))),
		cel.Function("fallback", cel.Overload("fallback_any", []*cel.Type{cel.TypeParamType("T"), cel.TypeParamType("T")},
			cel.TypeParamType("T"), cel.OverloadIsNonStrict(), cel.BinaryBinding(fallback))),
	}
}

func unary(name string, f func(float64) float64) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_double", []*cel.Type{cel.DoubleType}, cel.DoubleType,
		fold(func(x []float64) float64 { return f(x[0]) })))
}

func binary(name string, f func(x, y float64) float64) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_double_double", []*cel.Type{cel.DoubleType, cel.DoubleType}, cel.DoubleType,
		cel.BinaryBinding(func(x, y ref.Val) ref.Val {
			a, okA := x.(types.Double)
			b, okB := y.(types.Double)
			if !okA || !okB {
				return types.NewErr("%s needs numbers", operatorName(name))
			}
			return finite(f(float64(a), float64(b)), name)
		})))
}

// extreme declares min or max over two to four numbers, and over a list of at least one.
func extreme(name string, f func(x, y float64) float64) cel.EnvOption {
	all := func(x []float64) float64 {
		best := x[0]
		for _, v := range x[1:] {
			best = f(best, v)
		}
		return best
	}
	n := cel.DoubleType
	return cel.Function(name,
		cel.Overload(name+"_2", []*cel.Type{n, n}, n, fold(all)),
		cel.Overload(name+"_3", []*cel.Type{n, n, n}, n, fold(all)),
		cel.Overload(name+"_4", []*cel.Type{n, n, n, n}, n, fold(all)),
		cel.Overload(name+"_list", []*cel.Type{cel.ListType(n)}, n, cel.UnaryBinding(func(list ref.Val) ref.Val {
			numbers, bad := numbersOf(list)
			if bad != nil {
				return bad
			}
			if len(numbers) == 0 {
				return types.NewErr("%s of an empty list", name)
			}
			return types.Double(all(numbers))
		})))
}

func numbersOf(list ref.Val) ([]float64, ref.Val) {
	l, ok := list.(traits.Lister)
	if !ok {
		return nil, types.MaybeNoSuchOverloadErr(list)
	}
	var numbers []float64
	for it := l.Iterator(); it.HasNext() == types.True; {
		d, ok := it.Next().(types.Double)
		if !ok {
			return nil, types.NewErr("the list holds an element that is no number")
		}
		numbers = append(numbers, float64(d))
	}
	return numbers, nil
}

// fold binds a function of numbers.
func fold(f func([]float64) float64) cel.OverloadOpt {
	bound := func(args ...ref.Val) ref.Val {
		numbers := make([]float64, len(args))
		for i, a := range args {
			d, ok := a.(types.Double)
			if !ok {
				return types.MaybeNoSuchOverloadErr(a)
			}
			numbers[i] = float64(d)
		}
		return finite(f(numbers), "the function")
	}
	return cel.FunctionBinding(bound)
}

func finite(x float64, what string) ref.Val {
	if !math.IsNaN(x) && !math.IsInf(x, 0) {
		return types.Double(x)
	}
	if what == divideFunction || what == moduloFunction {
		return types.NewErr("division by zero")
	}
	return types.NewErr("the result is not a finite number")
}

func divide(x, y float64) float64 { return x / y }
func modulo(x, y float64) float64 { return math.Mod(x, y) }

func roundTo(x []float64) float64 {
	scale := math.Pow(10, math.Round(min(max(x[1], -15), 15)))
	return math.Round(x[0]*scale) / scale
}

func known(x ref.Val) ref.Val { return types.Bool(!types.IsUnknownOrError(x)) }

func fallback(x, y ref.Val) ref.Val {
	if types.IsUnknown(x) {
		return y
	}
	return x
}
