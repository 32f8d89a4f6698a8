package schema

import (
	"slices"
	"strings"
)

// readRelation reads a field whose type is an asset type, or Entity when target is nil. Whether @relation is there is
// asked when a field is known not to repeat an inherited one.
func (p *parse) readRelation(d *declaration, f *field, target *declaration) bool {
	t := f.def.Type
	f.kind = relationField
	p.onlyDirectives(f, "a relationship", "relation", "renamed", "source", "deprecated")
	name := f.uses.text("relation", "name")
	if name == "" {
		name = f.name
	}
	many := t.Elem != nil
	r := &Relation{
		Name: name, Single: !many, Hierarchy: f.uses.text("relation", "hierarchy"),
		Props: TypeName(f.uses.text("relation", "props")), Inverse: f.uses.text("relation", "inverse"),
	}
	r.InverseOne, _ = f.uses.truth("relation", "inverseOne")
	if r.Hierarchy != "" {
		r.ToParent = !many
		r.InverseOne = r.InverseOne || many // one parent per hierarchy
	}
	f.relation = &Relationship{
		Field: f.name, Description: f.def.Description, Relation: r, Many: many, NonNull: t.NonNull && !many,
		Target: EntityType, DeclaredIn: d.name, RenamedFrom: f.uses.text("renamed", "from"), Position: f.position,
	}
	if target != nil {
		f.relation.Target = target.name
	}
	for _, argument := range []string{"name", "inverse", "hierarchy"} {
		p.checkArgumentName(f, argument)
	}
	p.checkProps(f, r.Props)
	return true
}

func (p *parse) checkArgumentName(f *field, argument string) {
	a := f.uses.argument("relation", argument)
	if a == nil || validName(a.Value.Raw) && !strings.HasPrefix(a.Value.Raw, "__") && len(a.Value.Raw) <= MaxNameLength {
		return
	}
	p.add(f.uses.at("relation", argument), "use letters, digits and _, beginning with a letter", "%q is no name", a.Value.Raw)
}

// checkProps checks the component that holds the properties of each relationship.
func (p *parse) checkProps(f *field, props TypeName) {
	if props == "" {
		return
	}
	at := f.uses.at("relation", "props")
	c := p.decls[props]
	switch {
	case c == nil:
		if !p.broken {
			p.add(at, p.didYouMean(string(props), p.namesOf(componentDeclaration), "declare it: type "+string(props)+" @component { ... }"),
				"there is no component %s", props)
		}
	case c.kind != componentDeclaration || c.abstract:
		p.add(at, "name a type with @component", "%s is %s; the properties of a relationship are a component that is a type", props, c.what())
	}
}

func (d *declaration) what() string {
	if d.abstract {
		return "an interface"
	}
	return d.kind.String()
}

// namesOf returns the names of all types of a kind, sorted.
func (p *parse) namesOf(kind declarationKind) []string {
	var names []string
	for name, d := range p.decls {
		if d.kind == kind {
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	return names
}

// readJoin reads a field that reaches records, or what a record names. Its paths are checked after inheritance.
func (p *parse) readJoin(d *declaration, f *field, target *declaration) bool {
	f.kind = joinField
	at := d.source.at(f.def.Type.Position)
	if target == nil {
		p.add(at, "name the asset type", "a join has an asset type or a record type as its target, not Entity")
		return false
	}
	p.onlyDirectives(f, "a join", "join", "source", "deprecated")
	if d.kind != recordDeclaration && target.kind == assetDeclaration {
		p.add(f.uses.at("join", ""), "use @relation: asset types are linked by relationships", "%s joins an asset type to an asset type", f.name)
		return false
	}
	if !f.uses.has("join") {
		p.add(f.position, `add @join(where: "theirs = ours"): a field of `+string(target.name)+" equals a field of "+string(d.name),
			"%s.%s reaches %s and does not say how", d.name, f.name, target.name)
		return false
	}
	if f.def.Type.NonNull && f.def.Type.Elem == nil {
		p.add(at, "leave out the !", "a joined record can always be missing")
	}
	f.join = &Join{
		Field: f.name, Description: f.def.Description, Target: target.name, Many: f.def.Type.Elem != nil,
		DeclaredIn: d.name, Position: f.position,
	}
	where := f.uses.text("join", "where")
	for pair := range strings.SplitSeq(where, " and ") {
		theirs, ours, ok := strings.Cut(pair, "=")
		theirs, ours = strings.TrimSpace(theirs), strings.TrimSpace(ours)
		if !ok || !validPath(theirs) || !validPath(ours) {
			p.add(f.uses.textAt("join", "where"), `write where: "theirs = ours and theirs2 = ours2"`, "%q is no join", strings.TrimSpace(pair))
			f.join.On = nil
			return true
		}
		f.join.On = append(f.join.On, JoinPair{Theirs: Path(theirs), Ours: Path(ours)})
	}
	return true
}
