package schema

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/fault"
)

type fieldKind uint8

const (
	propertyField fieldKind = iota
	relationField
	joinField
)

// field is a field of a type: as written, or as it is after a repeated field was joined with the inherited one.
type field struct {
	name     string
	owner    *declaration // where it is first declared
	def      *ast.FieldDefinition
	uses     uses
	position fault.Position
	kind     fieldKind
	property *Property
	relation *Relationship // its Relation holds what this declaration says until relate agrees on one
	join     *Join
	inverse  bool   // made by relate
	base     *field // the inherited field that this one repeats
	circular bool   // leads back to the component it is in
}

// readTypes reads enums first, since defaults name their values, then the fields of the other types.
func (p *parse) readTypes() {
	for _, d := range p.order {
		if d.kind == enumDeclaration {
			p.readEnum(d)
		}
	}
	for _, d := range p.order {
		if d.kind != enumDeclaration {
			p.readParents(d)
			p.readFields(d)
		}
	}
}

func (p *parse) readFields(d *declaration) {
	seen := make(map[string]*field, len(d.def.Fields))
	for _, def := range d.def.Fields {
		at := d.source.at(def.Position)
		if first := seen[def.Name]; first != nil {
			p.add(at, "rename one of them", "%s.%s is declared twice; the first is at %s", d.name, def.Name, first.position)
			continue
		}
		f := &field{
			name: def.Name, owner: d, def: def, uses: uses{d.source, def.Directives}, position: at,
		}
		seen[def.Name] = f
		p.checkFieldName(d, f)
		if len(def.Arguments) > 0 {
			p.add(d.source.at(def.Arguments[0].Position), "leave out the parentheses: the API adds the arguments",
				"a field of a model has no arguments")
		}
		if p.readField(d, f) {
			d.own = append(d.own, f)
		}
	}
}

// readField decides what the field is by its type and reads it. It returns false when nothing more can be said of it.
func (p *parse) readField(d *declaration, f *field) bool {
	t := f.def.Type
	list := t.Elem != nil
	if list && t.Elem.Elem != nil {
		p.add(d.source.at(t.Position), "make the inner list a component or a JSON value", "a list of lists is no type of a field")
		return false
	}
	name := t.Name()
	if len(name) > MaxNameLength {
		p.add(d.source.at(t.Position), "shorten it", "the name of the type has %d characters; at most %d are allowed", len(name), MaxNameLength)
		return false
	}
	value := ValueType{List: list, NonNull: t.NonNull, Elements: list && t.Elem.NonNull}
	if scalar, ok := ScalarOf(name); ok {
		value.Scalar = scalar
		return p.readProperty(d, f, value)
	}
	if TypeName(name) == EntityType {
		return p.readLink(d, f, nil)
	}
	target := p.decls[TypeName(name)]
	if target == nil {
		p.unknownType(d, f, name)
		return false
	}
	switch target.kind {
	case enumDeclaration:
		value.Scalar, value.Enum = String, target.name
		return p.readProperty(d, f, value)
	case componentDeclaration:
		return p.readGroup(d, f, target, value)
	}
	return p.readLink(d, f, target)
}

func (p *parse) unknownType(d *declaration, f *field, name string) {
	if p.broken {
		return
	}
	names := p.typeNames()
	hint := "declare it, or use one of " + strings.Join(scalarNames[:], ", ")
	p.add(d.source.at(f.def.Type.Position), p.didYouMean(name, names, hint), "there is no type %s", name)
}

// typeNames returns what the type of a field can be called, sorted, so that suggestions do not vary.
func (p *parse) typeNames() []string {
	if p.names == nil {
		p.names = append(p.names, scalarNames[:]...)
		for known := range p.decls {
			p.names = append(p.names, string(known))
		}
		slices.Sort(p.names)
	}
	return p.names
}

// readLink reads a field whose type is an asset type, Entity (target nil) or a record type.
func (p *parse) readLink(d *declaration, f *field, target *declaration) bool {
	record := target != nil && target.kind == recordDeclaration
	switch {
	case d.kind == recordDeclaration || record || f.uses.has("join"):
		return p.readJoin(d, f, target)
	default:
		return p.readRelation(d, f, target)
	}
}

// readGroup reads a field whose type is a component.
func (p *parse) readGroup(d *declaration, f *field, target *declaration, value ValueType) bool {
	at := d.source.at(f.def.Type.Position)
	switch {
	case d.kind == recordDeclaration:
		p.add(at, "write its fields one by one", "a record type has no components")
		return false
	case value.List:
		p.add(at, "name several fields ("+f.name+"1, "+f.name+"2), or make it an asset type and relate it",
			"a component is held once, not in a list")
		return false
	case target.abstract:
		p.add(at, "use a type that implements it", "%s is an interface; a field needs a component that is a type", target.name)
		return false
	}
	value.Component = target.name
	value.Scalar = JSON
	f.kind = propertyField
	p.onlyDirectives(f, "a component", "renamed", "source", "deprecated", "personal")
	f.property = p.newProperty(d, f, Group, value)
	return true
}

// onlyDirectives reports the directives of f that do not go with what it is.
func (p *parse) onlyDirectives(f *field, what string, allowed ...string) {
	for _, use := range f.def.Directives {
		def := directiveDefinitions()[use.Name]
		if def == nil || !slices.Contains(def.Locations, ast.LocationFieldDefinition) || slices.Contains(allowed, use.Name) {
			continue
		}
		p.add(f.uses.source.atDirective(use), "leave it out", "@%s does not go with %s", use.Name, what)
	}
}
