package graph

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mereon/schema"
	"mereon/schema/fault"
)

// typeFields is an asset type as inputs see it: its fields by name, dotted inside components.
type typeFields struct {
	of         *schema.AssetType
	properties map[schema.Path]*schema.Property
	leaves     []schema.Path // static, in the order of the model
	relations  map[string]*schema.Relationship
	joins      map[string]bool
	names      []string
}

func (d *Draft) fieldsOf(name schema.TypeName) *typeFields {
	if f, ok := d.types[name]; ok {
		return f
	}
	t := d.model.Types[name]
	if t == nil {
		return nil
	}
	f := &typeFields{of: t, properties: map[schema.Path]*schema.Property{}, relations: map[string]*schema.Relationship{}, joins: map[string]bool{}}
	f.add(d.model, "", t.Properties)
	for _, r := range t.Relationships {
		f.relations[r.Field] = r
	}
	for _, j := range t.Joins {
		f.joins[j.Field] = true
	}
	for p := range f.properties {
		f.names = append(f.names, string(p))
	}
	f.names = append(f.names, slices.Collect(maps.Keys(f.relations))...)
	f.names = append(f.names, "externalIds", "bindings", "rules", "source")
	slices.Sort(f.names)
	d.types[name] = f
	return f
}

func (f *typeFields) add(m *schema.Model, prefix schema.Path, properties []*schema.Property) {
	for _, p := range properties {
		path := prefix + schema.Path(p.Name)
		f.properties[path] = p
		switch p.Kind {
		case schema.Group:
			f.add(m, path+".", m.Components[p.Type.Component].Properties)
		case schema.Static:
			f.leaves = append(f.leaves, path)
		}
	}
}

// collected is what the fields of one input say.
type collected struct {
	values    map[schema.Path]schema.Value
	relations map[string][]target // by field
	left      []schema.Path       // components that are null, with all in them
}

type target struct {
	id    EntityID
	props map[string]any
	place string // "": that of its field
}

// collect parses the fields of one input; every mistake becomes a problem. The next call writes over the answer.
func (d *Draft) collect(f *typeFields, in EntityInput) collected {
	if d.scratch.values == nil {
		d.scratch = collected{values: map[schema.Path]schema.Value{}, relations: map[string][]target{}}
	}
	clear(d.scratch.values)
	clear(d.scratch.relations)
	d.scratch.left = d.scratch.left[:0]
	d.collectInto(&d.scratch, f, in, "", in.Fields)
	return d.scratch
}

func (d *Draft) collectInto(c *collected, f *typeFields, in EntityInput, prefix string, fields map[string]any) {
	begin := len(d.names)
	for name := range fields {
		d.names = append(d.names, name)
	}
	names := d.names[begin:]
	defer func() { d.names = d.names[:begin] }()
	slices.Sort(names)
	for _, name := range names {
		given, path := fields[name], prefix+name
		if prefix == "" && d.builtIn(c, in, name, given) {
			continue
		}
		if r, ok := f.relations[path]; ok {
			c.relations[path] = d.targets(in, path, r, given)
			continue
		}
		p, ok := f.properties[schema.Path(path)]
		if !ok {
			d.unknownField(f, in, path)
			continue
		}
		switch p.Kind {
		case schema.Group:
			group, ok := given.(map[string]any)
			if !ok && given != nil {
				d.problem(in, path, fmt.Sprintf("Write %s: {field: value}.", name), "%s is a component and takes a mapping, not %s", path, describe(given))
				continue
			}
			if given == nil {
				group = map[string]any{}
				if !p.Type.NonNull {
					c.left = append(c.left, schema.Path(path))
				}
				for leaf := range f.properties {
					if rest, inside := strings.CutPrefix(string(leaf), path+"."); inside && !strings.Contains(rest, ".") && f.properties[leaf].Kind == schema.Static {
						group[rest] = nil
					}
				}
			}
			d.collectInto(c, f, in, path+".", group)
		case schema.Live:
			d.problem(in, path, "Leave it out; to read this entity from another series, write it under bindings.", "%s is a live property: its value comes from connector %q and cannot be set", path, p.Live.Connector)
		case schema.Computed:
			d.problem(in, path, "Leave it out, or change what it is computed from.", "%s is computed and cannot be set", path)
		default:
			c.values[schema.Path(path)] = d.value(in, path, p, given)
		}
	}
}

// leaves says whether a component around a path is null, so that nothing in it is required.
func (c *collected) leaves(path schema.Path) bool {
	return slices.ContainsFunc(c.left, func(group schema.Path) bool { return strings.HasPrefix(string(path), string(group)+".") })
}

func (d *Draft) value(in EntityInput, path string, p *schema.Property, given any) schema.Value {
	v, err := schema.ParseValue(given, p.Type, d.model)
	if err != nil {
		d.problem(in, path, "", "%s: %v", path, err)
		return schema.Null
	}
	if v.IsNull() { // whether that may be is said once, of the whole input
		return v
	}
	for _, err := range schema.CheckValue(p, v) {
		d.problem(in, path, "", "%s: %v", path, err)
	}
	return v
}

// builtIn takes the fields every entity has. It reports whether name is one of them.
func (d *Draft) builtIn(c *collected, in EntityInput, name string, given any) bool {
	switch name {
	case "name":
		text, ok := given.(string)
		if !ok || text == "" {
			d.problem(in, name, "", "name takes a text, not %s", describe(given))
			return true
		}
		c.values[ColumnName] = schema.StringOf(text)
	case "externalIds", "bindings", "rules", "source":
		if given == nil {
			c.values[schema.Path(name)] = schema.Null
			return true
		}
		if _, ok := given.(map[string]any); !ok && name != "source" {
			d.problem(in, name, "", "%s takes a mapping, not %s", name, describe(given))
			return true
		}
		text, err := json.Marshal(given)
		if err != nil {
			d.problem(in, name, "", "%s: %v", name, err)
			return true
		}
		c.values[schema.Path(name)] = schema.JSONOf(string(text))
	default:
		return false
	}
	return true
}

func (d *Draft) unknownField(f *typeFields, in EntityInput, path string) {
	if f.joins[path] {
		d.problem(in, path, "Leave it out: the records are found by their own values.", "%s is a join to records of another system and cannot be set", path)
		return
	}
	hint := fmt.Sprintf("Fields of %s: %s.", f.of.Name, strings.Join(f.names, ", "))
	if near := fault.Suggest(path, f.names); near != "" {
		hint = fmt.Sprintf("Did you mean %s?", near)
	}
	d.problem(in, path, hint, "%s has no field %q", f.of.Name, path)
}

// targets reads what a relationship field may hold: an id, {to, props}, or a list of them.
func (d *Draft) targets(in EntityInput, field string, r *schema.Relationship, given any) []target {
	list, isList := given.([]any)
	switch {
	case given == nil:
		return []target{}
	case !isList:
		list = []any{given}
	case !r.Many:
		d.problem(in, field, fmt.Sprintf("Write %s: the-id.", field), "%s takes one target, not a list", field)
		return nil
	}
	found := make([]target, 0, len(list))
	for _, element := range list {
		switch e := element.(type) {
		case string:
			found = append(found, target{id: EntityID(e)})
		case Target:
			found = append(found, target{e.To, e.Props, e.Place})
		case map[string]any:
			to, _ := e["to"].(string)
			props, ok := e["props"].(map[string]any)
			if to == "" || (e["props"] != nil && !ok) || len(e) > 2 || (len(e) == 2 && e["props"] == nil) {
				d.problem(in, field, "Write {to: the-id, props: {field: value}}.", "%s: a target is an id or a mapping with to and props", field)
				continue
			}
			found = append(found, target{id: EntityID(to), props: props})
		default:
			d.problem(in, field, "Write the id of the target, in quotes if it looks like a number.", "%s takes ids, not %s", field, describe(element))
		}
	}
	return found
}

func describe(x any) string {
	switch x := x.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("the text %q", clip(x))
	case bool:
		return fmt.Sprintf("the boolean %t", x)
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	}
	return fmt.Sprintf("%v", x)
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

func problemAt(in EntityInput, field, hint, format string, args ...any) fault.Problem {
	p := fault.Problem{Message: fmt.Sprintf(format, args...), Hint: hint, Field: field}
	if in.Place != "" {
		p.Field = joined(in.Place, field)
	}
	if in.At != nil {
		p.Position = in.At(field)
	}
	if in.ID != "" && !in.Unnamed {
		p.Message = fmt.Sprintf("%s: %s", in.ID, p.Message)
	}
	return p
}
