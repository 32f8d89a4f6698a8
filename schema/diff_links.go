package schema

import (
	"fmt"
	"slices"
	"strings"
)

// relationships compares the relationship fields of a type, those of its components included.
func (d *differ) relationships(old, new *AssetType) {
	o, met := ownerOf(old, new, d.new.Types), make(map[string]bool)
	for _, r := range new.Relationships {
		before, ok := formerField(o, old, r)
		if !ok {
			d.relationshipNew(old, r)
			continue
		}
		met[before.Field] = true
		d.relationship(old, before, r)
	}
	for _, r := range old.Relationships {
		if !met[r.Field] {
			d.relationshipGone(o, old, r)
		}
	}
}

// formerField finds what r was: by its name, by @renamed, or by its relation, whose stored relationships are still those of r.
func formerField(o owner, old *AssetType, r *Relationship) (*Relationship, bool) {
	within := strings.TrimSuffix(strings.TrimSuffix(r.Field, lastName(r.Field)), ".")
	if within != "" {
		before, ok := o.formerly(Path(within))
		if !ok {
			return nil, false
		}
		within = string(before) + "."
	}
	for _, name := range []string{lastName(r.Field), r.RenamedFrom} {
		if before, ok := old.Relationship(within + name); ok && before.Inverse == r.Inverse {
			return before, true
		}
	}
	if r.Inverse {
		return nil, false
	}
	return old.Forward(r.Relation.Name)
}

func (r *Relationship) subject() string { return string(r.DeclaredIn) + "." + lastName(r.Field) }

func lastName(field string) string { return field[strings.LastIndexByte(field, '.')+1:] }

func (d *differ) relationshipNew(old *AssetType, r *Relationship) {
	x := Difference{Impact: Additive, Subject: r.subject(), Message: "it is new", Position: r.Position}
	if r.NonNull && old.Instantiable {
		x.Impact, x.Data = Breaking, "entities without a target would be invalid"
		x.Stored = []Stored{{Type: old.Name, Relation: r.Relation.Name, Missing: true}}
		x.Fix = "leave out the !, or give every entity a target in the same apply"
	}
	d.add(x)
}

func (d *differ) relationshipGone(o owner, old *AssetType, r *Relationship) {
	x := Difference{Impact: Breaking, Subject: r.subject(), Message: "it is gone", Position: r.Position}
	if r.Inverse || !old.Instantiable {
		d.add(x)
		return
	}
	if o.isDropped(Path(r.Field), d.new.Components) {
		x.Data = "stored relationships are deleted, as @dropped says"
		m := d.migration.of(old.Name)
		m.DropRelations = append(m.DropRelations, r.Relation.Name)
	} else {
		name := lastName(r.Field)
		x.Data, x.Stored = "stored relationships would be lost", []Stored{{Type: old.Name, Relation: r.Relation.Name}}
		x.Fix = fmt.Sprintf(`write @renamed(from: "%s") on the field it has become, or @dropped(names: ["%s"]) on the type`, name, name)
	}
	d.add(x)
}

func (d *differ) relationship(owner *AssetType, old, new *Relationship) {
	danger := func(message, data, fix string) {
		x := Difference{Impact: Breaking, Subject: new.subject(), Message: message, Position: new.Position}
		if owner.Instantiable && !new.Inverse {
			x.Data, x.Fix = data, fix
			x.Stored = []Stored{{Type: owner.Name, Relation: old.Relation.Name}}
		}
		d.add(x)
	}
	if lastName(old.Field) != lastName(new.Field) {
		d.add(Difference{Impact: Breaking, Subject: new.subject(), Message: "it is renamed from " + lastName(old.Field),
			Data: "stored relationships stay", Position: new.Position})
	}
	if !new.Inverse {
		d.relationName(owner, old, new)
	}
	if target := d.renamedType(old.Target); target != new.Target {
		message := fmt.Sprintf("its target was %s and is %s", old.Target, new.Target)
		if new.Target == EntityType || d.new.IsA(target, new.Target) {
			d.add(Difference{Impact: Safe, Subject: new.subject(), Message: message, Data: "stored relationships stay", Position: new.Position})
		} else {
			danger(message, "stored relationships may point to something else", "give it a new name and drop the old one with @dropped")
		}
	}
	switch {
	case old.Many && !new.Many:
		danger("it was many and is at most one", "entities with several targets would be invalid",
			"remove all but one of each first, or give it a new name and drop the old one with @dropped")
	case !old.Many && new.Many:
		d.add(Difference{Impact: Breaking, Subject: new.subject(), Message: "it was at most one and is many", Data: "stored relationships stay", Position: new.Position})
	}
	if !old.NonNull && new.NonNull {
		x := Difference{Impact: Breaking, Subject: new.subject(), Message: "a target is needed", Position: new.Position}
		if owner.Instantiable {
			x.Data = "entities without a target would be invalid"
			x.Stored = []Stored{{Type: owner.Name, Relation: old.Relation.Name, Missing: true}}
			x.Fix = "leave out the !, or give every entity a target in the same apply"
		}
		d.add(x)
	}
}

func (d *differ) renamedType(name TypeName) TypeName {
	if renamed, ok := d.newTypes[name]; ok {
		return renamed
	}
	return name
}

// relationName moves stored relationships when the field's relation has another name, or its properties have.
func (d *differ) relationName(owner *AssetType, old, new *Relationship) {
	from, to := old.Relation, new.Relation
	move := RelationMove{From: from.Name, To: to.Name}
	if from.Name != to.Name {
		d.add(Difference{Impact: Safe, Subject: new.subject(), Position: new.Position, Data: "stored relationships get the new name",
			Message: fmt.Sprintf("its relation was %s and is %s", from.Name, to.Name)})
	}
	d.props(owner, from, new, &move)
	if owner.Instantiable && (from.Name != to.Name || len(move.Props)+len(move.Drops) > 0) {
		m := d.migration.of(owner.Name)
		m.Relations = append(m.Relations, move)
	}
}

// props compares the properties of the relationships themselves.
func (d *differ) props(owner *AssetType, from *Relation, new *Relationship, move *RelationMove) {
	before, after := d.old.Components[from.Props], d.new.Components[new.Relation.Props]
	if before == nil {
		return
	}
	if after == nil {
		after = &Component{}
	}
	for _, p := range before.Properties {
		i := slices.IndexFunc(after.Properties, func(q *Property) bool { return q.Name == p.Name })
		if i < 0 {
			i = slices.IndexFunc(after.Properties, func(q *Property) bool { return q.RenamedFrom == p.Name })
		}
		switch {
		case i < 0 && slices.Contains(after.dropped(d.new.Components), p.Name):
			move.Drops = append(move.Drops, Path(p.Name))
		case i < 0, !d.sameType(p.Type, after.Properties[i].Type) && !widens(p.Type, after.Properties[i].Type):
			x := Difference{Impact: Breaking, Subject: "relation " + new.Relation.Name, Position: new.Position,
				Message: fmt.Sprintf("its property %s is gone, or of another type", p.Name)}
			if owner.Instantiable {
				x.Data, x.Stored = "stored values would be lost", []Stored{{Type: owner.Name, Relation: from.Name, Path: Path(p.Name)}}
				x.Fix = fmt.Sprintf(`write @renamed(from: "%s") on the field it has become, or @dropped(names: ["%s"]) on its component`, p.Name, p.Name)
			}
			d.add(x)
		case after.Properties[i].Name != p.Name:
			move.Props = append(move.Props, Move{Path(p.Name), Path(after.Properties[i].Name)})
		}
	}
}

// relations compares what relation names mean.
func (d *differ) relations() {
	for _, name := range sortedNames(d.new.Relations) {
		old, new := d.old.Relations[name], d.new.Relations[name]
		if old == nil {
			continue // its fields are new, or renamed
		}
		x := Difference{Impact: Breaking, Subject: "relation " + name}
		if old.Hierarchy != new.Hierarchy || old.Hierarchy != "" && old.ToParent != new.ToParent {
			x.Message = fmt.Sprintf("its hierarchy was %s and is %s", direction(old), direction(new))
			if new.Hierarchy != "" {
				x.Data = "apply refuses when an entity would have two parents, or be its own ancestor"
			}
			d.add(x)
		}
		if !old.InverseOne && new.InverseOne {
			x.Message, x.Data = "each target has at most one source", "apply refuses when a target has several"
			d.add(x)
		}
	}
}

func direction(r *Relation) string {
	switch {
	case r.Hierarchy == "":
		return "none"
	case r.ToParent:
		return r.Hierarchy + " (to the parent)"
	}
	return r.Hierarchy + " (to children)"
}

func (d *differ) joins(of string, old, new []*Join) {
	for _, j := range new {
		before, ok := findJoin(old, j.Field)
		x := Difference{Subject: string(j.DeclaredIn) + "." + j.Field, Position: j.Position}
		switch {
		case !ok:
			x.Impact, x.Message = Additive, "it is new"
		case before.Target != j.Target || before.Many != j.Many:
			x.Impact, x.Message = Breaking, "what it reaches changes"
		case !slices.Equal(before.On, j.On):
			x.Impact, x.Message = Safe, "what it compares changes"
		default:
			continue
		}
		d.add(x)
	}
	for _, j := range old {
		if _, ok := findJoin(new, j.Field); !ok {
			d.add(Difference{Impact: Breaking, Subject: string(j.DeclaredIn) + "." + j.Field, Message: "it is gone", Position: j.Position})
		}
	}
}
