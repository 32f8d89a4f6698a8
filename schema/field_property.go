package schema

func (p *parse) newProperty(d *declaration, f *field, kind PropertyKind, value ValueType) *Property {
	return &Property{
		Name: f.name, Description: f.def.Description, Kind: kind, Type: value, DeclaredIn: d.name, Position: f.position,
		Personal: f.uses.has("personal"), Deprecated: p.deprecated(f.uses),
		RenamedFrom: f.uses.text("renamed", "from"), Sources: f.uses.origins(),
	}
}

func (p *parse) deprecated(u uses) string {
	if !u.has("deprecated") {
		return ""
	}
	if reason := u.text("deprecated", "reason"); reason != "" {
		return reason
	}
	return "No longer supported"
}

// readProperty reads a field that holds values.
func (p *parse) readProperty(d *declaration, f *field, value ValueType) bool {
	f.kind = propertyField
	kind := Static
	switch {
	case d.kind == recordDeclaration:
		p.onlyDirectives(f, "a field of a record type", "unit", "personal", "source", "deprecated")
	case f.uses.has("live") && f.uses.has("computed"):
		p.add(f.uses.at("computed", ""), "keep one of them", "%s.%s is both live and computed", d.name, f.name)
		kind = Live
	case f.uses.has("live"):
		kind = Live
		p.onlyDirectives(f, "a live property", "live", "unit", "range", "personal", "renamed", "source", "deprecated")
	case f.uses.has("computed"):
		kind = Computed
		p.onlyDirectives(f, "a computed property", "computed", "unit", "range", "personal", "renamed", "source", "deprecated")
	default:
		p.onlyDirectives(f, "a static property", "unit", "unique", "index", "range", "pattern", "personal", "default",
			"renamed", "source", "deprecated")
	}
	if kind != Static {
		p.checkFederated(d, f, kind, value)
	}
	f.property = p.newProperty(d, f, kind, value)
	p.readUnit(f)
	p.readRange(f)
	p.readPattern(f)
	p.readUnique(d, f)
	p.readDefault(f)
	p.readLive(f)
	p.readComputed(f)
	return true
}

func (p *parse) checkFederated(d *declaration, f *field, kind PropertyKind, value ValueType) {
	what := "live"
	if kind == Computed {
		what = "computed"
	}
	at := d.source.at(f.def.Type.Position)
	if value.List {
		p.add(at, "use one field for each value", "a %s property is no list", what)
	}
	if value.NonNull {
		p.add(at, "leave out the !", "a %s property can always be without a value", what)
	}
}
