package document

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"mereon/schema/fault"
)

// field is one key a struct takes.
type field struct {
	index    []int
	required bool
}

func (d *Decoder) structure(n *yaml.Node, v reflect.Value, path string) {
	if !d.isMapping(n, path) {
		return
	}
	fields, names := fieldsOf(v.Type())
	for _, f := range reflect.VisibleFields(v.Type()) {
		if f.Type == positionType && f.IsExported() {
			v.FieldByIndex(f.Index).Set(reflect.ValueOf(d.At(n)))
		}
	}
	seen := map[string]bool{}
	for _, e := range d.Entries(n, path) {
		seen[e.Key.Value] = true
		if f, known := fields[e.Key.Value]; known {
			d.value(e.Value, v.FieldByIndex(f.index), join(path, e.Key.Value))
		} else {
			d.unknown(e.Key, names, path)
		}
	}
	for _, name := range names {
		if fields[name].required && !seen[name] {
			d.Wrong(n, fmt.Sprintf("Write %s: value.", name), "%s is missing", join(path, name))
		}
	}
}

func (d *Decoder) unknown(key *yaml.Node, names []string, path string) {
	if path == "" {
		names = append(slices.Clone(names), d.also...)
	}
	hint := "Known keys: " + strings.Join(names, ", ") + "."
	if near := fault.Suggest(key.Value, names); near != "" {
		hint = fmt.Sprintf("Did you mean %s?", near)
	}
	where := ""
	if path != "" {
		where = " in " + path
	}
	d.Wrong(key, hint, "unknown key %q%s", key.Value, where)
}

// fieldsOf lists the keys a struct takes, in its order; those of embedded structs are its own.
func fieldsOf(t reflect.Type) (map[string]field, []string) {
	fields, names := map[string]field{}, []string(nil)
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		fields[name] = field{index: f.Index, required: options == "required"}
		names = append(names, name)
	}
	return fields, names
}
