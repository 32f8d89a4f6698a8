package schema

import "slices"

// dropped returns the fields that @dropped on a type says are gone.
func (p *parse) dropped(d *declaration, u uses) []string {
	names := u.names("dropped", "names")
	for _, name := range names {
		if f := d.field(name); f != nil {
			p.add(u.at("dropped", "names"), "take it out of @dropped, or delete the field", "%s.%s is said to be dropped and is declared at %s",
				d.name, name, f.position)
		}
	}
	return names
}

// readDroppedTypes reads extend schema @dropped.
func (p *parse) readDroppedTypes() {
	for _, f := range p.model.Files {
		s := p.sources[f.Name]
		if s == nil || s.doc == nil {
			continue
		}
		for _, extension := range s.doc.SchemaExtension {
			u := uses{s, extension.Directives}
			for _, name := range u.names("dropped", "names") {
				if d := p.decls[TypeName(name)]; d != nil {
					p.add(u.at("dropped", "names"), "take it out of @dropped, or delete the type", "%s is said to be dropped and is declared at %s",
						name, d.position)
				}
				p.model.Dropped = append(p.model.Dropped, TypeName(name))
			}
		}
	}
	slices.Sort(p.model.Dropped)
	p.model.Dropped = slices.Compact(p.model.Dropped)
}

// checkRenames reports an old name that is still in use.
func (p *parse) checkRenames() {
	for _, d := range p.order {
		if from := (uses{d.source, d.def.Directives}).text("renamed", "from"); p.decls[TypeName(from)] != nil {
			p.add(uses{d.source, d.def.Directives}.at("renamed", "from"), "name what it was called before",
				"%s cannot have been %s, which is declared at %s", d.name, from, p.decls[TypeName(from)].position)
		}
		for _, f := range d.own {
			other := d.field(f.uses.text("renamed", "from"))
			if other != nil {
				p.add(f.uses.at("renamed", "from"), "name what it was called before", "%s.%s cannot have been %s, which is declared at %s",
					d.name, f.name, other.name, other.position)
			}
		}
	}
}
