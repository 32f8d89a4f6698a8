package schema

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/fault"
)

// uses gives access to the directives of one definition. Wrongly typed arguments read as absent: checkDirectives has
// reported them.
type uses struct {
	source *source
	list   ast.DirectiveList
}

func (u uses) has(directive string) bool { return u.list.ForName(directive) != nil }

// argument returns an argument of the first use of directive, nil when it is absent or of a wrong type.
func (u uses) argument(directive, name string) *ast.Argument {
	d := u.list.ForName(directive)
	if d == nil {
		return nil
	}
	a := d.Arguments.ForName(name)
	def := directiveDefinitions()[directive]
	if a == nil || !fits(a.Value, def.Arguments.ForName(name).Type) {
		return nil
	}
	return a
}

// complete says whether all arguments of the first use of directive are known and of the right types.
func (u uses) complete(directive string) bool {
	d, def := u.list.ForName(directive), directiveDefinitions()[directive]
	return d == nil || !slices.ContainsFunc(d.Arguments, func(a *ast.Argument) bool {
		declared := def.Arguments.ForName(a.Name)
		return declared == nil || !fits(a.Value, declared.Type)
	})
}

func (u uses) text(directive, name string) string {
	if a := u.argument(directive, name); a != nil {
		return a.Value.Raw
	}
	return ""
}

// truth returns a Boolean argument and whether it is given.
func (u uses) truth(directive, name string) (value, given bool) {
	a := u.argument(directive, name)
	return a != nil && a.Value.Raw == "true", a != nil
}

// at returns the place of an argument's value, else that of the directive.
func (u uses) at(directive, name string) fault.Position {
	if a := u.argument(directive, name); a != nil {
		return u.source.at(a.Value.Position)
	}
	if d := u.list.ForName(directive); d != nil {
		return u.source.atDirective(d)
	}
	return fault.Position{File: u.source.name}
}

// textAt returns the place where the characters of a text argument begin, behind its quotes.
func (u uses) textAt(directive, name string) fault.Position {
	at := u.at(directive, name)
	a := u.argument(directive, name)
	switch {
	case a == nil || at.Line == 0:
	case a.Value.Kind == ast.StringValue:
		at.Column++
	case a.Value.Kind == ast.BlockValue:
		return u.blockTextAt(at)
	}
	return at
}

// blockTextAt skips the quotes and the blank beginning of a block string.
func (u uses) blockTextAt(at fault.Position) fault.Position {
	rest := []rune(u.source.lines[at.Line-1])
	start := min(len(rest), at.Column+2)
	for line := at.Line; line <= len(u.source.lines); line++ {
		if line > at.Line {
			rest, start = []rune(u.source.lines[line-1]), 0
		}
		for i := start; i < len(rest); i++ {
			if rest[i] != ' ' && rest[i] != '\t' {
				return fault.Position{File: at.File, Line: line, Column: i + 1}
			}
		}
	}
	return at
}

// number returns a Float argument.
func (u uses) number(directive, name string) *float64 {
	a := u.argument(directive, name)
	if a == nil {
		return nil
	}
	v, err := parseFloat(json.Number(a.Value.Raw))
	if err != nil {
		return nil
	}
	f := v.Float()
	return &f
}

func (u uses) names(directive, name string) []string {
	var names []string
	if a := u.argument(directive, name); a != nil {
		for _, c := range a.Value.Children {
			names = append(names, c.Value.Raw)
		}
	}
	return names
}

// duration returns a Duration argument; 0 and an error for a text that is none or that is not above zero.
func (u uses) duration(directive, name string) (time.Duration, error) {
	a := u.argument(directive, name)
	if a == nil {
		return 0, nil
	}
	d, err := ParseDuration(a.Value.Raw)
	if err == nil && d <= 0 {
		err = fault.New(fault.Invalid, "%q must be more than nothing", a.Value.Raw)
	}
	return d, err
}

// origins returns what @source keeps.
func (u uses) origins() []Source {
	var sources []Source
	for _, d := range u.list.ForNames("source") {
		one := uses{u.source, ast.DirectiveList{d}}
		s := Source{Format: one.text("source", "format"), ID: one.text("source", "id")}
		if a := one.argument("source", "data"); a != nil {
			s.Data, _ = parseJSON(literal(a.Value)) // nested too deep: left out
		}
		sources = append(sources, s)
	}
	return sources
}

// bareWord is an enum value in a literal, told apart from a text.
type bareWord string

// literal returns v as decoders give values, so that ParseValue can read it.
func literal(v *ast.Value) any {
	switch v.Kind {
	case ast.IntValue, ast.FloatValue:
		return json.Number(strings.TrimPrefix(v.Raw, "+"))
	case ast.StringValue, ast.BlockValue:
		return v.Raw
	case ast.BooleanValue:
		return v.Raw == "true"
	case ast.EnumValue:
		return bareWord(v.Raw)
	case ast.ListValue:
		list := make([]any, len(v.Children))
		for i, c := range v.Children {
			list[i] = literal(c.Value)
		}
		return list
	case ast.ObjectValue:
		object := make(map[string]any, len(v.Children))
		for _, c := range v.Children {
			object[c.Name] = literal(c.Value)
		}
		return object
	}
	return nil
}
