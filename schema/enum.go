package schema

// Names returns the names of the values in the order of the model.
func (e *Enum) Names() []string {
	names := make([]string, len(e.Values))
	for i, v := range e.Values {
		names[i] = v.Name
	}
	return names
}

// Has says whether name is a value of e.
func (e *Enum) Has(name string) bool {
	for i := range e.Values {
		if e.Values[i].Name == name {
			return true
		}
	}
	return false
}

// enum returns the enum with that name, nil when there is none; m may be nil.
func (m *Model) enum(name TypeName) *Enum {
	if m == nil {
		return nil
	}
	return m.Enums[name]
}
