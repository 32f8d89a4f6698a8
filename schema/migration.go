package schema

import (
	"maps"
	"slices"

	"mereon/schema/unit"
)

// Migration says how stored entities are brought from one model to another. It holds only what the new model gives:
// Difference.Stored names what it leaves in danger.
type Migration struct {
	// Types is by the stored asset type's name, the old one; a type that is not there is left as it is.
	Types map[TypeName]*TypeMigration `json:"types,omitempty"`
}

// TypeMigration says what happens to the entities of one concrete type. Steps apply in the order of the fields.
type TypeMigration struct {
	To            TypeName       `json:"to,omitempty"`     // the new name, "" when it stays
	Delete        bool           `json:"delete,omitempty"` // the entities are deleted; nothing else applies
	Moves         []Move         `json:"moves,omitempty"`  // values get another path; all of them at once
	Drops         []Path         `json:"drops,omitempty"`  // values are deleted; old paths
	Converts      []Convert      `json:"converts,omitempty"`
	Fills         []Fill         `json:"fills,omitempty"`
	Relations     []RelationMove `json:"relations,omitempty"`
	DropRelations []string       `json:"dropRelations,omitempty"` // relationships that start at the entities are deleted; old names
}

// Move gives the value at From the path To.
type Move struct {
	From Path `json:"from"`
	To   Path `json:"to"`
}

// Convert changes stored values at a path of the new model to its type there.
type Convert struct {
	Path   Path              `json:"path"`
	Type   ValueType         `json:"type"`
	Unit   unit.Conversion   `json:"unit,omitzero"`    // the zero value when the unit stays
	Values map[string]string `json:"values,omitempty"` // enum values that are renamed, old to new; nil for none
}

// Fill sets the value of entities that have none at Path.
type Fill struct {
	Path  Path  `json:"path"`
	Value Value `json:"value"`
}

// RelationMove gives relationships another name and moves their properties.
type RelationMove struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Props []Move `json:"props,omitempty"`
	Drops []Path `json:"drops,omitempty"` // properties of the relationships
}

// Empty says whether nothing is to be done.
func (m *Migration) Empty() bool { return m == nil || len(m.Types) == 0 }

// Migrate returns the migration from old to new, empty when stored data stays as it is. Either may be nil: no model.
func Migrate(old, new *Model) *Migration {
	_, migration := compare(old, new)
	return migration
}

// of returns the migration of an old type, made when it is new.
func (m *Migration) of(t TypeName) *TypeMigration {
	if m.Types[t] == nil {
		m.Types[t] = &TypeMigration{}
	}
	return m.Types[t]
}

// tidy takes out types with nothing to do.
func (m *Migration) tidy() {
	maps.DeleteFunc(m.Types, func(_ TypeName, t *TypeMigration) bool { return t.empty() })
}

func (t *TypeMigration) empty() bool {
	return t.To == "" && !t.Delete && len(t.Moves)+len(t.Drops)+len(t.Converts)+len(t.Fills)+len(t.Relations)+len(t.DropRelations) == 0
}

// Properties returns what becomes of the stored properties of one entity; values is not changed. A value that cannot
// be converted is left out. Without a step that concerns properties, values itself is returned.
func (t *TypeMigration) Properties(values map[Path]Value) map[Path]Value {
	if len(t.Moves)+len(t.Drops)+len(t.Converts)+len(t.Fills) == 0 {
		return values
	}
	result := maps.Clone(values)
	if result == nil {
		result = make(map[Path]Value)
	}
	move(result, t.Moves, t.Drops)
	for _, c := range t.Converts {
		if v, ok := result[c.Path]; ok {
			if converted, ok := c.Apply(v); ok {
				result[c.Path] = converted
			} else {
				delete(result, c.Path)
			}
		}
	}
	for _, f := range t.Fills {
		if result[f.Path].IsNull() {
			result[f.Path] = f.Value
		}
	}
	return result
}

// Properties returns what becomes of the properties of one relationship.
func (r RelationMove) Properties(values map[Path]Value) map[Path]Value {
	if len(r.Props)+len(r.Drops) == 0 {
		return values
	}
	result := maps.Clone(values)
	move(result, r.Props, r.Drops)
	return result
}

// move takes all values away before it puts any back, so that names can be exchanged.
func move(values map[Path]Value, moves []Move, drops []Path) {
	moved := make([]Value, len(moves))
	for i, m := range moves {
		moved[i] = values[m.From]
		delete(values, m.From)
	}
	for _, path := range drops {
		delete(values, path)
	}
	for i, m := range moves {
		if !moved[i].IsNull() {
			values[m.To] = moved[i]
		}
	}
}

// Apply returns v in the new type; false when it cannot be kept.
func (c Convert) Apply(v Value) (Value, bool) {
	if v.Kind() == ListValue && c.Type.List {
		list := slices.Clone(v.List())
		for i, e := range list {
			converted, ok := c.one(e)
			if !ok {
				return Null, false
			}
			list[i] = converted
		}
		return ListOf(list), true
	}
	converted, ok := c.one(v)
	if ok && c.Type.List && !v.IsNull() {
		return ListOf([]Value{converted}), true
	}
	return converted, ok
}

func (c Convert) one(v Value) (Value, bool) {
	if renamed, ok := c.Values[v.Text()]; ok && v.Kind() == StringValue {
		v = StringOf(renamed)
	}
	given := plain(v)
	if c.Unit != (unit.Conversion{}) && v.number() {
		given = c.Unit.Apply(v.Float())
	}
	scalar := ValueType{Scalar: c.Type.Scalar}
	converted, err := ParseValue(given, scalar, nil)
	return converted, err == nil
}
