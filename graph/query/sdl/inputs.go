package sdl

import "mereon/schema"

// inputs writes the inputs of mutations: the same fields for create and update, which requires none.
func (w *writer) inputs(t *schema.AssetType) {
	w.describe("", "A new entity. Without an id it gets one; without a name it is called by its id.")
	w.block("input Create"+string(t.Name), func() {
		w.line("  id: ID")
		w.settable(declaredBy(t), true)
		w.around(t, "Entities that are created with this one, and related to it.")
	})
	w.describe("", "What to change; null removes a value, a relationship given replaces all its targets.")
	w.block("input Update"+string(t.Name), func() {
		w.settable(declaredBy(t), true)
		w.around(t, "Entities that are created and related to this one, beside those that are.")
	})
	w.block("input "+string(t.Name)+"Change", func() {
		w.line("  id: ID!\n  set: Update%s!\n  ifRevision: Long", t.Name)
	})
	w.neighbours(t)
}

// settable writes the fields that an input may set. What must be given is checked with everything else, so that all
// mistakes come at once.
func (w *writer) settable(d declared, entity bool) {
	if entity {
		w.line("  name: String\n  externalIds: JSON\n  bindings: JSON\n  rules: JSON")
	}
	fields := 0
	d.visit(func(p *schema.Property) {
		switch p.Kind {
		case schema.Static:
			t := p.Type
			t.NonNull = false
			w.line("  %s: %s", p.Name, valueType(t))
			fields++
		case schema.Group:
			w.line("  %s: %sInput", p.Name, p.Type.Component)
			fields++
		}
	}, func(r *schema.Relationship) {
		if r.Inverse {
			return
		}
		fields++
		if r.Many {
			w.line("  %s: [Target!]", r.Field)
		} else {
			w.line("  %s: ID", r.Field)
		}
	}, func(*schema.Join) {})
	if fields == 0 && !entity {
		w.describe("  ", "Nothing of this component can be set.")
		w.line("  nothing: Boolean")
	}
}
