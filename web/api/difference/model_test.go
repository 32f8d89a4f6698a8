package difference

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

var scalars = []string{"String", "String", "Int", "Int", "Float", "Float", "Boolean", "Date", "DateTime", "Duration", "Decimal", "Long", "ID"}

// units are pairs of a unit that a property has and another one its values can be asked for or measured in.
var units = map[string][]string{"m3/h": {"l/s", "m3/h"}, "bar": {"kPa", "bar"}, "Cel": {"K", "Cel"}}

// model makes the model and its text.
func (w *world) model() {
	for range w.some(1, 2) {
		name := w.name("Enum")
		w.Enums[name] = []string{"ON", "OFF", "AUTO"}[:w.some(2, 3)]
		fmt.Fprintf(&w.text, "enum %s { %s }\n", name, strings.Join(w.Enums[name], " "))
	}
	for range w.some(1, 2) {
		w.component()
	}
	if w.chance(80) {
		for range w.some(1, 2) {
			name := w.name("Order")
			w.Records[name] = &record{Key: "number", Connector: pick(w, []string{"erp", "shop"}), Fields: fields{"number": {Kind: "static", Type: "ID", Required: true}}}
		}
	}
	w.types()
	for _, name := range slices.Sorted(maps.Keys(w.Records)) {
		w.record(name)
	}
}

func (w *world) component() {
	name := w.name("Part")
	own := fields{}
	w.Components[name] = own
	fmt.Fprintf(&w.text, "type %s @component {\n", name)
	for range w.some(1, 3) {
		w.write(own, w.static(25))
	}
	w.text.WriteString("}\n")
}

// types declares an interface that makes the hierarchy, sometimes a second one, and object types.
func (w *world) types() {
	base := w.name("Base")
	interfaces := []string{base}
	if w.chance(60) {
		interfaces = append(interfaces, w.name("Trait"))
	}
	objects := make([]string, w.some(2, 4))
	for i := range objects {
		objects[i] = w.name("Kind")
	}
	w.order = slices.Concat(interfaces, objects)
	for _, name := range w.order {
		w.Types[name] = &kind{Fields: fields{}}
	}
	for i, name := range interfaces {
		w.Types[name].Abstract = true
		w.declare(name, "interface", nil, i == 0)
	}
	for i, name := range objects {
		var parents []string
		for _, p := range interfaces {
			if i == 0 || w.chance(70) {
				parents = append(parents, p)
			}
		}
		w.declare(name, "type", parents, false)
	}
	for _, name := range w.order {
		lower := strings.ToLower(name[:1]) + name[1:]
		w.Roots[lower], w.Roots[lower+"s"], w.Roots[lower+"Groups"] = root{Type: name}, root{Type: name, Many: true}, root{Type: name, Groups: true}
	}
	w.Roots["entityGroups"] = root{Type: "Entity", Groups: true}
	w.invert(objects)
}

// declare writes one asset type; tree makes it the one whose entities form the hierarchy.
func (w *world) declare(name, keyword string, parents []string, tree bool) {
	t := w.Types[name]
	t.Ancestors = append([]string{}, parents...)
	implements := ""
	if len(parents) > 0 {
		implements = " implements " + strings.Join(parents, " & ")
	}
	fmt.Fprintf(&w.text, "%s %s%s @asset {\n", keyword, name, implements)
	if tree {
		w.Hierarchies["place"] = "isIn"
		w.write(t.Fields, &field{name: w.name("up"), Kind: "relation", Relation: "isIn", Target: name})
		w.write(t.Fields, &field{name: "code", Kind: "static", Type: "String"})
	}
	for range w.some(1, 4) {
		w.write(t.Fields, w.static(8))
	}
	w.write(t.Fields, &field{name: w.name("part"), Kind: "component", Component: pick(w, slices.Sorted(maps.Keys(w.Components)))})
	for range w.some(0, 2) {
		w.write(t.Fields, w.live())
	}
	for range w.some(0, 2) {
		w.relation(t, name)
	}
	for _, target := range slices.Sorted(maps.Keys(w.Records)) {
		if w.chance(60) {
			w.joinTo(t, target)
		}
	}
	for _, p := range parents {
		maps.Copy(t.Fields, w.Types[p].Fields)
	}
	for range w.some(0, 2) {
		w.computed(t)
	}
	w.text.WriteString("}\n")
}

// static makes a stored property; required with that percentage.
func (w *world) static(required int) *field {
	f := &field{Kind: "static", Type: pick(w, scalars)}
	if w.chance(20) {
		f.Type = pick(w, slices.Sorted(maps.Keys(w.Enums)))
	}
	f.name = w.name(strings.ToLower(f.Type[:1]) + f.Type[1:])
	f.Required = w.chance(required)
	if f.Type == "Float" && w.chance(50) {
		f.Unit = pick(w, slices.Sorted(maps.Keys(units)))
	}
	if f.Type == "String" && w.chance(25) {
		f.List, f.Required = true, false
	}
	return f
}

func (w *world) live() *field {
	f := w.static(0)
	for f.List || f.Type == "Date" || f.Type == "DateTime" || f.Type == "Duration" || f.Type == "Decimal" || f.Type == "Long" || f.Type == "ID" {
		f = w.static(0)
	}
	f.Kind, f.name = "live", "live"+strings.ToUpper(f.name[:1])+f.name[1:]
	f.Connector = pick(w, []string{"plant", "lab"})
	f.Ref = []string{pick(w, []string{"id", "id", "name"}), "/" + f.name}
	if w.chance(50) {
		f.Stale = 30
	}
	return f
}

func (w *world) relation(t *kind, from string) {
	f := &field{Kind: "relation", Many: w.chance(60), Target: pick(w, w.order), Relation: w.name("rel")}
	f.name = f.Relation
	if f.Many && w.chance(50) {
		f.Props = pick(w, slices.Sorted(maps.Keys(w.Components)))
	}
	w.write(t.Fields, f)
	_ = from
}

func (w *world) joinTo(t *kind, target string) {
	r := w.Records[target]
	column := w.name("about")
	r.Fields[column] = &field{Kind: "static", Type: "String", name: column}
	w.write(t.Fields, &field{name: w.name("orders"), Kind: "join", Many: w.chance(80), Target: target, Theirs: column, Ours: pick(w, []string{"id", "name"})})
}

// computed adds a property made of two others, stored or live.
func (w *world) computed(t *kind) {
	var numbers []string
	for _, name := range slices.Sorted(maps.Keys(t.Fields)) {
		f := t.Fields[name]
		if (f.Kind == "static" || f.Kind == "live") && !f.List && (f.Type == "Float" || f.Type == "Int") {
			numbers = append(numbers, name)
		}
	}
	if len(numbers) == 0 {
		return
	}
	f := &field{name: w.name("made"), Kind: "computed", Type: "Float", Expr: &expression{Op: pick(w, []string{"+", "-", "*", "/", ">"}), Left: &expression{Path: pick(w, numbers)}}}
	if c := float64(w.some(-2, 5)); w.chance(50) {
		f.Expr.Right = &expression{Const: &c}
	} else {
		f.Expr.Right = &expression{Path: pick(w, numbers)}
	}
	if f.Expr.Op == ">" {
		f.Type = "Boolean"
	}
	w.write(t.Fields, f)
}

func (w *world) record(name string) {
	r := w.Records[name]
	fmt.Fprintf(&w.text, "type %s @record(connector: %q, collection: %q, key: \"number\") {\n", name, r.Connector, name)
	declared := slices.Sorted(maps.Keys(r.Fields))
	for _, f := range declared {
		r.Fields[f].name = f
		w.write(r.Fields, r.Fields[f])
	}
	for range w.some(1, 3) {
		f := w.static(10)
		for f.List {
			f = w.static(10)
		}
		w.write(r.Fields, f)
	}
	if target := pick(w, w.order); len(declared) > 1 && w.chance(70) {
		w.write(r.Fields, &field{name: w.name("asset"), Kind: "join", Target: target, Theirs: pick(w, []string{"id", "name"}), Ours: declared[0], Many: w.chance(40)})
	}
	if others := slices.Sorted(maps.Keys(w.Records)); w.chance(50) {
		other := pick(w, others)
		texts := []string{}
		for _, c := range slices.Sorted(maps.Keys(w.Records[other].Fields)) {
			if f := w.Records[other].Fields[c]; f.Kind == "static" && f.Type == "String" && !f.Required {
				texts = append(texts, c)
			}
		}
		if len(texts) > 0 {
			w.write(r.Fields, &field{name: w.name("notes"), Kind: "join", Many: true, Target: other, Theirs: pick(w, texts), Ours: "number"})
		}
	}
	w.text.WriteString("}\n")
	lower := strings.ToLower(name[:1]) + name[1:]
	w.Roots[lower], w.Roots[lower+"s"], w.Roots[lower+"Groups"] = root{Record: name}, root{Record: name, Many: true}, root{Record: name, Groups: true}
}

// invert gives relations of concrete types an inverse field on their targets, as the model language does.
func (w *world) invert(objects []string) {
	text := w.text.String()
	for _, name := range w.order {
		t := w.Types[name]
		for _, field := range slices.Sorted(maps.Keys(t.Fields)) {
			f := t.Fields[field]
			if f.Kind != "relation" || f.Inverse || w.declaredAbove(name, field) || !w.chance(70) {
				continue
			}
			inverse := w.name("back")
			text = strings.Replace(text, fmt.Sprintf("@relation(name: %q", f.Relation), fmt.Sprintf("@relation(inverse: %q, name: %q", inverse, f.Relation), 1)
			back := &fieldOf{inverse, f.Relation, name}
			w.addInverse(back, f.Target)
		}
	}
	w.text.Reset()
	w.text.WriteString(text)
	_ = objects
}

// fieldOf is an inverse field to be added.
type fieldOf struct{ name, relation, target string }

func (w *world) addInverse(back *fieldOf, to string) {
	for _, name := range w.order {
		if name == to || slices.Contains(w.Types[name].Ancestors, to) {
			w.Types[name].Fields[back.name] = &field{name: back.name, Kind: "relation", Relation: back.relation, Inverse: true, Many: true, Target: back.target}
		}
	}
}

func (w *world) declaredAbove(name, field string) bool {
	return slices.ContainsFunc(w.Types[name].Ancestors, func(a string) bool { return w.Types[a].Fields[field] != nil })
}
