package query

import (
	"math"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema"
	"mereon/schema/fault"
	"mereon/schema/unit"
)

// convertValue returns v, which is in unit from, in unit to; lists element by element, null is null.
func convertValue(v schema.Value, from, to string) (schema.Value, error) {
	c, err := unit.Between(from, to)
	if err != nil {
		return schema.Null, err
	}
	return applied(v, c)
}

func applied(v schema.Value, c unit.Conversion) (schema.Value, error) {
	if c.Identity() {
		return v, nil
	}
	switch v.Kind() {
	case schema.NullValue:
		return v, nil
	case schema.FloatValue:
		return schema.FloatOf(rounded(c.Apply(v.Float()))), nil
	case schema.DecimalValue:
		return schema.DecimalOf(strconv.FormatFloat(rounded(c.Apply(v.Float())), 'f', -1, 64)), nil
	case schema.IntValue:
		f := rounded(c.Apply(v.Float()))
		if f != math.Trunc(f) {
			return schema.FloatOf(f), nil
		}
		return schema.IntOf(int64(f)), nil
	case schema.ListValue:
		list := make([]schema.Value, len(v.List()))
		for i, e := range v.List() {
			converted, err := applied(e, c)
			if err != nil {
				return schema.Null, err
			}
			list[i] = converted
		}
		return schema.ListOf(list), nil
	}
	return schema.Null, fault.New(fault.Invalid, "only numbers have a unit")
}

// rounded drops the noise that converting adds in the last binary digits: 140 [degF] is 60 Cel, not 60.00000000000001.
func rounded(f float64) float64 {
	var scratch [32]byte
	short, err := strconv.ParseFloat(string(strconv.AppendFloat(scratch[:0], f, 'g', 15, 64)), 64)
	if err != nil {
		return f
	}
	return short
}

// conversion compiles the argument unit of a property: once when it is a constant, else per value.
func (p *planner) conversion(from string, argument *ast.Value) func(*execution, schema.Value) (schema.Value, error) {
	if argument.Kind != ast.Variable {
		if argument.Kind == ast.NullValue {
			return func(_ *execution, v schema.Value) (schema.Value, error) { return v, nil }
		}
		c, err := unit.Between(from, argument.Raw)
		return func(_ *execution, v schema.Value) (schema.Value, error) {
			if err != nil {
				return schema.Null, err
			}
			return applied(v, c)
		}
	}
	return func(x *execution, v schema.Value) (schema.Value, error) {
		to, err := literal(argument, x.variables)
		if name, ok := to.(string); ok && err == nil {
			return convertValue(v, from, name)
		}
		return v, err
	}
}
