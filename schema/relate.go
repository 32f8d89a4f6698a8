package schema

import (
	"slices"

	"mereon/schema/fault"
)

// use is a declaration of a relation, with the asset types whose entities can be its source.
type use struct {
	field   *field
	sources []*declaration
}

// relate makes one Relation of all declarations of a name, the hierarchies, and the inverse fields.
func (p *parse) relate() {
	byName := p.relationUses()
	names := make([]string, 0, len(byName))
	for name := range byName {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		p.agree(byName[name])
	}
	for _, d := range p.order { // refined copies
		for _, f := range d.fields {
			if f.kind == relationField {
				f.relation.Relation = p.model.Relations[f.relation.Relation.Name]
			}
		}
	}
	p.gatherHierarchies(names)
	p.checkRenames()
	below := p.descendants()
	for _, name := range names {
		if p.model.Relations[name].Inverse != "" {
			p.addInverse(p.model.Relations[name], byName[name], below)
		}
	}
}

// relationUses finds the declarations by relation name. Refined copies count as their first declaration.
func (p *parse) relationUses() map[string][]*use {
	byName := make(map[string][]*use)
	byField := make(map[*field]*use)
	for _, d := range p.order {
		for _, f := range d.own {
			if inherited := d.field(f.name); f.kind != relationField || inherited != f {
				continue // it repeats an inherited field
			}
			u := &use{field: f}
			byField[f] = u
			byName[f.relation.Relation.Name] = append(byName[f.relation.Relation.Name], u)
		}
	}
	for _, d := range p.order {
		if d.kind == assetDeclaration {
			p.walk(d, func(at located) {
				if u := byField[at.field.first()]; u != nil && !slices.Contains(u.sources[max(0, len(u.sources)-1):], d) {
					u.sources = append(u.sources, d)
				}
			})
		}
	}
	return byName
}

// first returns the declaration that f repeats, through all steps.
func (f *field) first() *field {
	for f.base != nil {
		f = f.base
	}
	return f
}

// agree checks that all declarations of a relation mean the same and makes them share one Relation.
func (p *parse) agree(uses []*use) {
	first := uses[0].field
	shared := first.relation.Relation
	for _, u := range uses[1:] {
		r := u.field.relation.Relation
		if reason := disagreement(shared, r); reason != "" {
			p.add(u.field.position, "a relation means the same wherever it is declared: make them alike, or give one another name",
				"the relation %s is declared differently here and at %s: %s", r.Name, first.position, reason)
		}
		if shared.Inverse == "" {
			shared.Inverse = r.Inverse
		}
	}
	p.model.Relations[shared.Name] = shared
	for _, u := range uses {
		u.field.relation.Relation = shared
	}
}

func disagreement(a, b *Relation) string {
	switch {
	case a.Single != b.Single:
		return "one is a list, the other is not"
	case a.Hierarchy != b.Hierarchy:
		return "their hierarchies are " + orNone(a.Hierarchy) + " and " + orNone(b.Hierarchy)
	case a.InverseOne != b.InverseOne:
		return "only one says inverseOne"
	case a.Props != b.Props:
		return "their props are " + orNone(string(a.Props)) + " and " + orNone(string(b.Props))
	case a.Inverse != b.Inverse && a.Inverse != "" && b.Inverse != "":
		return "their inverses are " + a.Inverse + " and " + b.Inverse
	}
	return ""
}

func (p *parse) gatherHierarchies(relations []string) {
	for _, name := range relations {
		r := p.model.Relations[name]
		if r.Hierarchy == "" {
			continue
		}
		h := p.model.Hierarchies[r.Hierarchy]
		if h == nil {
			h = &Hierarchy{Name: r.Hierarchy}
			p.model.Hierarchies[r.Hierarchy] = h
		}
		h.Relations = append(h.Relations, r)
	}
}

// descendants returns all asset types below each one.
func (p *parse) descendants() map[*declaration][]*declaration {
	below := make(map[*declaration][]*declaration)
	for _, d := range p.order {
		if d.kind == assetDeclaration {
			for _, a := range d.ancestors {
				below[a] = append(below[a], d)
			}
		}
	}
	return below
}

// addInverse adds the field that follows r backwards to all targets of all its declarations and to what is below them.
// Its own target is the nearest common ancestor of everything the relation can start from.
func (p *parse) addInverse(r *Relation, uses []*use, below map[*declaration][]*declaration) {
	if p.tooMany {
		return
	}
	var sources []*declaration
	for _, u := range uses {
		sources = append(sources, u.sources...)
	}
	if len(sources) == 0 {
		return
	}
	target := commonAncestor(sources)
	given := make(map[*declaration]bool)
	for _, u := range uses {
		for _, t := range p.targets(u.field.relation.Target) {
			if given[t] {
				continue
			}
			f := p.inverseField(r, u.field, t, target)
			p.checkInverseName(f)
			for _, d := range append([]*declaration{t}, below[t]...) {
				if !given[d] {
					given[d] = true
					p.giveInverse(d, f, u.field)
				}
			}
		}
	}
}

// targets are the types that get the inverse field: the target, or with Entity every type without parents.
func (p *parse) targets(name TypeName) []*declaration {
	if name != EntityType {
		return []*declaration{p.decls[name]}
	}
	var roots []*declaration
	for _, d := range p.order {
		if d.kind == assetDeclaration && len(d.parents) == 0 {
			roots = append(roots, d)
		}
	}
	return roots
}

func (p *parse) inverseField(r *Relation, forward *field, on *declaration, target TypeName) *field {
	return &field{
		name: r.Inverse, owner: on, def: forward.def, uses: forward.uses, kind: relationField, inverse: true,
		position: p.inverseAt(forward),
		relation: &Relationship{
			Field: r.Inverse, Description: forward.def.Description, Relation: r, Inverse: true, Many: !r.InverseOne,
			Target: target, DeclaredIn: on.name, Position: p.inverseAt(forward),
		},
	}
}

// checkInverseName refuses what a field of its own could not be called.
func (p *parse) checkInverseName(f *field) {
	if ReservedField(f.name) {
		p.add(f.position, "give it another name", "%s is a reserved field name", f.name)
	}
}

func (p *parse) inverseAt(forward *field) fault.Position {
	return forward.uses.at("relation", "inverse")
}

func (p *parse) giveInverse(d *declaration, f, forward *field) {
	if other := d.byName[f.name]; other != nil {
		clash := [2]*field{f, other.first()}
		if !p.clashes[clash] { // types below repeat it
			p.clashes[clash] = true
			p.add(f.position, "give the inverse another name", "the inverse %s of %s.%s clashes with the field of %s at %s",
				f.name, forward.owner.name, forward.name, d.name, other.position)
		}
		return
	}
	if p.allFields++; p.allFields > MaxAllFields || len(d.fields) >= MaxFields {
		if !p.tooMany {
			p.tooMany = true
			p.add(f.position, "leave out inverses that nobody follows", "with the inverse %s, %s has more than %d fields, or all types more than %d",
				f.name, d.name, MaxFields, MaxAllFields)
		}
		return
	}
	d.fields = append(d.fields, f)
	d.byName[f.name] = f
}

// commonAncestor returns the nearest type that all sources are, else Entity.
func commonAncestor(sources []*declaration) TypeName {
	candidates := append([]*declaration{sources[0]}, sources[0].ancestors...)
	for _, s := range sources[1:] {
		candidates = slices.DeleteFunc(candidates, func(c *declaration) bool {
			return c != s && !slices.Contains(s.ancestors, c)
		})
	}
	if len(candidates) == 0 {
		return EntityType
	}
	return candidates[0].name
}
