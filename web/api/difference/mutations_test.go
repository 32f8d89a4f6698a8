package difference

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// newMutation writes a random mutation of one to three root fields. Most of it is right, some of it is not.
func (w *world) newMutation(s *ast.Schema) *operation {
	w.changed = true
	o := &writer{world: w, schema: s, variables: map[string]any{}, budget: w.some(4, 12)}
	for range w.some(1, 3) {
		o.change()
	}
	head := "mutation"
	if len(o.declared) > 0 {
		head += " M(" + strings.Join(o.declared, ", ") + ")"
	}
	return &operation{Query: head + " { " + o.b.String() + "}" + strings.Join(o.fragments, ""), Variables: o.variables}
}

// keyedChange is a root field of a mutation that was asked with an idempotency key.
type keyedChange struct {
	field string
	args  map[string]any
	of    string
}

// change writes one root field, sometimes one that was asked before with its key.
func (o *writer) change() {
	if len(o.keyed) > 0 && o.chance(15) {
		again := pick(o.world, o.keyed)
		o.asked(again)
		return
	}
	of := pick(o.world, o.concrete())
	switch pick(o.world, []string{"create", "create", "creates", "update", "update", "updates", "delete", "deletes", "relate", "relate", "unrelate", "apply"}) {
	case "create":
		o.changing("create"+of, map[string]any{"input": o.newInput(of, 2)}, of)
	case "creates":
		list := []any{}
		for range o.some(1, 3) {
			list = append(list, o.newInput(of, 1))
		}
		o.changing("create"+of+"s", map[string]any{"inputs": list}, of)
	case "update":
		o.changing("update"+of, o.newUpdate(of), of)
	case "updates":
		list := []any{}
		for range o.some(1, 2) {
			list = append(list, o.newUpdate(of))
		}
		o.changing("update"+of+"s", map[string]any{"inputs": list}, of)
	case "delete":
		o.changing("delete"+of, o.removal(of), "")
	case "deletes":
		if o.chance(50) {
			o.changing("delete"+of+"s", map[string]any{"inputs": []any{o.removal(of), o.removal(of)}}, "")
			return
		}
		o.changing("delete"+of+"s", map[string]any{"ids": []any{o.one(of), o.one(of)}, "children": o.children()}, "")
	case "relate":
		o.changing("relate", o.relating(true), "Entity")
	case "unrelate":
		o.changing("unrelate", o.relating(false), "Entity")
	case "apply":
		o.apply()
	}
}

// changing writes a root field, sometimes with an idempotency key.
func (o *writer) changing(field string, args map[string]any, of string) {
	change := keyedChange{field, args, of}
	if o.chance(30) {
		args["idempotencyKey"] = fmt.Sprint("key ", len(o.keyed))
		o.keyed = append(o.keyed, change)
	}
	o.asked(change)
}

// asked writes a root field with its arguments, some as variables, and a selection of the type of its answer.
func (o *writer) asked(change keyedChange) {
	field, args, of := change.field, change.args, change.of
	o.aliases++
	definition := o.schema.Mutation.Fields.ForName(field)
	var given []string
	for _, name := range slices.Sorted(maps.Keys(args)) {
		text := literal(args[name])
		if o.chance(20) {
			text = o.variable(definition.Arguments.ForName(name).Type.String(), plain(args[name]))
		}
		given = append(given, name+": "+text)
	}
	fmt.Fprintf(&o.b, "a%d: %s(%s) ", o.aliases, field, strings.Join(given, ", "))
	switch {
	case field == "apply":
		o.b.WriteString("{ dryRun } ")
	case of != "":
		o.selection(o.schema.Types[of], 3)
	}
}

// apply writes a mix of changes that are made together, or only tried.
func (o *writer) apply() {
	changes := []any{}
	for range o.some(1, 3) {
		of := pick(o.world, o.concrete())
		var change map[string]any
		switch o.IntN(4) {
		case 0:
			change = map[string]any{"create": map[string]any{"type": of, "input": plain(o.newInput(of, 1))}}
		case 1:
			update := o.newUpdate(of)
			update["set"] = plain(update["set"])
			change = map[string]any{"update": update}
		case 2:
			change = map[string]any{"delete": o.removal(of)}
		case 3:
			change = map[string]any{"relate": o.relating(true)}
		}
		changes = append(changes, change)
	}
	o.changing("apply", map[string]any{"changes": changes, "dryRun": o.chance(30)}, "")
}

// everything reads the whole graph.
func (w *world) everything() *operation {
	var b strings.Builder
	b.WriteString("{ entities(first: 10000) { totalCount nodes { __typename id name externalIds bindings ")
	for _, t := range w.concrete() {
		b.WriteString("... on " + t + " { ")
		for _, name := range slices.Sorted(maps.Keys(w.Types[t].Fields)) {
			switch f := w.Types[t].Fields[name]; {
			case f.Kind == "static":
				b.WriteString(name + " ")
			case f.Kind == "component":
				b.WriteString(name + " { " + strings.Join(slices.Sorted(maps.Keys(w.Components[f.Component])), " ") + " } ")
			case f.Kind == "relation" && f.Many:
				b.WriteString(name + "(first: 10000) { edges { node { id } props } } ")
			case f.Kind == "relation":
				b.WriteString(name + " { id } ")
			}
		}
		b.WriteString("} ")
	}
	b.WriteString("} } }")
	return &operation{Query: b.String(), Variables: map[string]any{}}
}
