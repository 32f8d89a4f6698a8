package schema

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/fault"
)

type declarationKind uint8

const (
	assetDeclaration declarationKind = iota
	componentDeclaration
	recordDeclaration
	enumDeclaration
)

func (k declarationKind) String() string {
	return [...]string{"an asset type", "a component", "a record type", "an enum"}[k]
}

// declaration is a type as written, and what becomes of it.
type declaration struct {
	kind     declarationKind
	name     TypeName
	abstract bool
	def      *ast.Definition
	source   *source
	position fault.Position
	parents  []*declaration
	own      []*field
	// After expansion: ancestors nearest first, all fields with the inherited ones first.
	ancestors []*declaration
	fields    []*field
	byName    map[string]*field
	depth     int
	misnamed  bool // its name is reserved, which is reported
	state     visit
	nested    visit // of components in components
}

type visit uint8

const (
	unvisited visit = iota
	visiting
	visited
)

// field finds a field of d after expansion.
func (d *declaration) field(name string) *field { return d.byName[name] }

// declare finds the types of all files and what each of them is.
func (p *parse) declare() {
	names := make([]string, 0, len(p.sources))
	for name := range p.sources {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if s := p.sources[name]; s.doc != nil {
			p.declareFile(s)
		}
	}
	if len(p.order) > MaxDefinitions {
		p.add(fault.Position{}, "split the model", "the model has %d types; at most %d are read", len(p.order), MaxDefinitions)
		p.order = nil
	}
}

func (p *parse) declareFile(s *source) {
	for _, d := range s.doc.Schema {
		p.add(s.at(d.Position), "leave it out: the API's root is made from the model", "a model has no schema definition")
	}
	for _, d := range s.doc.SchemaExtension {
		for _, o := range d.OperationTypes {
			p.add(s.at(o.Position), "leave it out: the API's root is made from the model", "a model has no root operation types")
		}
		if m := d.Directives.ForName("model"); m != nil {
			if a := m.Arguments.ForName("expose"); a != nil && a.Value.Kind == ast.BooleanValue {
				s.hidden = a.Value.Raw == "false"
			}
		}
	}
	for _, d := range s.doc.Directives {
		p.add(s.at(d.Position), "the directives of the model language are built in; keep what it cannot say with @source",
			"a model declares no directives")
	}
	for _, d := range s.doc.DirectiveExtensions {
		p.add(s.at(d.Position), "leave it out", "a model declares no directives")
	}
	for _, d := range s.doc.Extensions {
		p.add(s.at(d.Position), "write the fields in the definition of "+d.Name+", or in an interface it implements",
			"%s is extended; a model has no extensions", d.Name)
	}
	for _, d := range s.doc.Definitions {
		p.declareType(s, d)
	}
}

func (p *parse) declareType(s *source, def *ast.Definition) {
	at := s.at(def.Position)
	kind, ok := p.kindOf(def, at)
	if !ok {
		return
	}
	name := TypeName(def.Name)
	if first := p.decls[name]; first != nil {
		p.add(at, "rename one of them", "%s is declared twice; the first is at %s", name, first.position)
		return
	}
	d := &declaration{
		kind: kind, name: name, abstract: def.Kind == ast.Interface, def: def, source: s, position: at,
	}
	p.decls[name] = d
	p.order = append(p.order, d)
	p.checkTypeName(d)
}

func (p *parse) kindOf(def *ast.Definition, at fault.Position) (declarationKind, bool) {
	switch def.Kind {
	case ast.Enum:
		return enumDeclaration, true
	case ast.Object, ast.Interface:
	case ast.Scalar:
		p.add(at, "use one of "+strings.Join(scalarNames[:], ", "), "a model declares no scalars; %s is one", def.Name)
		return 0, false
	case ast.Union:
		p.add(at, "write an interface with @asset that the types implement", "a model has no unions; %s is one", def.Name)
		return 0, false
	default:
		p.add(at, "the API makes the inputs; a group of fields is a type with @component",
			"a model has no inputs; %s is one", def.Name)
		return 0, false
	}
	var found []declarationKind
	for kind, directive := range [...]string{"asset", "component", "record"} {
		if def.Directives.ForName(directive) != nil {
			found = append(found, declarationKind(kind))
		}
	}
	if len(found) == 1 {
		return found[0], true
	}
	if len(found) > 1 {
		p.add(at, "keep one of them", "%s is %s and %s", def.Name, found[0], found[1])
		return found[0], true
	}
	p.add(at, "add @asset (it has entities), @component (a group of fields) or @record (rows of another system)",
		"it is not said what %s is", def.Name)
	return assetDeclaration, true
}
