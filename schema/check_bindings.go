package schema

import (
	"strings"
	"unicode/utf8"

	"mereon/schema/fault"
)

// checkBindings checks the paths in templates and joins, where inheritance and components are known.
func (p *parse) checkBindings() {
	for _, d := range p.order {
		if d.kind == enumDeclaration {
			continue
		}
		for _, own := range d.own {
			p.checkDefault(d.field(own.name))
			if own.kind == relationField {
				p.checkPropsStatic(own)
			}
		}
		for _, f := range d.fields {
			if f.kind == propertyField && f.property.Live != nil && p.changedIn(d, f) {
				p.checkTemplate(d, f)
			}
			if f.kind == joinField && f.owner == d {
				p.checkJoin(d, f)
			}
		}
		if d.kind == assetDeclaration {
			p.checkEntityPaths(d)
		}
	}
}

// changedIn says whether the binding of f is written in d.
func (p *parse) changedIn(d *declaration, f *field) bool {
	return f.uses.source == d.source && d.writes(f)
}

func (d *declaration) writes(f *field) bool {
	for _, own := range d.own {
		if own.def == f.def {
			return own.uses.has("live")
		}
	}
	return false
}

func (p *parse) checkTemplate(d *declaration, f *field) {
	for _, path := range f.property.Live.Ref.Paths {
		inner, inEntity := strings.CutPrefix(string(path), "entity.")
		at := within(f.uses.textAt("live", "ref"), f.uses.text("live", "ref"), string(path))
		switch {
		case inEntity && d.kind == assetDeclaration:
			p.add(at, "write {"+inner+"}", "entity. is for components; here names mean the entity already")
		case inEntity: // checked for each asset type that has the component
		default:
			p.checkTemplatePath(d, path, at)
		}
	}
}

func (p *parse) checkTemplatePath(d *declaration, path Path, at fault.Position) {
	if d.kind == assetDeclaration && builtIn(path) {
		return
	}
	found, known := p.lookUp(d, path)
	switch {
	case found == nil && d.kind == componentDeclaration && builtIn(path):
		p.add(at, "write {entity."+string(path)+"}", "%s has no property %s; inside a component names mean the component", d.name, path)
	case found == nil:
		p.add(at, p.didYouMean(string(path), known, "static properties, id, name and externalIds.SYSTEM can be put in"),
			"%s has no property %s", d.name, path)
	case found.kind != propertyField || found.property.Kind != Static || found.property.Type.List || found.property.Type.Scalar == JSON:
		p.add(at, "a reference is put together from static properties with one value", "%s is %s and cannot be part of a reference", path, found.valueWhat())
	}
}

func (f *field) valueWhat() string {
	if f.kind == propertyField && f.property.Kind == Static {
		return f.def.Type.String()
	}
	return f.what()
}

// checkEntityPaths checks entity.x inside components for each asset type that has them.
func (p *parse) checkEntityPaths(d *declaration) {
	p.walk(d, func(at located) {
		f := at.field
		if at.within == "" {
			return
		}
		switch {
		case f.kind == propertyField && f.property.Live != nil:
			for _, path := range f.property.Live.Ref.Paths {
				p.checkEntityPath(d, f, path)
			}
		case f.kind == joinField:
			for _, pair := range f.join.On {
				p.checkEntityPath(d, f, pair.Ours)
			}
		}
	})
}

func (p *parse) checkEntityPath(d *declaration, f *field, path Path) {
	inner, inEntity := strings.CutPrefix(string(path), "entity.")
	if !inEntity || builtIn(Path(inner)) {
		return
	}
	found, known := p.lookUp(d, Path(inner))
	if found == nil || found.kind != propertyField || found.property.Kind != Static {
		p.add(d.position, p.didYouMean(inner, known, "add it to "+string(d.name)), "%s has no static property %s, which %s.%s at %s needs",
			d.name, inner, f.owner.name, f.name, f.position)
	}
}

// lookUp finds the field at a dotted path of d, and the names there were at the step that failed.
func (p *parse) lookUp(d *declaration, path Path) (*field, []string) {
	name, rest, nested := strings.Cut(string(path), ".")
	f := d.field(name)
	if f == nil {
		names := []string{"id", "name"}
		for _, other := range d.fields {
			names = append(names, other.name)
		}
		return nil, names
	}
	if !nested {
		return f, nil
	}
	inner := p.componentOf(f)
	if inner == nil {
		return nil, nil
	}
	return p.lookUp(inner, Path(rest))
}

// builtIn says whether path is a text that every entity has.
func builtIn(path Path) bool {
	return path == "id" || path == "name" || strings.HasPrefix(string(path), "externalIds.")
}

// within returns the place of part inside text, which begins at at.
func within(at fault.Position, text, part string) fault.Position {
	if i := wordIn(text, part); i >= 0 && !strings.Contains(text[:i], "\n") && at.Line > 0 {
		at.Column += utf8.RuneCountInString(text[:i])
	}
	return at
}
