package difference

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func (w *world) concrete() []string {
	return slices.DeleteFunc(slices.Clone(w.order), func(t string) bool { return w.Types[t].Abstract })
}

// one is the id of an entity of a type, mostly.
func (w *world) one(of string) string {
	var ids []string
	for _, e := range slices.Concat(w.Entities, w.made) {
		if w.is(e.Type, of) {
			ids = append(ids, e.ID)
		}
	}
	switch {
	case w.chance(3):
		return "nobody"
	case len(ids) == 0 || w.chance(3):
		return pick(w, w.Entities).ID
	}
	return pick(w, ids)
}

func (w *world) newID(of string) string {
	if w.chance(3) {
		return pick(w, w.Entities).ID
	}
	id := fmt.Sprint("m", len(w.made))
	w.made = append(w.made, &entity{ID: id, Type: of})
	return id
}

// newInput is what a new entity is made of, with others that are created along.
func (w *world) newInput(of string, depth int) map[string]any {
	in := map[string]any{"id": w.newID(of)}
	if w.chance(50) {
		in["name"] = pick(w, []string{"n1", "N", "", "new"})
	}
	if w.chance(10) {
		in["externalIds"] = map[string]any{"erp": "X9"}
	}
	for _, name := range slices.Sorted(maps.Keys(w.Types[of].Fields)) {
		if f := w.Types[of].Fields[name]; w.chance(45) || f.Required && w.chance(93) {
			if v := w.fieldInput(f); v != nil {
				in[name] = v
			}
		}
	}
	if depth > 0 && w.chance(30) {
		if along := w.along(of, depth); along != nil {
			in["new"] = along
		}
	}
	return in
}

// fieldInput is a value of a field as inputs take it; nil for what they do not.
func (w *world) fieldInput(f *field) any {
	switch {
	case f.Kind == "static":
		return w.typed(f)
	case f.Kind == "component":
		part := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(w.Components[f.Component])) {
			if own := w.Components[f.Component][name]; w.chance(50) || own.Required && w.chance(90) {
				part[name] = w.typed(own)
			}
		}
		return part
	case f.Kind == "relation" && !f.Inverse && f.Many:
		list := []any{}
		for range w.some(0, 2) {
			list = append(list, w.target(f))
		}
		return list
	case f.Kind == "relation" && !f.Inverse:
		return w.one(f.Target)
	}
	return nil
}

func (w *world) typed(f *field) any {
	v := w.value(f)
	if text, is := v.(string); is && w.Enums[f.Type] != nil {
		return enumName(text)
	}
	return v
}

func (w *world) target(f *field) map[string]any {
	t := map[string]any{"to": w.one(f.Target)}
	if props := w.props(f); props != nil {
		t["props"] = props
	}
	return t
}

// props are properties of a relationship, nil for none.
func (w *world) props(f *field) any {
	if f.Props == "" {
		return nil
	}
	props := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(w.Components[f.Props])) {
		if own := w.Components[f.Props][name]; w.chance(40) || own.Required && w.chance(95) {
			props[name] = w.value(own)
		}
	}
	if len(props) == 0 {
		return nil
	}
	return props
}

// along creates entities with another one, over one of its relationships.
func (w *world) along(of string, depth int) map[string]any {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(w.Types[of].Fields)) {
		if w.Types[of].Fields[name].Kind == "relation" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	name := pick(w, names)
	f := w.Types[of].Fields[name]
	one := func() map[string]any {
		t := pick(w, slices.DeleteFunc(w.concrete(), func(t string) bool { return !w.is(t, f.Target) }))
		in := map[string]any{strings.ToLower(t[:1]) + t[1:]: w.newInput(t, depth-1)}
		if props := w.props(f); props != nil && !f.Inverse {
			in["props"] = props
		}
		return in
	}
	if !f.Many {
		return map[string]any{name: one()}
	}
	list := []any{}
	for range w.some(1, 2) {
		list = append(list, one())
	}
	return map[string]any{name: list}
}

// newUpdate sets some fields of an entity, some to null.
func (w *world) newUpdate(of string) map[string]any {
	set := map[string]any{}
	if w.chance(30) {
		set["name"] = pick(w, []any{"n2", "renamed", "", "é"})
	}
	names := slices.Sorted(maps.Keys(w.Types[of].Fields))
	for range w.some(1, 3) {
		name := pick(w, names)
		if v := w.fieldInput(w.Types[of].Fields[name]); v != nil {
			set[name] = v
			if w.chance(20) {
				set[name] = nil
			}
		}
	}
	if w.chance(10) {
		if along := w.along(of, 1); along != nil {
			set["new"] = along
		}
	}
	return w.unchanged(map[string]any{"id": w.one(of), "set": set})
}

// unchanged says sometimes which revision the entity of an input must have: the one that it has, or one that was or will be.
func (w *world) unchanged(in map[string]any) map[string]any {
	if w.chance(25) {
		in["ifRevision"] = w.revisionOf(in["id"].(string)) + pick(w, []int64{0, 0, 0, 0, -1, 1})
	}
	return in
}

func (w *world) removal(of string) map[string]any {
	return w.unchanged(map[string]any{"id": w.one(of), "children": w.children()})
}

func (w *world) children() enumName {
	return pick(w, []enumName{"REFUSE", "REFUSE", "DETACH", "DELETE"})
}

// relating are the arguments of relate and of unrelate: a relationship named by its field or itself.
func (w *world) relating(relate bool) map[string]any {
	e := pick(w, w.Entities)
	if len(w.Links) > 0 && !relate && w.chance(80) { // one that was there
		l := pick(w, w.Links)
		return map[string]any{"from": l.From, "name": l.Relation, "to": l.To}
	}
	args := map[string]any{"from": e.ID, "name": "nothing", "to": pick(w, w.Entities).ID}
	for _, name := range slices.Sorted(maps.Keys(w.Types[e.Type].Fields)) {
		f := w.Types[e.Type].Fields[name]
		if f.Kind != "relation" || !w.chance(50) {
			continue
		}
		args["name"], args["to"] = name, w.one(f.Target)
		delete(args, "props")
		if !f.Inverse && w.chance(30) {
			args["name"] = f.Relation
		}
		if props := w.props(f); props != nil && relate {
			args["props"] = props
		} else if relate && w.chance(3) {
			args["props"] = map[string]any{"no": 1}
		}
	}
	return args
}
