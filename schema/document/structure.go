package document

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"mereon/schema/fault"
)

// field is one key a struct takes.
type field struct {
	index    int
	required bool
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.fail(n, "Write key: value.", "%s takes a mapping, not %s", named(path), Describe(n))
		return
	}
	fields, names := fieldsOf(v.Type())
	for i := range v.NumField() {
		if v.Field(i).Type() == positionType {
			v.Field(i).Set(reflect.ValueOf(fault.Position{File: d.file.Name, Line: n.Line, Column: n.Column}))
		}
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		f, known := fields[key.Value]
		switch {
		case !known:
			d.unknown(key, names, path)
		case seen[key.Value]:
			d.fail(key, "Remove one of them.", "%s is written twice", join(path, key.Value))
		default:
			d.value(n.Content[i+1], v.Field(f.index), join(path, key.Value))
		}
		seen[key.Value] = true
	}
	for _, name := range names {
		if fields[name].required && !seen[name] {
			d.fail(n, fmt.Sprintf("Write %s: value.", name), "%s is missing", join(path, name))
		}
	}
}

func (d *decoder) unknown(key *yaml.Node, names []string, path string) {
	hint := "Known keys: " + strings.Join(names, ", ") + "."
	if near := fault.Suggest(key.Value, names); near != "" {
		hint = fmt.Sprintf("Did you mean %s?", near)
	}
	where := ""
	if path != "" {
		where = " in " + path
	}
	d.fail(key, hint, "unknown key %q%s", key.Value, where)
}

func fieldsOf(t reflect.Type) (map[string]field, []string) {
	fields, names := map[string]field{}, []string(nil)
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		fields[name] = field{index: i, required: options == "required"}
		names = append(names, name)
	}
	return fields, names
}
