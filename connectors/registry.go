package connectors

import (
	"slices"

	"mereon/schema/fault"
)

// Registry is a set of connector kinds. It is immutable; the zero Registry is empty.
type Registry struct {
	kinds []Kind
}

// NewRegistry returns a registry of kinds; of two with one name the later is used.
func NewRegistry(kinds ...Kind) Registry {
	return Registry{}.With(kinds...)
}

// With returns a registry that has kinds as well.
func (r Registry) With(kinds ...Kind) Registry {
	all := slices.Clone(r.kinds)
	for _, k := range kinds {
		all = slices.DeleteFunc(all, func(have Kind) bool { return have.Name == k.Name })
		all = append(all, k)
	}
	return Registry{all}
}

// Names lists the names of all kinds, sorted.
func (r Registry) Names() []string {
	names := make([]string, len(r.kinds))
	for i, k := range r.kinds {
		names[i] = k.Name
	}
	slices.Sort(names)
	return names
}

// Kind returns the kind with that name. Errors: NotFound, with the nearest name.
func (r Registry) Kind(name string) (Kind, error) {
	for _, k := range r.kinds {
		if k.Name == name {
			return k, nil
		}
	}
	if near := fault.Suggest(name, r.Names()); near != "" {
		return Kind{}, fault.New(fault.NotFound, "there is no connector kind %q; did you mean %q?", name, near)
	}
	return Kind{}, fault.New(fault.NotFound, "there is no connector kind %q; known kinds: %s", name, list(r.Names()))
}
