package difference

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

func (o *writer) arguments(f *ast.FieldDefinition) string {
	var given []string
	byKey := f.Arguments.ForName("id") != nil && f.Arguments.ForName("where") == nil
	for _, a := range f.Arguments {
		likely := map[string]int{"where": 45, "orderBy": 45, "first": 50, "within": 20, "last": 6, "type": 40, "unit": 40, "maxDepth": 40, "through": 25, "direction": 50, "search": 15, "timeZone": 50, "to": 60, "every": 60, "aggregate": 60, "gaps": 40}[a.Name]
		switch {
		case !knownInputs[a.Name] && !o.modelled(a.Name), knownArguments[f.Name] != nil && !slices.Contains(knownArguments[f.Name], a.Name):
			continue
		case byKey && a.Name == "id", a.Type.NonNull:
		case byKey, !o.chance(likely):
			continue
		case (a.Name == "aggregate" || a.Name == "gaps" || a.Name == "every") && o.senseless(a.Name, given):
			continue
		}
		if a.Name == "last" && slices.ContainsFunc(given, func(g string) bool { return strings.HasPrefix(g, "first:") }) {
			continue
		}
		o.hops = a.Name == "through" && f.Name != "reach" && f.Name != "affected"
		o.columns = f.Name == "affected" || f.Type.Elem == nil && strings.HasSuffix(f.Type.Name(), "Aggregate")
		value := o.input(a.Name, f.Name, a.Type, 3)
		text := literal(value)
		if o.chance(15) {
			text = o.variable(a.Type.String(), plain(value))
		}
		given = append(given, a.Name+": "+text)
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// input makes the value of an argument or an input field.
func (o *writer) input(name, of string, t *ast.Type, depth int) any {
	if t.Elem != nil {
		list := []any{}
		for range o.some(min(1, depth), 2) {
			list = append(list, o.input(name, of, t.Elem, depth))
		}
		return list
	}
	d := o.schema.Types[t.NamedType]
	switch d.Kind {
	case ast.Enum:
		return enumName(pick(o.world, d.EnumValues).Name)
	case ast.InputObject:
		return o.object(d, depth)
	}
	return o.scalar(name, of, t.NamedType)
}

// senseless says that an argument of a history is mostly left out: buckets want every, and the default average numbers.
func (o *writer) senseless(name string, given []string) bool {
	numeric := false
	for _, t := range o.Types {
		if f := t.Fields[o.above]; f != nil {
			numeric = f.Type == "Int" || f.Type == "Float"
		}
	}
	every := slices.ContainsFunc(given, func(g string) bool { return strings.HasPrefix(g, "every:") })
	return (name == "every" && !numeric || name != "every" && !every) && o.chance(95)
}

func (o *writer) object(d *ast.Definition, depth int) any {
	out := map[string]any{}
	var able []*ast.FieldDefinition
	for _, f := range d.Fields {
		nested := o.schema.Types[f.Type.Name()].Kind == ast.InputObject
		if !(o.changed && stamps[f.Name]) && (knownInputs[f.Name] || o.modelled(f.Name) || d.Name == "EntityIs" || d.Name == "AffectedThrough") && !(f.Name == "is" && o.hops) && !(o.columns && o.joins(f.Name)) && (depth > 0 || !nested || f.Type.NonNull) {
			able = append(able, f)
		}
	}
	if d.Directives.ForName("oneOf") != nil {
		nested := func(f *ast.FieldDefinition) bool { return o.schema.Types[f.Type.Name()].Kind == ast.InputObject }
		of := slices.DeleteFunc(slices.Clone(able), func(f *ast.FieldDefinition) bool { return !nested(f) })
		if len(of) > 0 && (len(of) == len(able) || o.chance(40)) {
			able = of
		} else {
			able = slices.DeleteFunc(able, nested)
		}
		f := pick(o.world, able)
		return map[string]any{f.Name: o.input(f.Name, d.Name, f.Type, depth-1)}
	}
	for _, f := range able {
		if f.Type.NonNull {
			out[f.Name] = o.input(f.Name, d.Name, f.Type, depth-1)
		}
	}
	for range o.some(1, 2) {
		if len(able) == 0 {
			break
		}
		f := pick(o.world, able)
		if f.Name == "unit" {
			continue
		}
		out[f.Name] = o.input(f.Name, d.Name, f.Type, depth-1)
	}
	return out
}

// joins says whether a field of a record leads to others.
func (o *writer) joins(field string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(o.Records)), func(r *record) bool { return r.Fields[field] != nil && r.Fields[field].Kind == "join" })
}
