package schema

import (
	"fmt"
	"slices"
)

// enums compares the enums; what becomes of stored values is said by the properties that hold them.
func (d *differ) enums() {
	for _, name := range sortedNames(d.new.Enums) {
		if old, ok := pair(name, d.new.Enums[name].RenamedFrom, d.old.Enums); ok {
			d.enum(d.old.Enums[old], d.new.Enums[name])
		} else {
			d.add(Difference{Impact: Additive, Subject: "enum " + string(name), Message: "it is new", Position: d.new.Enums[name].Position})
		}
	}
	for _, name := range sortedNames(d.old.Enums) {
		if _, ok := d.newEnums[name]; !ok {
			d.add(Difference{Impact: Breaking, Subject: "enum " + string(name), Message: "it is gone", Position: d.old.Enums[name].Position})
		}
	}
}

func (d *differ) enum(old, new *Enum) {
	subject := "enum " + string(new.Name)
	if old.Name != new.Name {
		d.add(Difference{Impact: Breaking, Subject: subject, Message: fmt.Sprintf("it is renamed from %s", old.Name),
			Data: "stored values stay", Position: new.Position})
	}
	for _, v := range new.Values {
		if !old.Has(v.Name) {
			x := Difference{Impact: Additive, Subject: subject, Message: "the value " + v.Name + " is new", Position: new.Position}
			if old.Has(v.RenamedFrom) && !new.Has(v.RenamedFrom) {
				x.Impact, x.Message = Breaking, "the value "+v.RenamedFrom+" is renamed to "+v.Name
				x.Data = "stored values get the new name"
			}
			d.add(x)
		}
	}
	renamed := renamedValues(old, new)
	for _, v := range old.Values {
		if _, ok := renamed[v.Name]; !ok && !new.Has(v.Name) {
			d.add(Difference{Impact: Breaking, Subject: subject, Message: "the value " + v.Name + " is gone", Position: new.Position})
		}
	}
}

// renamedValues returns the values of old that have another name in new.
func renamedValues(old, new *Enum) map[string]string {
	var renamed map[string]string
	for _, v := range new.Values {
		if v.RenamedFrom != "" && old.Has(v.RenamedFrom) && !new.Has(v.RenamedFrom) && !old.Has(v.Name) {
			if renamed == nil {
				renamed = make(map[string]string)
			}
			renamed[v.RenamedFrom] = v.Name
		}
	}
	return renamed
}

func (d *differ) types() {
	for _, name := range d.new.TypeNames {
		new := d.new.Types[name]
		oldName, ok := d.oldTypes[name]
		if !ok {
			d.add(Difference{Impact: Additive, Subject: "asset type " + string(name), Message: "it is new", Position: new.Position})
			continue
		}
		d.assetType(d.old.Types[oldName], new)
	}
	for _, name := range d.old.TypeNames {
		if _, ok := d.newTypes[name]; !ok {
			d.typeGone(d.old.Types[name])
		}
	}
}

func (d *differ) typeGone(old *AssetType) {
	x := Difference{Impact: Breaking, Subject: "asset type " + string(old.Name), Message: "it is gone", Position: old.Position}
	switch {
	case !old.Instantiable:
	case slices.Contains(d.new.Dropped, old.Name):
		x.Data = "its entities are deleted, as @dropped says"
		d.migration.of(old.Name).Delete = true
	default:
		x.Data = "its entities would have no type"
		x.Stored = []Stored{{Type: old.Name}}
		x.Fix = fmt.Sprintf(`write @renamed(from: "%s") on the type it has become, or: extend schema @dropped(names: ["%s"])`, old.Name, old.Name)
	}
	d.add(x)
}

func (d *differ) assetType(old, new *AssetType) {
	subject := "asset type " + string(new.Name)
	report := func(impact Impact, data, message string, args ...any) {
		d.add(Difference{Impact: impact, Subject: subject, Message: fmt.Sprintf(message, args...), Data: data, Position: new.Position})
	}
	if old.Name != new.Name {
		report(Breaking, "its entities get the new type", "it is renamed from %s", old.Name)
		if old.Instantiable {
			d.migration.of(old.Name).To = new.Name
		}
	}
	switch {
	case old.Exposed && !new.Exposed:
		report(Breaking, "", "it is no GraphQL type any more")
	case !old.Exposed && new.Exposed:
		report(Additive, "", "it becomes a GraphQL type")
	case old.Exposed && old.Name == new.Name && old.Plural != new.Plural:
		report(Breaking, "", "its root field %s is now %s", old.Plural, new.Plural)
	}
	if old.Instantiable && !new.Instantiable {
		d.add(Difference{Impact: Breaking, Subject: subject, Message: "it has no entities of its own any more",
			Data: "its entities would have no type", Stored: []Stored{{Type: old.Name}}, Position: new.Position,
			Fix: "write @asset(instantiable: true), or give its entities another type first"})
	}
	if !old.Instantiable && new.Instantiable {
		report(Additive, "", "it has entities of its own")
	}
	for _, a := range old.Ancestors {
		if renamed, ok := d.newTypes[a]; ok && !slices.Contains(new.Ancestors, renamed) {
			report(Breaking, "", "it is no %s any more", renamed)
		}
	}
	for _, a := range new.Ancestors {
		if before, ok := d.oldTypes[a]; ok && !slices.Contains(old.Ancestors, before) {
			report(Additive, "", "it is also a %s", a)
		}
	}
	d.properties(ownerOf(old, new, d.new.Types))
	d.relationships(old, new)
	d.joins(string(new.Name), old.Joins, new.Joins)
}
