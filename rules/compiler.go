package rules

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/expr"
	"mereon/schema/fault"
)

// compiler turns one rule file into a Set. Slots are the places of values given to Step: parameters, then inputs.
type compiler struct {
	*reader
	model *schema.Model
	set   *Set
	scope *expr.Scope
}

func newCompiler(r *reader, m *schema.Model) *compiler {
	return &compiler{reader: r, model: m, set: &Set{}}
}

// compile returns nil when nothing could be made of the file; with problems reported, the set must not be used.
func (c *compiler) compile(raw *rawSet) *Set {
	c.set.Position, c.set.Description = raw.Position, raw.Description
	if document.Given(&raw.RuleSet) {
		c.set.Name, _ = c.identifier(&raw.RuleSet, "ruleSet")
	}
	if !document.Given(&raw.On) {
		return nil
	}
	on, ok := c.OneOf(&raw.On, "asset type", typeNames(c.model))
	if !ok {
		return nil
	}
	c.set.On = schema.TypeName(on)
	c.params(&raw.Params)
	c.inputs(&raw.Inputs)
	c.setScope()
	c.states(raw)
	if raw.Scalar != nil {
		c.setScalar(raw.Scalar)
	}
	if raw.Alarm != nil {
		c.alarm(raw.Alarm)
	}
	return c.set
}

func typeNames(m *schema.Model) []string {
	names := make([]string, len(m.TypeNames))
	for i, n := range m.TypeNames {
		names[i] = string(n)
	}
	return names
}

// identifier reads a name that expressions and overrides can use.
func (c *compiler) identifier(n *yaml.Node, what string) (string, bool) {
	text, ok := c.Text(n, what)
	if !ok {
		return "", false
	}
	for i, r := range text {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || (r < '0' || r > '9') && (r != '-' || what != "ruleSet" && what != "state")) {
			c.Wrong(n, "Use letters, digits and _, beginning with a letter.", "%s %q is no name", what, text)
			return "", false
		}
	}
	return text, true
}

// Paths that stand for declared inputs and parameters inside compiled expressions; no property has such a path.
func inputKey(name string) schema.Path { return schema.Path("$" + name) }

func (c *compiler) setScope() {
	var variables []expr.Variable
	for _, in := range c.set.Inputs {
		variables = append(variables, expr.Variable{Name: in.Name, Path: inputKey(in.Name), Type: in.Type})
	}
	for _, p := range c.set.Params {
		variables = append(variables, expr.Variable{Name: p.Name, Path: inputKey(p.Name), Type: p.Type})
	}
	c.scope = expr.TypeScope(c.model, c.set.On).With(variables...)
}

// expr compiles an expression; its slots are filled in by bind.
func (c *compiler) expr(n *yaml.Node, what string, want schema.ValueType) *condition {
	text, ok := c.Text(n, what)
	if !ok {
		return nil
	}
	program, problems := expr.Compile(text, c.scope, want)
	c.expression(n, problems)
	if program == nil {
		return nil
	}
	out := &condition{program: program, at: make([]int, len(program.Reads()))}
	for i, path := range program.Reads() {
		out.at[i] = c.slot(path)
	}
	return out
}

// slot returns the place of what an expression reads under path: parameters come first, then inputs. A property that is
// named directly becomes an input.
func (c *compiler) slot(path schema.Path) int {
	name, declared := strings.CutPrefix(string(path), "$")
	if declared {
		if i := slices.IndexFunc(c.set.Params, func(p Param) bool { return p.Name == name }); i >= 0 {
			return i
		}
	}
	i := slices.IndexFunc(c.set.Inputs, func(in Input) bool {
		return declared && in.Declared && in.Name == name || !declared && !in.Declared && in.Path == path
	})
	if i < 0 {
		in, err := c.propertyInput(string(path), path)
		if err != nil {
			c.Problems = append(c.Problems, fault.Problem{Position: c.set.Position, Message: err.Error()})
		}
		i = len(c.set.Inputs)
		c.set.Inputs = append(c.set.Inputs, in)
	}
	return len(c.set.Params) + i
}
