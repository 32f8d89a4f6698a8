package expr

import (
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"mereon/schema"
)

// Limits of an expression. They make every evaluation cheap enough to run on a shared server, whoever wrote it.
const (
	MaxLength = 4096   // code points of the text
	MaxCost   = 100000 // worst case of one evaluation, in CEL's cost units (about one per operation)
	MaxList   = 200    // elements of a list value
	MaxText   = 1024   // bytes of a text value
	maxDepth  = 60     // nested lists and maps cost CEL's checker about the sixth power of their depth
)

// baseEnvironment has the language and the functions, without variables; it is immutable.
var baseEnvironment = sync.OnceValues(func() (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.StdLib(),
		ext.Strings(ext.StringsVersion(3)),
		ext.Math(ext.MathVersion(2)),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(MaxLength),
		cel.ParserRecursionLimit(maxDepth),
		cel.ExpressionNodeLimit(2000),
	}
	return cel.NewCustomEnv(append(options, functions()...)...)
})

// celType returns the CEL type of values of t: all numbers are doubles, dates timestamps, JSON is dynamic.
func celType(t schema.ValueType) *cel.Type {
	element := celScalar(t.Scalar)
	if t.List {
		return types.NewListType(element)
	}
	return element
}

func celScalar(s schema.Scalar) *cel.Type {
	switch {
	case s.Numeric():
		return types.DoubleType
	case s == schema.Boolean:
		return types.BoolType
	case s == schema.Date || s == schema.DateTime:
		return types.TimestampType
	case s == schema.Duration:
		return types.DurationType
	case s == schema.JSON:
		return types.DynType
	}
	return types.StringType
}
