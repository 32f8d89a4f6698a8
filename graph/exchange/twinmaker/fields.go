package twinmaker

import (
	"encoding/json"
	"fmt"
	"strings"

	"mereon/graph/exchange"
	"mereon/schema"
	"mereon/schema/unit"
)

// fieldSDL declares one property. What the model cannot say of it is kept in @source and reported.
func (k *kind) fieldSDL(f *field, report *exchange.Report) string {
	name, relationship, many := f.definition.DataType.graphQL()
	kept := f.kept()
	var text string
	switch {
	case relationship && many:
		text = fmt.Sprintf("%s: [%s!] @relation(name: %s)", f.name, base, literal(f.relation))
	case relationship:
		text = fmt.Sprintf("%s: %s @relation(name: %s)", f.name, base, literal(f.relation))
	case f.live():
		text = fmt.Sprintf("%s: %s @live(connector: %s, ref: %s)", f.name, scalarOnly(name), literal(connectorName), literal(k.reference(f)))
	default:
		text = f.name + ": " + name
	}
	if v := f.definition.DefaultValue.plain(); v != nil {
		if relationship || f.live() || name == "JSON" || fits(v, name) != nil {
			kept["defaultValue"] = v
		} else {
			text += " @default(value: " + literal(v) + ")"
		}
	}
	if code := f.definition.DataType.UnitOfMeasure; code != "" {
		if _, err := unit.Parse(code); err == nil && !relationship && isNumber(scalarOnly(name)) {
			text += " @unit(code: " + literal(code) + ")"
		} else {
			kept["unitOfMeasure"] = code
		}
	}
	if f.definition.DisplayName != "" {
		text = literal(f.definition.DisplayName) + "\n  " + text
	}
	return text + f.source(k, kept, report)
}

func isNumber(scalar string) bool { return scalar == "Float" || scalar == "Int" || scalar == "Long" }

// kept is what a definition says that the model has no words for.
func (f *field) kept() map[string]any {
	kept := map[string]any{}
	d := &f.definition
	if len(d.Configuration) > 0 {
		kept["configuration"] = d.Configuration
	}
	if len(d.DataType.AllowedValues) > 0 {
		allowed := &dataValue{ListValue: d.DataType.AllowedValues}
		kept["allowedValues"] = allowed.plain()
	}
	if d.DataType.Relationship != nil {
		kept["relationship"] = d.DataType.Relationship
	}
	for what, is := range map[string]bool{"isRequiredInEntity": d.IsRequired, "isExternalId": d.IsExternalID} {
		if is {
			kept[what] = true
		}
	}
	return kept
}

// source writes the @source of a field that was renamed or says more.
func (f *field) source(k *kind, kept map[string]any, report *exchange.Report) string {
	if len(kept) == 0 {
		if f.name == f.original {
			return ""
		}
		return fmt.Sprintf(" @source(format: \"twinmaker\", id: %s)", literal(f.original))
	}
	text, err := json.Marshal(kept)
	if err != nil {
		text = fmt.Append(nil, kept)
	}
	report.Unmapped = append(report.Unmapped, exchange.Finding{File: k.file(), Path: "$.propertyDefinitions." + f.original,
		Message: "kept in @source of " + k.name + "." + f.name + ": " + strings.Join(sortedKeys(kept), ", ")})
	return fmt.Sprintf(" @source(format: \"twinmaker\", id: %s, data: %s)", literal(f.original), literal(string(text)))
}

func (k *kind) file() string {
	if k.of == nil {
		return ""
	}
	return k.of.file
}

// fits says why a value is none of a GraphQL type: a name, or a list of one.
func fits(v any, name string) error {
	t := schema.ValueType{Scalar: scalars[strings.Trim(name, "[!]")], List: name[0] == '[', Elements: true}
	parsed, err := schema.ParseValue(v, t, nil)
	if err != nil {
		return err
	}
	for _, err := range schema.CheckValue(&schema.Property{Type: t}, parsed) {
		return err
	}
	return nil
}

var scalars = map[string]schema.Scalar{
	"Float": schema.Float, "Int": schema.Int, "Long": schema.Long, "Boolean": schema.Boolean, "String": schema.String, "JSON": schema.JSON,
}
