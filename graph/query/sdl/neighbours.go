package sdl

import (
	"slices"

	"mereon/schema"
)

// Along is the field of inputs that holds entities to be created along. A type with a field of that name has none.
const Along = "new"

// creatable lists the types of which an entity may be created where a target is wanted, by name.
func (w *writer) creatable(target schema.TypeName) []*schema.AssetType {
	list, known := w.makes[target]
	if known {
		return list
	}
	for _, t := range w.exposed {
		fits := target == Entity || t.Name == target || slices.Contains(t.Ancestors, target)
		if fits && t.Instantiable && t.Singular != "props" {
			list = append(list, t)
		}
	}
	w.makes[target] = list
	return list
}

// related lists the relationships of t at whose other end an entity can be created along, inverse ones too.
func (w *writer) related(t *schema.AssetType) []*schema.Relationship {
	var list []*schema.Relationship
	if slices.Contains(t.Fields, Along) {
		return nil
	}
	for _, r := range t.Relationships {
		if !slices.Contains(t.Fields, r.Field) {
			continue // it has no name on this side
		}
		if up := w.model.Types[r.Target]; (r.Target == Entity || up != nil && up.Exposed) && len(w.creatable(r.Target)) > 0 {
			list = append(list, r)
		}
	}
	return list
}

func (w *writer) around(t *schema.AssetType, description string) {
	if len(w.related(t)) > 0 {
		w.describe("  ", description)
		w.line("  %s: %sNeighbours", Along, t.Name)
	}
}

// neighbours writes the relationships of t with entities that are created along.
func (w *writer) neighbours(t *schema.AssetType) {
	list := w.related(t)
	if len(list) == 0 {
		return
	}
	w.block("input "+string(t.Name)+"Neighbours", func() {
		for _, r := range list {
			if r.Many {
				w.line("  %s: [New%s!]", r.Field, r.Target)
			} else {
				w.line("  %s: New%s", r.Field, r.Target)
			}
		}
	})
}

// newEntity writes the input of an entity that is created along where target is wanted.
func (w *writer) newEntity(target schema.TypeName) {
	types := w.creatable(target)
	if len(types) == 0 || !w.wanted(target) {
		return
	}
	w.describe("", "A new entity and how it is related: exactly one of the types, with its input.")
	w.block("input New"+string(target), func() {
		for _, t := range types {
			w.line("  %s: Create%s", t.Singular, t.Name)
		}
		w.describe("  ", "Properties of the relationship.")
		w.line("  props: JSON")
	})
}

// wanted says whether some input takes a new entity of the target.
func (w *writer) wanted(target schema.TypeName) bool {
	if w.targets == nil {
		w.targets = map[schema.TypeName]bool{}
		for _, t := range w.exposed {
			if !t.Instantiable {
				continue
			}
			for _, r := range w.related(t) {
				w.targets[r.Target] = true
			}
		}
	}
	return w.targets[target]
}
