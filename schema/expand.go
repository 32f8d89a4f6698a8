package schema

// expand gives every type the fields it inherits.
func (p *parse) expand() {
	for _, d := range p.order {
		if d.kind == enumDeclaration {
			continue
		}
		p.expandOne(d)
		if d.kind == componentDeclaration && !d.abstract && len(d.fields) == 0 && len(d.def.Fields)+len(d.def.Interfaces) == 0 {
			p.add(d.position, "write type "+string(d.name)+" @component { ... }", "the component %s has no fields", d.name)
		}
		p.allFields += len(d.fields)
		if len(d.fields) > MaxFields {
			p.add(d.position, "move some of them into components", "%s has %d fields; at most %d are allowed", d.name, len(d.fields), MaxFields)
			d.setFields(nil)
		}
		if p.allFields > MaxAllFields {
			p.add(d.position, "split the model", "the types have more than %d fields together", MaxAllFields)
			return
		}
	}
	for _, d := range p.order {
		if d.kind == componentDeclaration {
			p.checkNesting(d, nil)
		}
	}
}

func (d *declaration) setFields(fields []*field) {
	d.fields, d.byName = fields, make(map[string]*field, len(fields))
	for _, f := range fields {
		d.byName[f.name] = f
	}
}

func (p *parse) expandOne(d *declaration) {
	own := make(map[string]*field, len(d.own))
	for _, f := range d.own {
		own[f.name] = f
	}
	at := make(map[string]int)
	var fields []*field
	for _, parent := range d.parents {
		for _, f := range parent.fields {
			i, known := at[f.name]
			if !known {
				at[f.name] = len(fields)
				fields = append(fields, f)
				continue
			}
			fields[i] = p.joinInherited(d, fields[i], f, own[f.name] != nil)
		}
	}
	for _, f := range d.own {
		if i, known := at[f.name]; known {
			fields[i] = p.refine(d, fields[i], f)
			continue
		}
		if f.kind == relationField && !f.uses.has("relation") {
			p.add(f.position, `add @relation(name: "`+f.name+`"), or "hierarchy:" too when it is a tree`,
				"%s.%s points to an asset type and has no @relation", d.name, f.name)
		}
		at[f.name] = len(fields)
		fields = append(fields, f)
	}
	d.setFields(fields)
}

// joinInherited decides between two inherited fields of one name. Both may come from the same declaration, one of them
// refined on the way; else they must mean the same.
func (p *parse) joinInherited(d *declaration, a, b *field, repeated bool) *field {
	if a == b {
		return a
	}
	if a.owner == b.owner {
		switch {
		case a.refines(b):
			return a
		case b.refines(a):
			return b
		case repeated:
			return a // the type's own field says what holds
		}
		p.add(d.position, "repeat "+a.name+" in "+string(d.name)+" to say which holds",
			"%s inherits %s twice, refined differently: at %s and at %s", d.name, a.name, a.position, b.position)
		return a
	}
	if reason := difference(a, b); reason != "" {
		p.add(d.position, "rename one of them, or declare it in one interface that both implement",
			"%s inherits two fields named %s, at %s and at %s: %s", d.name, a.name, a.position, b.position, reason)
	}
	return a
}

// refines says whether f came from repeating other, directly or by steps.
func (f *field) refines(other *field) bool {
	for base := f.base; base != nil; base = base.base {
		if base == other {
			return true
		}
	}
	return false
}

// difference says why two fields of one name do not mean the same, "" when they do.
func difference(a, b *field) string {
	switch {
	case a.kind != b.kind || a.kind == joinField:
		return "they are not the same field"
	case a.def.Type.String() != b.def.Type.String():
		return "one is " + a.def.Type.String() + ", the other " + b.def.Type.String()
	case a.kind == relationField:
		if a.relation.Relation.Name != b.relation.Relation.Name {
			return "their relations are " + a.relation.Relation.Name + " and " + b.relation.Relation.Name
		}
		return ""
	case a.property.Kind != b.property.Kind:
		return "they do not come from the same kind of source"
	case a.property.Kind != Static && a.property.Kind != Group:
		return "both say where the value comes from"
	case a.property.Unit != b.property.Unit:
		return "their units differ"
	case !sameNumber(a.property.Min, b.property.Min) || !sameNumber(a.property.Max, b.property.Max) || a.property.Pattern != b.property.Pattern:
		return "their checks differ"
	case !sameDefault(a.property.Default, b.property.Default):
		return "their defaults differ"
	case a.property.Unique || b.property.Unique:
		return "one of them is unique within its own type"
	}
	return ""
}

// checkNesting reports a component that includes itself, once, at the field that closes the circle.
func (p *parse) checkNesting(d *declaration, path []*declaration) {
	if d.nested == visited {
		return
	}
	if len(path) > MaxDepth {
		p.add(d.position, "leave some steps out", "components are nested more than %d deep", MaxDepth)
		d.nested = visited
		return
	}
	d.nested = visiting
	for _, f := range d.fields {
		inner := p.componentOf(f)
		if inner == nil {
			continue
		}
		if inner.nested == visiting {
			p.add(f.position, "a component is included by value; use an asset type and a relationship instead",
				"the component %s includes itself through %s.%s", inner.name, d.name, f.name)
			f.circular = true
			continue
		}
		p.checkNesting(inner, append(path, d))
	}
	d.nested = visited
}

// componentOf returns the component that is the type of f, nil when it is none or leads back to itself.
func (p *parse) componentOf(f *field) *declaration {
	if f.kind != propertyField || f.property.Kind != Group || f.circular {
		return nil
	}
	return p.decls[f.property.Type.Component]
}
