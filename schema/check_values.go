package schema

// checkDefault asks the same of a default as of every other value; refined checks are known here.
func (p *parse) checkDefault(f *field) {
	if f == nil || f.kind != propertyField || f.property.Default == nil {
		return
	}
	at := f.position
	if f.uses.has("default") {
		at = f.uses.at("default", "value")
	}
	for _, err := range CheckValue(f.property, *f.property.Default) {
		p.add(at, "give a default that the property allows", "the default of %s: %s", f.name, err)
	}
}

// checkPropsStatic checks that the properties of a relationship are stored with it.
func (p *parse) checkPropsStatic(f *field) {
	props := p.decls[f.relation.Relation.Props]
	if props == nil || props.kind != componentDeclaration || !f.uses.has("relation") {
		return
	}
	p.walk(props, func(at located) {
		if at.field.kind != propertyField || at.field.property.Kind != Static {
			p.add(f.uses.at("relation", "props"), "a relationship keeps static properties only; the rest belongs to one of its ends",
				"%s.%s is %s", props.name, at.path, at.field.what())
		}
	})
}
