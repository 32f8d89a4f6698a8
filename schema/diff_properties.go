package schema

import (
	"fmt"
	"slices"
	"strings"

	"mereon/schema/unit"
)

// properties compares the leaves of an asset type.
func (d *differ) properties(o owner) {
	met := make(map[Path]bool)
	for _, leaf := range o.newLeaves {
		before, ok := o.formerly(leaf.Path)
		if !ok || o.oldPaths[before].Kind == Group {
			d.propertyNew(o, leaf)
			continue
		}
		met[before] = true
		d.property(o, before, o.oldPaths[before], leaf)
	}
	for _, leaf := range o.oldLeaves {
		if !met[leaf.Path] {
			d.propertyGone(o, leaf)
		}
	}
}

// subjectOf names a property where it is declared, so that heirs do not repeat it.
func subjectOf(p *Property) string { return string(p.DeclaredIn) + "." + p.Name }

func (d *differ) propertyNew(o owner, leaf Leaf) {
	p := leaf.Property
	x := Difference{Impact: Additive, Subject: subjectOf(p), Message: "it is new", Position: p.Position}
	if p.Kind == Static {
		d.needed(o, &x, leaf, leaf.Path)
	}
	d.add(x)
}

// needed says what happens to entities without a value of leaf: the default fills them, a required one without default refuses.
func (d *differ) needed(o owner, x *Difference, leaf Leaf, before Path) {
	p := leaf.Property
	switch {
	case o.oldType == "":
	case p.Default != nil:
		x.Data = "entities without a value get the default"
		m := d.migration.of(o.oldType)
		m.Fills = append(m.Fills, Fill{leaf.Path, *p.Default})
	case p.Type.NonNull && (leaf.Within == "" || groupsNeeded(o, leaf)):
		x.Impact = Breaking
		x.Data = "entities without a value would be invalid"
		s := o.stored(before)
		s.Missing = true
		x.Stored = []Stored{s}
		x.Fix = "give it @default(value: ...), leave out the !, or give every entity a value in the same apply"
	}
}

// groupsNeeded says whether every component around leaf is required.
func groupsNeeded(o owner, leaf Leaf) bool {
	p := o.newPaths[leaf.Within]
	return p != nil && p.Type.NonNull
}

func (d *differ) propertyGone(o owner, leaf Leaf) {
	p := leaf.Property
	x := Difference{Impact: Breaking, Subject: subjectOf(p), Message: "it is gone", Position: p.Position}
	if p.Kind == Static && o.oldType != "" {
		if o.isDropped(leaf.Path, d.new.Components) {
			x.Data = "stored values are deleted, as @dropped says"
			m := d.migration.of(o.oldType)
			m.Drops = append(m.Drops, leaf.Path)
		} else {
			x.Data = "stored values would be lost"
			x.Stored = []Stored{o.stored(leaf.Path)}
			x.Fix = fmt.Sprintf(`write @renamed(from: "%s") on the field it has become, or @dropped(names: ["%s"]) on the type`, p.Name, p.Name)
		}
	}
	d.add(x)
}

func (d *differ) property(o owner, before Path, old *Property, leaf Leaf) {
	new := leaf.Property
	report := func(impact Impact, data, format string, args ...any) {
		d.add(Difference{Impact: impact, Subject: subjectOf(new), Message: fmt.Sprintf(format, args...), Data: data, Position: new.Position})
	}
	if before != leaf.Path {
		d.renamed(o, before, leaf.Path)
		if o.oldType != "" && old.Kind == Static {
			m := d.migration.of(o.oldType)
			m.Moves = append(m.Moves, Move{before, leaf.Path})
		}
	}
	if old.Kind != new.Kind {
		d.kindChanged(o, before, old, leaf)
		return
	}
	if !d.valueType(o, before, old, leaf) {
		return
	}
	switch {
	case old.Type.NonNull && !new.Type.NonNull:
		report(Safe, "", "it may be without a value")
	case !old.Type.NonNull && new.Type.NonNull:
		x := Difference{Impact: Safe, Subject: subjectOf(new), Message: "a value is needed", Position: new.Position}
		d.needed(o, &x, leaf, before)
		d.add(x)
	}
	d.keys(old, new, report)
	d.checks(old, new, report)
}

// renamed reports the steps of a path that have another name now: the property, or components around it.
func (d *differ) renamed(o owner, before, now Path) {
	old, within := strings.Split(string(before), "."), Path("")
	for i, name := range strings.Split(string(now), ".") {
		within = join(within, name)
		if p := o.newPaths[within]; old[i] != name {
			x := Difference{Impact: Breaking, Subject: subjectOf(p), Message: "it is renamed from " + old[i], Position: p.Position}
			if p.Kind == Static || p.Kind == Group {
				x.Data = "stored values move to the new name"
			}
			d.add(x)
		}
	}
}

func storedOnly(p *Property, text string) string {
	if p.Kind == Static {
		return text
	}
	return ""
}

func (d *differ) kindChanged(o owner, before Path, old *Property, leaf Leaf) {
	new := leaf.Property
	words := [...]string{"static", "live", "computed", "a component"}
	x := Difference{Impact: Breaking, Subject: subjectOf(new), Position: new.Position,
		Message: fmt.Sprintf("it was %s and is %s", words[old.Kind], words[new.Kind])}
	switch {
	case old.Kind == Static && o.oldType != "":
		x.Data, x.Stored = "stored values would be lost", []Stored{o.stored(before)}
		x.Fix = "give it a new name and drop the old one with @dropped"
	case new.Kind == Static:
		d.needed(o, &x, leaf, before)
	}
	d.add(x)
}

// valueType compares type and unit; false when nothing else can be compared.
func (d *differ) valueType(o owner, before Path, old *Property, leaf Leaf) bool {
	new := leaf.Property
	c := Convert{Path: leaf.Path, Type: new.Type, Values: d.enumMoves(old, new)}
	x := Difference{Subject: subjectOf(new), Position: new.Position,
		Message: fmt.Sprintf("its type was %s and is %s", old.Type, new.Type)}
	switch {
	case d.sameType(old.Type, new.Type):
	case widens(old.Type, new.Type):
		x.Impact, x.Data = Safe, storedOnly(new, "stored values are converted")
		d.add(x)
		d.convert(o, new, c)
	default:
		x.Impact = Breaking
		if new.Kind == Static && o.oldType != "" {
			x.Data, x.Stored = "stored values would not fit", []Stored{o.stored(before)}
			x.Fix = "give it a new name and drop the old one with @dropped"
		}
		d.add(x)
		return false
	}
	d.goneValues(o, before, old, new)
	if c.Values != nil {
		d.convert(o, new, c)
	}
	d.unit(o, old, new, c)
	return true
}

func (d *differ) convert(o owner, new *Property, c Convert) {
	if o.oldType == "" || new.Kind != Static {
		return
	}
	m := d.migration.of(o.oldType)
	if i := slices.IndexFunc(m.Converts, func(x Convert) bool { return x.Path == c.Path }); i >= 0 {
		m.Converts[i] = c
		return
	}
	m.Converts = append(m.Converts, c)
}

func (d *differ) unit(o owner, old, new *Property, c Convert) {
	if old.Unit == new.Unit {
		return
	}
	x := Difference{Impact: Safe, Subject: subjectOf(new), Position: new.Position,
		Message: fmt.Sprintf("its unit was %s and is %s", orNone(old.Unit), orNone(new.Unit))}
	x.Data = storedOnly(new, "stored numbers stay as they are")
	if old.Unit != "" && new.Unit != "" {
		x.Impact = Breaking
		if conversion, err := unit.Between(old.Unit, new.Unit); err == nil && !conversion.Identity() {
			x.Data = storedOnly(new, "stored numbers are converted")
			x.Fix = storedOnly(new, "was the old unit wrong? Apply the model without @unit first: then the numbers stay as they are")
			c.Unit = conversion
			d.convert(o, new, c)
		}
	}
	d.add(x)
}
