package schema

import (
	"fmt"
	"slices"
	"strings"

	"mereon/schema/fault"
)

// Impact says what a change of the model means for those who use it.
type Impact string

const (
	Additive Impact = "additive" // something new; nothing that exists changes
	Safe     Impact = "safe"     // something changes; queries go on working and stored data stays whole
	Breaking Impact = "breaking" // queries that worked may fail, or stored data does not fit any more
)

// Difference is one change between two models.
type Difference struct {
	Impact  Impact `json:"impact"`
	Subject string `json:"subject"`        // what changes: asset type Pump, Pump.flow, relation feeds
	Message string `json:"message"`        // how it changes
	Data    string `json:"data,omitempty"` // what happens to stored data, "" when nothing is stored
	// Stored is the data that fits the new model only after a migration that the new model does not give. Apply counts
	// it and refuses when there is any. Empty when no data is in danger.
	Stored []Stored `json:"stored,omitempty"`
	Fix    string   `json:"fix,omitempty"` // what to write into the model so that stored data is not in danger
	// Position is the place in the new model, in the old one for what is gone.
	Position fault.Position `json:"position"`
}

// Stored names data of the old model: the entities of a type, those with a value at a path, or their relationships.
type Stored struct {
	Type TypeName `json:"type"` // as stored: the name in the old model; one concrete type
	// Path is the property in the old model; with Missing, entities without a value count instead.
	Path    Path `json:"path,omitempty"`
	Missing bool `json:"missing,omitempty"`
	// Relation are relationships of this name that start at entities of Type; with Path those with this property count,
	// with Missing the entities that have none.
	Relation string `json:"relation,omitempty"`
	// Value restricts Path to entities that hold it, such as an enum value that is gone.
	Value *Value `json:"value,omitempty"`
}

// Condition holds for the entities of s.Type that count, as far as their own values say. With a Relation it is nil: then
// the relationships decide, and with Missing the entities that have none count.
func (s Stored) Condition() *Condition {
	switch {
	case s.Relation != "" || s.Path == "":
		return nil
	case s.Value == nil:
		return &Condition{Op: IsNull, Path: s.Path, Value: BoolOf(s.Missing)}
	}
	return &Condition{Op: Or, Args: []*Condition{ // a list counts when it holds the value
		{Op: Eq, Path: s.Path, Value: *s.Value}, {Op: Has, Path: s.Path, Value: *s.Value},
	}}
}

func (d Difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s", d.Impact, d.Subject, d.Message)
	if d.Data != "" {
		b.WriteString("; " + d.Data)
	}
	if d.Fix != "" {
		b.WriteString("\n    " + d.Fix)
	}
	return b.String()
}

// Diff returns what changes from old to new, in the order of the names; nil when nothing does. Either may be nil: no model.
// Texts that only people read (descriptions, what importers kept) are not compared.
func Diff(old, new *Model) []Difference {
	differences, _ := compare(old, new)
	return differences
}

// compare finds the differences and, on the way, the migration.
func compare(old, new *Model) ([]Difference, *Migration) {
	d := &differ{old: orEmpty(old), new: orEmpty(new), seen: make(map[string]int), migration: &Migration{Types: make(map[TypeName]*TypeMigration)}}
	d.match()
	d.enums()
	d.types()
	d.components()
	d.records()
	d.relations()
	slices.SortStableFunc(d.list, func(a, b Difference) int { return strings.Compare(a.Subject, b.Subject) })
	d.migration.tidy()
	return d.list, d.migration
}

func orEmpty(m *Model) *Model {
	if m == nil {
		return &Model{}
	}
	return m
}

// differ is the work of one comparison.
type differ struct {
	old, new  *Model
	list      []Difference
	seen      map[string]int // index in list by subject and message: inherited fields are reported once
	migration *Migration
	newTypes  map[TypeName]TypeName // old name -> new name
	oldTypes  map[TypeName]TypeName // new name -> old name
	newEnums  map[TypeName]TypeName
	newParts  map[TypeName]TypeName // components
}

// add keeps a difference; one that is there already takes over what more is known of stored data: an abstract type has none.
func (d *differ) add(x Difference) {
	key := x.Subject + "\x00" + x.Message
	if i, again := d.seen[key]; again {
		known := &d.list[i]
		known.Stored = append(known.Stored, x.Stored...)
		if x.Impact == Breaking {
			known.Impact = Breaking
		}
		if known.Data == "" {
			known.Data = x.Data
		}
		if known.Fix == "" {
			known.Fix = x.Fix
		}
		return
	}
	d.seen[key] = len(d.list)
	d.list = append(d.list, x)
}

// match pairs the types of both models: by name, or by @renamed where the old name is gone.
func (d *differ) match() {
	d.newTypes, d.oldTypes = make(map[TypeName]TypeName), make(map[TypeName]TypeName)
	for name, t := range d.new.Types {
		if old, ok := pair(name, t.RenamedFrom, d.old.Types); ok {
			d.newTypes[old], d.oldTypes[name] = name, old
		}
	}
	d.newEnums, d.newParts = make(map[TypeName]TypeName), make(map[TypeName]TypeName)
	for name, e := range d.new.Enums {
		if old, ok := pair(name, e.RenamedFrom, d.old.Enums); ok {
			d.newEnums[old] = name
		}
	}
	for name, c := range d.new.Components {
		if old, ok := pair(name, c.RenamedFrom, d.old.Components); ok {
			d.newParts[old] = name
		}
	}
}

func pair[T any](name, renamedFrom TypeName, old map[TypeName]T) (TypeName, bool) {
	if _, ok := old[name]; ok {
		return name, true
	}
	_, ok := old[renamedFrom]
	return renamedFrom, ok
}

// sortedNames returns the keys of m in order.
func sortedNames[K ~string, V any](m map[K]V) []K {
	names := make([]K, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
