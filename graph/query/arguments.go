package query

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema"
	"mereon/schema/fault"
)

// argumentsOf returns the arguments of a field with defaults filled in; an argument that is neither given nor has a
// default is absent. Enum values are strings, whole numbers int64, other numbers json.Number.
func argumentsOf(field *ast.Field, variables map[string]any) (map[string]any, error) {
	args := map[string]any{}
	if field.Definition == nil {
		return args, nil
	}
	for _, d := range field.Definition.Arguments {
		value := d.DefaultValue
		if given := field.Arguments.ForName(d.Name); given != nil && !unset(given.Value, variables) {
			value = given.Value
		}
		if value == nil {
			continue
		}
		v, err := literal(value, variables)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "argument %s of %s", d.Name, field.Name)
		}
		args[d.Name] = v
	}
	return args, nil
}

// unset says whether v is a variable that was not given and has no default: as if the argument were left out.
func unset(v *ast.Value, variables map[string]any) bool {
	if v.Kind != ast.Variable {
		return false
	}
	_, given := variables[v.Raw]
	return !given && (v.VariableDefinition == nil || v.VariableDefinition.DefaultValue == nil)
}

// literal evaluates a value of a document.
func literal(v *ast.Value, variables map[string]any) (any, error) {
	switch v.Kind {
	case ast.Variable:
		if given, ok := variables[v.Raw]; ok {
			return given, nil
		}
		if v.VariableDefinition != nil && v.VariableDefinition.DefaultValue != nil {
			return literal(v.VariableDefinition.DefaultValue, nil)
		}
		return nil, nil
	case ast.IntValue:
		if n, err := strconv.ParseInt(v.Raw, 10, 64); err == nil {
			return n, nil
		}
		return json.Number(v.Raw), nil
	case ast.FloatValue:
		return json.Number(v.Raw), nil
	case ast.BooleanValue:
		return v.Raw == "true", nil
	case ast.NullValue:
		return nil, nil
	case ast.ListValue:
		list := make([]any, len(v.Children))
		for i, child := range v.Children {
			item, err := literal(child.Value, variables)
			if err != nil {
				return nil, err
			}
			list[i] = item
		}
		return list, nil
	case ast.ObjectValue:
		return objectLiteral(v, variables)
	}
	return v.Raw, nil
}

func objectLiteral(v *ast.Value, variables map[string]any) (any, error) {
	object := make(map[string]any, len(v.Children))
	for _, child := range v.Children {
		if unset(child.Value, variables) {
			continue
		}
		item, err := literal(child.Value, variables)
		if err != nil {
			return nil, err
		}
		object[child.Name] = item
	}
	return object, nil
}

// wholeNumber reads an integer as literals and JSON variables give it.
func wholeNumber(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case int64:
		return n, true
	case float64:
		return int64(n), n == float64(int64(n))
	case json.Number:
		i, err := n.Int64()
		return i, err == nil
	}
	return 0, false
}

// listOf returns v as a list: a single value is a list of one, as GraphQL coerces it.
func listOf(v any) []any {
	switch list := v.(type) {
	case nil:
		return nil
	case []any:
		return list
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice { // as coercion of a single variable makes it
		out := make([]any, r.Len())
		for i := range out {
			out[i] = r.Index(i).Interface()
		}
		return out
	}
	return []any{v}
}

// textsOf returns v as a list of strings, leaving out what is none.
func textsOf(v any) []string {
	var out []string
	for _, item := range listOf(v) {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// instant reads a DateTime argument; null is the zero time.
func (c *catalog) instant(name string, v any) (schema.Value, error) {
	value, err := schema.ParseValue(v, schema.ValueType{Scalar: schema.DateTime}, nil)
	if err != nil {
		return value, fault.Wrap(fault.Invalid, err, "%s", name)
	}
	return value, nil
}

func unknownName(kind, name string, names []string) error {
	slices.Sort(names)
	if near := fault.Suggest(name, names); near != "" {
		return fault.New(fault.Invalid, "there is no %s %q; did you mean %q?", kind, name, near)
	}
	if len(names) == 0 {
		return fault.New(fault.Invalid, "there is no %s %q: the model has none", kind, name)
	}
	shown := names[:min(len(names), 10)]
	return fault.New(fault.Invalid, "there is no %s %q; there are %s", kind, name, strings.Join(shown, ", "))
}
