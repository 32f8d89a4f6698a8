package schema

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// checkDirectives compares every use of a directive with its declaration; gqlparser's parser checks none of it.
func (p *parse) checkDirectives() {
	for _, s := range p.sources {
		if s.doc == nil {
			continue
		}
		for _, d := range s.doc.SchemaExtension {
			p.checkUses(s, d.Directives, ast.LocationSchema)
		}
		for _, d := range s.doc.Definitions {
			p.checkDefinitionUses(s, d)
		}
	}
}

func (p *parse) checkDefinitionUses(s *source, d *ast.Definition) {
	switch d.Kind {
	case ast.Object:
		p.checkUses(s, d.Directives, ast.LocationObject)
	case ast.Interface:
		p.checkUses(s, d.Directives, ast.LocationInterface)
	case ast.Enum:
		p.checkUses(s, d.Directives, ast.LocationEnum)
	default:
		return // refused as a whole
	}
	for _, f := range d.Fields {
		p.checkUses(s, f.Directives, ast.LocationFieldDefinition)
	}
	for _, v := range d.EnumValues {
		p.checkUses(s, v.Directives, ast.LocationEnumValue)
	}
}

var locationWords = map[ast.DirectiveLocation]string{
	ast.LocationSchema: "the schema", ast.LocationObject: "a type", ast.LocationInterface: "an interface",
	ast.LocationEnum: "an enum", ast.LocationEnumValue: "an enum value", ast.LocationFieldDefinition: "a field",
}

func (p *parse) checkUses(s *source, uses ast.DirectiveList, at ast.DirectiveLocation) {
	seen := make(map[string]*ast.Directive, len(uses))
	for _, use := range uses {
		place := s.atDirective(use)
		def := directiveDefinitions()[use.Name]
		if def == nil {
			names := directiveNames(at)
			p.add(place, p.didYouMean("@"+use.Name, names, "directives here: "+strings.Join(names, ", ")), "there is no directive @%s", use.Name)
			continue
		}
		if !slices.Contains(def.Locations, at) {
			p.add(place, "it goes on "+places(def.Locations), "@%s does not go on %s", use.Name, locationWords[at])
			continue
		}
		if first := seen[use.Name]; first != nil && !def.IsRepeatable {
			p.add(place, "join them into one", "@%s stands here twice; the first is at %s", use.Name, s.atDirective(first))
			continue
		}
		seen[use.Name] = use
		p.checkArguments(s, use, def)
	}
}

func places(locations []ast.DirectiveLocation) string {
	words := make([]string, len(locations))
	for i, l := range locations {
		words[i] = locationWords[l]
	}
	return strings.Join(words, ", ")
}

func (p *parse) checkArguments(s *source, use *ast.Directive, def *ast.DirectiveDefinition) {
	names := make([]string, len(def.Arguments))
	for i, a := range def.Arguments {
		names[i] = a.Name
		if a.Type.NonNull && use.Arguments.ForName(a.Name) == nil {
			p.add(s.atDirective(use), "write @"+use.Name+"("+a.Name+": "+sample(a.Type)+")",
				"@%s needs the argument %s", use.Name, a.Name)
		}
	}
	seen := make(map[string]bool, len(use.Arguments))
	for _, a := range use.Arguments {
		declared := def.Arguments.ForName(a.Name)
		switch {
		case declared == nil && len(names) == 0:
			p.add(s.at(a.Position), "leave out the parentheses", "@%s has no arguments", use.Name)
		case declared == nil:
			p.add(s.at(a.Position), p.didYouMean(a.Name, names, "it has "+strings.Join(names, ", ")),
				"@%s has no argument %s", use.Name, a.Name)
		case seen[a.Name]:
			p.add(s.at(a.Position), "keep one of them", "the argument %s is given twice", a.Name)
		case !fits(a.Value, declared.Type):
			p.add(s.at(a.Value.Position), "write "+a.Name+": "+sample(declared.Type),
				"the argument %s of @%s is of type %s, not %s", a.Name, use.Name, declared.Type, literalWords[a.Value.Kind])
		}
		seen[a.Name] = true
	}
}

var literalWords = map[ast.ValueKind]string{
	ast.Variable: "a variable", ast.IntValue: "a number", ast.FloatValue: "a number", ast.StringValue: "a text",
	ast.BlockValue: "a text", ast.BooleanValue: "a truth value", ast.NullValue: "null", ast.EnumValue: "a bare word",
	ast.ListValue: "a list", ast.ObjectValue: "an object",
}

// fits says whether v is a literal of type t of directives.graphql.
func fits(v *ast.Value, t *ast.Type) bool {
	if t.Elem != nil {
		if v.Kind != ast.ListValue {
			return false
		}
		return !slices.ContainsFunc(v.Children, func(c *ast.ChildValue) bool { return !fits(c.Value, t.Elem) })
	}
	switch t.NamedType {
	case "String", "Duration":
		return v.Kind == ast.StringValue || v.Kind == ast.BlockValue
	case "Boolean":
		return v.Kind == ast.BooleanValue
	case "Float":
		return v.Kind == ast.IntValue || v.Kind == ast.FloatValue
	}
	return v.Kind != ast.Variable
}

func sample(t *ast.Type) string {
	if t.Elem != nil {
		return "[" + sample(t.Elem) + "]"
	}
	switch t.NamedType {
	case "Boolean":
		return "true"
	case "Float":
		return "0"
	case "Duration":
		return `"10s"`
	case "Literal":
		return "0"
	}
	return `"..."`
}
