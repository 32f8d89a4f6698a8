package schema

// String returns the type as it is written in a model: [Mode!]!.
func (t ValueType) String() string {
	name := t.Scalar.String()
	switch {
	case t.Component != "":
		name = string(t.Component)
	case t.Enum != "":
		name = string(t.Enum)
	}
	if t.List && t.Elements {
		name += "!"
	}
	if t.List {
		name = "[" + name + "]"
	}
	if t.NonNull {
		name += "!"
	}
	return name
}

// MarshalText returns what String does.
func (t ValueType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
