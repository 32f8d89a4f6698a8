package schema

import "fmt"

// components reports components as a whole; their properties are compared in the asset types that hold them.
func (d *differ) components() {
	for _, name := range sortedNames(d.new.Components) {
		new := d.new.Components[name]
		old, ok := pair(name, new.RenamedFrom, d.old.Components)
		switch {
		case !ok:
			d.add(Difference{Impact: Additive, Subject: "component " + string(name), Message: "it is new", Position: new.Position})
		case old != name:
			d.add(Difference{Impact: Breaking, Subject: "component " + string(name), Message: fmt.Sprintf("it is renamed from %s", old),
				Data: "stored values stay", Position: new.Position})
		}
		if ok {
			d.joins(string(name), d.old.Components[old].Joins, new.Joins)
		}
	}
	for _, name := range sortedNames(d.old.Components) {
		if _, ok := d.newParts[name]; !ok {
			d.add(Difference{Impact: Breaking, Subject: "component " + string(name), Message: "it is gone", Position: d.old.Components[name].Position})
		}
	}
}

// records compares the record types; nothing of them is stored.
func (d *differ) records() {
	for _, name := range sortedNames(d.new.Records) {
		new, old := d.new.Records[name], d.old.Records[name]
		if old == nil {
			d.add(Difference{Impact: Additive, Subject: "record type " + string(name), Message: "it is new", Position: new.Position})
			continue
		}
		d.record(old, new)
	}
	for _, name := range sortedNames(d.old.Records) {
		if d.new.Records[name] == nil {
			d.add(Difference{Impact: Breaking, Subject: "record type " + string(name), Message: "it is gone", Position: d.old.Records[name].Position})
		}
	}
}

func (d *differ) record(old, new *RecordType) {
	if old.Connector != new.Connector || old.Collection != new.Collection || old.Key != new.Key {
		d.add(Difference{Impact: Safe, Subject: "record type " + string(new.Name), Message: "it is read from somewhere else", Position: new.Position})
	}
	if old.Plural != new.Plural {
		d.add(Difference{Impact: Breaking, Subject: "record type " + string(new.Name), Position: new.Position,
			Message: fmt.Sprintf("its root field %s is now %s", old.Plural, new.Plural)})
	}
	for _, p := range new.Properties {
		before, ok := old.Property(p.Name)
		switch {
		case !ok:
			d.add(Difference{Impact: Additive, Subject: subjectOf(p), Message: "it is new", Position: p.Position})
		case before.Type != p.Type:
			d.add(Difference{Impact: Breaking, Subject: subjectOf(p), Position: p.Position,
				Message: fmt.Sprintf("its type was %s and is %s", before.Type, p.Type)})
		case before.Unit != p.Unit:
			d.add(Difference{Impact: Breaking, Subject: subjectOf(p), Position: p.Position,
				Message: fmt.Sprintf("its unit was %s and is %s", orNone(before.Unit), orNone(p.Unit))})
		}
	}
	for _, p := range old.Properties {
		if _, ok := new.Property(p.Name); !ok {
			d.add(Difference{Impact: Breaking, Subject: subjectOf(p), Message: "it is gone", Position: p.Position})
		}
	}
	d.joins(string(new.Name), old.Joins, new.Joins)
}
