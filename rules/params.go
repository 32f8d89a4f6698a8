package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"mereon/schema"
	"mereon/schema/expr"
	"mereon/schema/fault"
)

func paramValue(v any) (schema.Value, bool) {
	switch x := v.(type) {
	case int64:
		return schema.FloatOf(float64(x)), true
	case float64:
		return schema.FloatOf(x), !math.IsNaN(x) && !math.IsInf(x, 0)
	case bool:
		return schema.BoolOf(x), true
	case string:
		return schema.StringOf(x), true
	}
	return schema.Null, false
}

func paramType(v schema.Value) schema.ValueType {
	switch v.Kind() {
	case schema.BoolValue:
		return expr.Truth
	case schema.StringValue:
		return expr.Text
	}
	return expr.Number
}

// accept checks a value for the parameter; the error says what it takes.
func (p Param) accept(given any) (schema.Value, error) {
	value, ok := paramValue(given)
	if ok && p.Type.Scalar == schema.Duration {
		length, err := schema.ParseDuration(value.Text())
		value, ok = schema.DurationOf(length), err == nil
	} else if ok {
		ok = paramType(value) == paramType(sampleOf(p.Type))
	}
	if x := value.Float(); ok && (p.Type.Scalar == schema.Int || p.Type.Scalar == schema.Long) {
		ok = x == math.Trunc(x)
	}
	if !ok {
		return schema.Null, fault.New(fault.Invalid, "the parameter %s takes a value of type %s, not %v", p.Name, p.Type.Scalar, given)
	}
	if x := value.Float(); p.Min != nil && x < *p.Min || p.Max != nil && x > *p.Max {
		return schema.Null, fault.New(fault.Invalid, "the parameter %s takes %s, not %v", p.Name, p.limits(), given)
	}
	return value, nil
}

func sampleOf(t schema.ValueType) schema.Value {
	switch t.Scalar {
	case schema.Boolean:
		return schema.BoolOf(false)
	case schema.String:
		return schema.StringOf("")
	}
	return schema.FloatOf(0)
}

func (p Param) limits() string {
	switch {
	case p.Min == nil:
		return fmt.Sprintf("at most %v", *p.Max)
	case p.Max == nil:
		return fmt.Sprintf("at least %v", *p.Min)
	}
	return fmt.Sprintf("%v to %v", *p.Min, *p.Max)
}

// ParamValues returns one value per parameter: what the entity's rules column (a JSON object {set: {parameter: value}}, "" for
// none) says, else the default. A wrong override is Invalid; the values are then the defaults.
func (s *Set) ParamValues(column string) ([]schema.Value, error) {
	values := make([]schema.Value, len(s.Params))
	for i, p := range s.Params {
		values[i] = p.Default
	}
	if column == "" {
		return values, nil
	}
	var all map[string]map[string]any
	if err := json.Unmarshal([]byte(column), &all); err != nil {
		return values, fault.New(fault.Invalid, "rules takes {set: {parameter: value}}")
	}
	out := slices.Clone(values)
	for name, given := range all[s.Name] {
		i := slices.IndexFunc(s.Params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			return values, fault.New(fault.Invalid, "the rule set %s has no parameter %q%s", s.Name, name, s.suggestParam(name))
		}
		value, err := s.Params[i].accept(given)
		if err != nil {
			return values, err
		}
		out[i] = value
	}
	return out, nil
}

func (s *Set) suggestParam(name string) string {
	names := make([]string, len(s.Params))
	for i, p := range s.Params {
		names[i] = p.Name
	}
	if near := fault.Suggest(name, names); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// CheckOverrides says what is wrong with the rules column of an entity of a type, nil when nothing is: unknown rule sets and
// parameters, and values of a wrong type.
func (b *Book) CheckOverrides(t schema.TypeName, column string) error {
	if column == "" {
		return nil
	}
	var all map[string]map[string]any
	if err := json.Unmarshal([]byte(column), &all); err != nil {
		return fault.New(fault.Invalid, "rules takes {set: {parameter: value}}")
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		set, ok := b.Find(t, name)
		if !ok {
			return fault.New(fault.Invalid, "no rule set %q applies to %s%s", name, t, b.suggestSet(t, name))
		}
		if _, err := set.ParamValues(column); err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) suggestSet(t schema.TypeName, name string) string {
	var names []string
	for _, s := range b.For(t) {
		names = append(names, s.Name)
	}
	if near := fault.Suggest(name, names); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}
