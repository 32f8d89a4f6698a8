package schema

import "slices"

// build makes the parts of the model from the declarations.
func (p *parse) build() {
	for _, d := range p.order {
		switch d.kind {
		case assetDeclaration:
			p.buildAsset(d)
		case componentDeclaration:
			p.buildComponent(d)
		case recordDeclaration:
			p.buildRecord(d)
		}
	}
	for _, d := range p.order {
		if t := p.model.Types[d.name]; t != nil && t.Instantiable {
			for _, a := range append([]TypeName{t.Name}, t.Ancestors...) {
				p.model.Types[a].Concrete = append(p.model.Types[a].Concrete, t.Name)
			}
		}
	}
	for name, t := range p.model.Types {
		slices.Sort(t.Concrete)
		p.model.TypeNames = append(p.model.TypeNames, name)
	}
	slices.Sort(p.model.TypeNames)
	p.readDroppedTypes()
}

// parts are the fields of a type by what they are.
type parts struct {
	names         []string
	properties    []*Property
	relationships []*Relationship
	joins         []*Join
}

func partsOf(d *declaration) parts {
	var s parts
	for _, f := range d.fields {
		s.names = append(s.names, f.name)
		switch f.kind {
		case propertyField:
			s.properties = append(s.properties, f.property)
		case relationField:
			s.relationships = append(s.relationships, f.relation)
		case joinField:
			s.joins = append(s.joins, f.join)
		}
	}
	return s
}

func namesOfAll(declarations []*declaration) []TypeName {
	var names []TypeName
	for _, d := range declarations {
		names = append(names, d.name)
	}
	return names
}

func (p *parse) buildAsset(d *declaration) {
	u := uses{d.source, d.def.Directives}
	s := partsOf(d)
	t := &AssetType{
		Name: d.name, Description: d.def.Description, Abstract: d.abstract, Instantiable: !d.abstract,
		Exposed: !d.source.hidden, Parents: namesOfAll(d.parents), Ancestors: namesOfAll(d.ancestors),
		Fields: s.names, Properties: s.properties, Relationships: s.relationships, Joins: s.joins,
		RenamedFrom: TypeName(u.text("renamed", "from")), Dropped: p.dropped(d, u), Sources: u.origins(), Position: d.position,
		paths: make(map[Path]*Property),
	}
	if instantiable, given := u.truth("asset", "instantiable"); given {
		if !d.abstract {
			p.add(u.at("asset", "instantiable"), "leave it out; what only others extend is an interface", "a type always has entities of its own")
		}
		t.Instantiable = instantiable
	}
	if expose, given := u.truth("asset", "expose"); given {
		t.Exposed = expose
	}
	t.Singular = RootField(d.name)
	t.Plural = p.plural(u, "asset", t.Singular)
	p.buildLeaves(d, t)
	p.model.Types[d.name] = t
}

// buildLeaves finds the properties and relationships inside components.
func (p *parse) buildLeaves(d *declaration, t *AssetType) {
	byRelation := make(map[string]located)
	complete := p.walk(d, func(at located) {
		switch f := at.field; f.kind {
		case propertyField:
			t.paths[at.path] = f.property
			if f.property.Kind != Group {
				t.leaves = append(t.leaves, Leaf{at.path, f.property, at.within})
			}
		case relationField:
			if at.within != "" {
				inside := *f.relation
				inside.Field = string(at.path)
				t.Relationships = append(t.Relationships, &inside)
			}
			if !f.inverse {
				p.checkOneRelation(d, at, byRelation)
			}
		}
	})
	if !complete {
		p.add(d.position, "make some components asset types of their own",
			"%s has more than %d fields, those of its components included, or all types more than %d", d.name, MaxFields, MaxAllFields)
	}
}

// checkOneRelation reports two fields of one type that would share their relationships: (from, name, to) is the same.
func (p *parse) checkOneRelation(d *declaration, at located, byRelation map[string]located) {
	name := at.field.relation.Relation.Name
	first, again := byRelation[name]
	if !again {
		byRelation[name] = at
		return
	}
	pair := [2]Path{first.path, at.path}
	for _, a := range d.ancestors { // reported there
		if p.shared[a][pair] {
			return
		}
	}
	if p.shared[d] == nil {
		p.shared[d] = make(map[[2]Path]bool)
	}
	p.shared[d][pair] = true
	place := at.field.position
	if at.within != "" || first.within != "" {
		place = d.position
	}
	p.add(place, "give each its own relation name; a component with a relationship is included once",
		"%s.%s and %s.%s both start the relation %s, and its entity could not tell them apart",
		d.name, first.path, d.name, at.path, name)
}

func (p *parse) buildComponent(d *declaration) {
	u := uses{d.source, d.def.Directives}
	s := partsOf(d)
	p.model.Components[d.name] = &Component{
		Name: d.name, Description: d.def.Description, Abstract: d.abstract,
		Parents: namesOfAll(d.parents), Ancestors: namesOfAll(d.ancestors),
		Fields: s.names, Properties: s.properties, Relationships: s.relationships, Joins: s.joins,
		RenamedFrom: TypeName(u.text("renamed", "from")), Dropped: p.dropped(d, u), Sources: u.origins(), Position: d.position,
	}
}

func (p *parse) buildRecord(d *declaration) {
	u := uses{d.source, d.def.Directives}
	s := partsOf(d)
	r := &RecordType{
		Name: d.name, Description: d.def.Description, Singular: RootField(d.name),
		Connector: u.text("record", "connector"), Collection: u.text("record", "collection"), Key: u.text("record", "key"),
		Fields: s.names, Properties: s.properties, Joins: s.joins, Sources: u.origins(), Position: d.position,
	}
	r.Plural = p.plural(u, "record", r.Singular)
	if u.argument("record", "key") != nil {
		key, ok := r.Property(r.Key)
		switch {
		case !ok:
			p.add(u.at("record", "key"), p.didYouMean(r.Key, s.names, "name one of its fields"), "%s has no field %s to be its key", d.name, r.Key)
		case key.Type.List || key.Type.Scalar == JSON:
			p.add(u.at("record", "key"), "name a field with one value", "the key %s of %s is %s", r.Key, d.name, d.field(r.Key).def.Type)
		}
	}
	p.model.Records[d.name] = r
}
