package rules

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/expr"
	"mereon/schema/fault"
)

// inputs reads {t: bearingTemperature, n: {count: workOrders, where: "..."}}.
func (c *compiler) inputs(n *yaml.Node) {
	for _, e := range c.Entries(n, "inputs") {
		name, ok := c.identifier(e.Key, "input")
		if !ok {
			continue
		}
		if slices.ContainsFunc(c.set.Params, func(p Param) bool { return p.Name == name }) {
			c.Wrong(e.Key, "Rename one of them.", "%q is a parameter too", name)
			continue
		}
		if in, ok := c.input(name, e.Value); ok {
			in.Declared = true
			c.set.Inputs = append(c.set.Inputs, in)
		}
	}
}

func (c *compiler) input(name string, n *yaml.Node) (Input, bool) {
	if n.Kind == yaml.MappingNode {
		return c.count(name, n)
	}
	path, ok := c.Text(n, "inputs."+name)
	if !ok {
		return Input{}, false
	}
	in, err := c.propertyInput(name, schema.Path(path))
	if err != nil {
		message, hint, _ := strings.Cut(err.Error(), "; ")
		c.Wrong(n, sentence(hint), "%s", message)
		return Input{}, false
	}
	return in, true
}

func (c *compiler) propertyInput(name string, path schema.Path) (Input, error) {
	route, err := FindRoute(c.model, c.set.On, path)
	if err != nil {
		return Input{}, err
	}
	in := Input{Name: name, Path: path, Route: route, Type: expr.Text}
	if route.Property != nil {
		in.Type, in.Unit = route.Property.Type, route.Property.Unit
	}
	return in, nil
}

// count reads {count: workOrders, where: "status == 'OPEN'"}: records over a join, or entities over a relationship.
func (c *compiler) count(name string, n *yaml.Node) (Input, bool) {
	var raw rawCount
	if !c.Decode(n, &raw) {
		return Input{}, false
	}
	field, ok := c.Text(&raw.Count, "count")
	if !ok {
		return Input{}, false
	}
	at := fieldsOf(c.model, c.set.On)
	count := &Count{Join: at.join(field), Relationship: at.relationship(field)}
	var scope *expr.Scope
	switch {
	case count.Relationship != nil:
		scope = storedScope(c.model, count.Relationship.Target)
	case count.Join != nil && c.model.Records[count.Join.Target] != nil:
		count.Record = c.model.Records[count.Join.Target]
		scope = recordScope(c.model, count.Record)
	default:
		c.Wrong(&raw.Count, c.countable(at, field), "%s has no records or relationship %q to count", c.set.On, field)
		return Input{}, false
	}
	if document.Given(&raw.Where) {
		text, ok := c.Text(&raw.Where, "where")
		if !ok {
			return Input{}, false
		}
		var problems fault.List
		count.Where, problems = expr.Compile(text, scope, expr.Truth)
		c.expression(&raw.Where, problems)
		if problems != nil {
			return Input{}, false
		}
	}
	return Input{Name: name, Path: schema.Path(field), Type: expr.Number, Count: count}, true
}

func (c *compiler) countable(at fields, field string) string {
	var names []string
	for _, j := range at.joins {
		names = append(names, j.Field)
	}
	for _, r := range at.relationships {
		names = append(names, r.Field)
	}
	if near := fault.Suggest(field, names); near != "" {
		return fmt.Sprintf("Did you mean %s?", near)
	}
	if len(names) == 0 {
		return ""
	}
	return "It has " + strings.Join(names, ", ") + "."
}

func recordScope(m *schema.Model, r *schema.RecordType) *expr.Scope {
	var variables []expr.Variable
	for _, p := range r.Properties {
		variables = append(variables, expr.Variable{Name: p.Name, Path: schema.Path(p.Name), Type: p.Type})
	}
	return expr.NewScope(string(r.Name), m, variables...)
}

// storedScope has what the graph itself holds of an asset type: counting asks no other system per neighbour.
func storedScope(m *schema.Model, t schema.TypeName) *expr.Scope {
	variables := []expr.Variable{{Name: "id", Path: "id", Type: expr.Text}, {Name: "name", Path: "name", Type: expr.Text},
		{Name: "assetType", Path: "assetType", Type: expr.Text}}
	for _, p := range fieldsOf(m, t).properties {
		if p.Kind == schema.Static {
			variables = append(variables, expr.Variable{Name: p.Name, Path: schema.Path(p.Name), Type: p.Type})
		}
	}
	return expr.NewScope(string(t), m, variables...)
}

// params reads {limit: 90.0, mode: {type: String, default: "fast"}}.
func (c *compiler) params(n *yaml.Node) {
	for _, e := range c.Entries(n, "params") {
		name, ok := c.identifier(e.Key, "parameter")
		if !ok {
			continue
		}
		if p, ok := c.param(name, e.Value); ok {
			c.set.Params = append(c.set.Params, p)
		}
	}
}

func (c *compiler) param(name string, n *yaml.Node) (Param, bool) {
	if n.Kind != yaml.MappingNode {
		value, ok := paramValue(document.Any(n))
		if !ok {
			c.Wrong(n, "Write a default value, or {type: Float} for one that every entity gives.", "params.%s takes a number, a text, true or false, not %s", name, document.Describe(n))
			return Param{}, false
		}
		return Param{Name: name, Type: paramType(value), Default: value}, true
	}
	var raw rawParam
	if !c.Decode(n, &raw) {
		return Param{}, false
	}
	p := Param{Name: name, Unit: raw.Unit, Description: raw.Description, Min: raw.Min, Max: raw.Max, Type: expr.Number}
	if document.Given(&raw.Type) {
		text, ok := c.OneOf(&raw.Type, "type", []string{"Float", "Int", "Long", "Boolean", "String", "Duration"})
		if !ok {
			return Param{}, false
		}
		p.Type.Scalar, _ = schema.ScalarOf(text)
	}
	if !document.Given(&raw.Default) {
		return p, true
	}
	value, err := p.accept(document.Any(&raw.Default))
	if err != nil {
		c.Wrong(&raw.Default, "", "%s", err.Error())
		return Param{}, false
	}
	if !document.Given(&raw.Type) {
		p.Type = paramType(value)
	}
	p.Default = value
	return p, true
}
