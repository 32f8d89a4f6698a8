package twinmaker

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// plain returns a value as plain Go values. Numbers and booleans that come as texts are read.
func (v *dataValue) plain() any {
	switch {
	case v == nil:
		return nil
	case v.StringValue != nil:
		return *v.StringValue
	case v.DoubleValue != nil:
		return number(v.DoubleValue)
	case v.IntegerValue != nil:
		return number(v.IntegerValue)
	case v.LongValue != nil:
		return number(v.LongValue)
	case v.BooleanValue != nil:
		if text, ok := v.BooleanValue.(string); ok {
			b, err := strconv.ParseBool(text)
			if err != nil {
				return text
			}
			return b
		}
		return v.BooleanValue
	case v.RelationshipValue != nil:
		return map[string]any{"to": v.RelationshipValue.TargetEntityID}
	case v.MapValue != nil:
		m := map[string]any{}
		for key, element := range v.MapValue {
			m[key] = element.plain()
		}
		return m
	case v.ListValue != nil:
		list := make([]any, len(v.ListValue))
		for i := range v.ListValue {
			list[i] = v.ListValue[i].plain()
		}
		return list
	case v.Expression != nil:
		return *v.Expression
	}
	return nil
}

func number(x any) any {
	if text, ok := x.(string); ok {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return x
}

// relationships returns the targets of a relationship value or a list of them.
func (v *dataValue) relationships() []relationshipValue {
	if v == nil {
		return nil
	}
	if v.RelationshipValue != nil {
		return []relationshipValue{*v.RelationshipValue}
	}
	var list []relationshipValue
	for i := range v.ListValue {
		list = append(list, v.ListValue[i].relationships()...)
	}
	return list
}

// inferred returns the data type a value shows, for properties that no file defines.
func (v *dataValue) inferred() *dataType {
	switch {
	case v == nil || v.StringValue != nil:
		return &dataType{Type: "STRING"}
	case v.DoubleValue != nil:
		return &dataType{Type: "DOUBLE"}
	case v.IntegerValue != nil:
		return &dataType{Type: "INTEGER"}
	case v.LongValue != nil:
		return &dataType{Type: "LONG"}
	case v.BooleanValue != nil:
		return &dataType{Type: "BOOLEAN"}
	case v.RelationshipValue != nil:
		return &dataType{Type: "RELATIONSHIP"}
	case len(v.ListValue) > 0:
		return &dataType{Type: "LIST", NestedType: v.ListValue[0].inferred()}
	}
	return &dataType{Type: "MAP"}
}

// graphQL returns the type of a field, and whether it is a relationship and a list of them.
func (t *dataType) graphQL() (name string, relationship, many bool) {
	switch t.Type {
	case "DOUBLE":
		return "Float", false, false
	case "INTEGER":
		return "Int", false, false
	case "LONG":
		return "Long", false, false
	case "BOOLEAN":
		return "Boolean", false, false
	case "RELATIONSHIP":
		return "", true, false
	case "LIST":
		if t.NestedType == nil {
			return "JSON", false, false
		}
		inner, rel, _ := t.NestedType.graphQL()
		if rel {
			return "", true, true
		}
		if inner == "JSON" || inner[0] == '[' {
			return "JSON", false, false
		}
		return "[" + inner + "!]", false, false
	case "MAP":
		return "JSON", false, false
	}
	return "String", false, false
}

// literal writes a default value as GraphQL.
func literal(x any) string {
	text, err := json.Marshal(x)
	if err != nil {
		return strconv.Quote(fmt.Sprint(x))
	}
	return string(text)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
