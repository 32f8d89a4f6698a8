package settings

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/schema/fault"
)

// Form is a type that decodes its own node. It reports mistakes through d.
type Form interface {
	DecodeSettings(d *Decoder, n *yaml.Node)
}

// maxNodes bounds what aliases can expand to.
const maxNodes = 1 << 20

// Decoder collects the mistakes of one document.
type Decoder struct {
	File     string
	Problems fault.List
	known    []string // further names for suggestions at the top level
	visited  int
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	positionType = reflect.TypeFor[fault.Position]()
	nodeType     = reflect.TypeFor[yaml.Node]()
	formType     = reflect.TypeFor[Form]()
)

// Decode fills the struct that into points to from the mapping node, and returns every mistake in it. also names keys that
// somebody else reads from the same mapping: they are no part of it, and only suggested when a key is near one.
func Decode(node *yaml.Node, file string, into any, also ...string) fault.List {
	d := &Decoder{File: file, known: also}
	d.Value(node, into)
	return d.Problems
}

// Value decodes one node into what into points to.
func (d *Decoder) Value(n *yaml.Node, into any) {
	known := d.known
	d.known = nil
	d.value(n, reflect.ValueOf(into).Elem(), known)
}

// At is the position of a node.
func (d *Decoder) At(n *yaml.Node) fault.Position {
	return fault.Position{File: d.File, Line: n.Line, Column: n.Column}
}

// Wrong reports a mistake at a node; hint says what to do and may be empty.
func (d *Decoder) Wrong(n *yaml.Node, hint, format string, args ...any) {
	d.Problems = append(d.Problems, fault.Problem{Position: d.At(n), Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (d *Decoder) value(n *yaml.Node, v reflect.Value, known []string) {
	n = resolve(n)
	if d.visited++; n == nil || d.visited > maxNodes {
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	if v.CanAddr() && v.Addr().Type().Implements(formType) {
		v.Addr().Interface().(Form).DecodeSettings(d, n)
		return
	}
	switch {
	case v.Type() == nodeType:
		v.Set(reflect.ValueOf(*n))
	case v.Type() == durationType:
		d.duration(n, v)
	case v.Kind() == reflect.Struct:
		d.mapping(n, v, known)
	case v.Kind() == reflect.Map:
		d.dictionary(n, v)
	case v.Kind() == reflect.Slice:
		d.list(n, v)
	default:
		d.scalar(n, v)
	}
}

func resolve(n *yaml.Node) *yaml.Node {
	for range 100 {
		switch {
		case n == nil:
			return nil
		case n.Kind == yaml.DocumentNode && len(n.Content) == 1:
			n = n.Content[0]
		case n.Kind == yaml.AliasNode:
			n = n.Alias
		default:
			return n
		}
	}
	return nil
}

func (d *Decoder) mapping(n *yaml.Node, v reflect.Value, known []string) {
	fields, names := fieldsOf(v.Type())
	if n.Kind != yaml.MappingNode {
		d.Wrong(n, "write it as a mapping with "+strings.Join(names, ", "), "this must be a mapping, not %s", kindOf(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if line, twice := seen[key.Value]; twice {
			d.Wrong(key, "keep one of them", "%q is written twice; the first is in line %d", key.Value, line)
			continue
		}
		seen[key.Value] = key.Line
		f, ok := fields[key.Value]
		if !ok {
			d.unknown(key, append(slices.Clone(names), known...))
			continue
		}
		d.value(n.Content[i+1], v.FieldByIndex(f.index), nil)
	}
	for _, name := range names {
		if _, ok := seen[name]; !ok && fields[name].required {
			d.Wrong(n, "", "%q is missing", name)
		}
	}
	for i := range v.NumField() {
		if v.Type().Field(i).Type == positionType {
			v.Field(i).Set(reflect.ValueOf(d.At(n)))
		}
	}
}

func (d *Decoder) unknown(key *yaml.Node, names []string) {
	hint := "known keys: " + strings.Join(names, ", ")
	if near := fault.Suggest(key.Value, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	d.Wrong(key, hint, "unknown key %q", key.Value)
}

type field struct {
	index    []int
	required bool
}

// fieldsOf lists the fields of a struct by name; those of embedded structs are its own.
func fieldsOf(t reflect.Type) (fields map[string]field, names []string) {
	fields = map[string]field{}
	for _, f := range reflect.VisibleFields(t) {
		name, rest, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		fields[name] = field{f.Index, rest == "required"}
		names = append(names, name)
	}
	return fields, names
}

func (d *Decoder) dictionary(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.Wrong(n, "", "this must be a mapping of names, not %s", kindOf(n))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := resolve(n.Content[i])
		if key == nil || key.Kind != yaml.ScalarNode {
			d.Wrong(n.Content[i], "", "a name must be a text")
			continue
		}
		if line, twice := seen[key.Value]; twice {
			d.Wrong(key, "keep one of them", "%q is written twice; the first is in line %d", key.Value, line)
			continue
		}
		seen[key.Value] = key.Line
		element := reflect.New(v.Type().Elem()).Elem()
		d.value(n.Content[i+1], element, nil)
		v.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), element)
	}
}

func (d *Decoder) list(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.Wrong(n, "write it as a list: [...]", "this must be a list, not %s", kindOf(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		d.value(c, v.Index(i), nil)
	}
}

func (d *Decoder) scalar(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.Wrong(n, "", "this must be %s, not %s", nameOf(v.Kind()), kindOf(n))
		return
	}
	ok := true
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
	case reflect.Bool:
		ok = n.Tag == "!!bool"
		v.SetBool(ok && strings.EqualFold(n.Value, "true"))
	case reflect.Int, reflect.Int64, reflect.Int32:
		i, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 10, v.Type().Bits())
		ok = err == nil
		v.SetInt(i)
	case reflect.Uint64:
		u, err := strconv.ParseUint(n.Value, 10, 64)
		ok = err == nil
		v.SetUint(u)
	case reflect.Float64:
		f, err := strconv.ParseFloat(n.Value, 64)
		ok = err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
		v.SetFloat(f)
	default:
		ok = false
	}
	if !ok {
		d.Wrong(n, "", "%q is not %s", n.Value, nameOf(v.Kind()))
	}
}

func nameOf(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float64:
		return "a number"
	}
	return "a whole number"
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return "nothing"
		}
		return strconv.Quote(n.Value)
	}
	return "nothing"
}
