package schema

// refine joins a repeated field with the inherited one: it may tighten checks, give a default or another source.
func (p *parse) refine(d *declaration, base, own *field) *field {
	if base.kind != own.kind {
		p.changed(d, base, own, "it is "+base.what()+" there, and "+own.what()+" here")
		return base
	}
	joined := *own
	joined.owner, joined.base = base.owner, base
	switch own.kind {
	case propertyField:
		joined.property = p.refineProperty(d, base, own)
	case relationField:
		joined.relation = p.refineRelation(d, base, own)
	case joinField:
		p.changed(d, base, own, "a join is declared once")
		return base
	}
	return &joined
}

func (f *field) what() string {
	switch f.kind {
	case relationField:
		return "a relationship"
	case joinField:
		return "a join"
	}
	return [...]string{"a static property", "a live property", "a computed property", "a component"}[f.property.Kind]
}

func (p *parse) changed(d *declaration, base, own *field, reason string) {
	p.add(own.position, "leave it out here, or give it another name: a repeated field keeps kind, type and target",
		"%s.%s changes the field inherited from %s at %s: %s", d.name, own.name, base.owner.name, base.position, reason)
}

func (p *parse) refineProperty(d *declaration, base, own *field) *Property {
	b, o := base.property, own.property
	live, computed := own.uses.has("live"), own.uses.has("computed")
	switch {
	case b.Kind == Group != (o.Kind == Group),
		live && b.Kind != Live, computed && b.Kind != Computed:
		p.changed(d, base, own, "it is "+base.what()+" there, and "+own.what()+" here")
		return b
	case b.Type.Scalar != o.Type.Scalar, b.Type.Enum != o.Type.Enum, b.Type.Component != o.Type.Component, b.Type.List != o.Type.List:
		p.changed(d, base, own, "it is "+base.def.Type.String()+" there, and "+own.def.Type.String()+" here")
		return b
	case b.Type.NonNull && !o.Type.NonNull, b.Type.Elements && !o.Type.Elements:
		p.changed(d, base, own, "it is "+base.def.Type.String()+" there; leaving out the ! would loosen it")
		return b
	case o.Unit != "" && o.Unit != b.Unit:
		p.changed(d, base, own, "its unit there is "+orNone(b.Unit))
		return b
	}
	if b.Kind != Static && (o.Default != nil || o.Unique || o.Index || o.Pattern != "" || o.Type.NonNull && b.Kind != Group) {
		p.changed(d, base, own, "it is "+base.what()+" there, which is not stored: it has no !, @default, @unique, @index or @pattern")
		return b
	}
	r := *b
	r.Position, r.Type = o.Position, o.Type
	r.Sources = append(r.Sources[:len(r.Sources):len(r.Sources)], o.Sources...)
	r.Personal = b.Personal || o.Personal
	r.Index = b.Index || o.Index
	if !b.Unique && o.Unique {
		r.Unique, r.UniqueIn = true, d.name
	}
	if o.Description != "" {
		r.Description = o.Description
	}
	if o.Deprecated != "" {
		r.Deprecated = o.Deprecated
	}
	if o.RenamedFrom != "" {
		p.add(own.uses.at("renamed", "from"), "write it where the field is first declared", "a repeated field is not renamed")
	}
	if o.Default != nil {
		r.Default = o.Default
	}
	p.refineSource(own, &r, o)
	p.refineChecks(d, base, own, &r)
	return &r
}

func (p *parse) refineSource(own *field, r, o *Property) {
	if o.Live != nil && own.uses.has("live") {
		r.Live = o.Live
	}
	if own.uses.has("computed") {
		r.Expr, r.ExprPosition = o.Expr, o.ExprPosition
	}
}

func (p *parse) refineChecks(d *declaration, base, own *field, r *Property) {
	b, o := base.property, own.property
	if o.Min != nil {
		if b.Min != nil && *o.Min < *b.Min {
			p.changed(d, base, own, "its least value there is "+number(*b.Min)+"; "+number(*o.Min)+" would loosen it")
			return
		}
		r.Min = o.Min
	}
	if o.Max != nil {
		if b.Max != nil && *o.Max > *b.Max {
			p.changed(d, base, own, "its greatest value there is "+number(*b.Max)+"; "+number(*o.Max)+" would loosen it")
			return
		}
		r.Max = o.Max
	}
	if r.Min != nil && r.Max != nil && *r.Min > *r.Max {
		p.changed(d, base, own, "together the ranges allow nothing")
	}
	if o.Pattern == "" || o.Pattern == b.Pattern {
		return
	}
	if b.Pattern != "" {
		p.changed(d, base, own, "it has the pattern "+b.Pattern+" there, and another cannot be shown to be tighter")
		return
	}
	r.Pattern, r.pattern = o.Pattern, o.pattern
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (p *parse) refineRelation(d *declaration, base, own *field) *Relationship {
	b, o := base.relation, own.relation
	switch {
	case b.Target != o.Target || b.Many != o.Many:
		p.changed(d, base, own, "it is "+base.def.Type.String()+" there, and "+own.def.Type.String()+" here")
		return b
	case b.NonNull && !o.NonNull:
		p.changed(d, base, own, "it is "+base.def.Type.String()+" there; leaving out the ! would loosen it")
		return b
	case own.uses.has("relation") && *o.Relation != *b.Relation:
		p.changed(d, base, own, "its @relation is another one there")
		return b
	}
	r := *b
	r.NonNull, r.Position = o.NonNull, o.Position
	if o.Description != "" {
		r.Description = o.Description
	}
	return &r
}
