package document

import (
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/fault"
)

var (
	nodeType     = reflect.TypeFor[yaml.Node]()
	durationType = reflect.TypeFor[time.Duration]()
	formType     = reflect.TypeFor[Form]()
	positionType = reflect.TypeFor[fault.Position]()
)

func (d *Decoder) value(n *yaml.Node, v reflect.Value, path string) {
	switch {
	case v.Type() == nodeType:
		v.Set(reflect.ValueOf(*n))
		return
	case v.CanAddr() && v.Addr().Type().Implements(formType):
		v.Addr().Interface().(Form).DecodeDocument(d, n)
		return
	case n.Tag == "!!null":
		return
	case v.Type() == durationType:
		d.duration(n, v, path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		d.value(n, fresh.Elem(), path)
		v.Set(fresh)
	case reflect.Struct:
		d.structure(n, v, path)
	case reflect.Map:
		d.dictionary(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	case reflect.Interface:
		v.Set(reflect.ValueOf(Any(n)))
	default:
		d.scalar(n, v, path)
	}
}

// duration takes what schema.ParseDuration does, but nothing below zero.
func (d *Decoder) duration(n *yaml.Node, v reflect.Value, path string) {
	length, err := schema.ParseDuration(n.Value)
	if err != nil || n.Kind != yaml.ScalarNode || length < 0 {
		d.Wrong(n, "Write for example 500ms, 10s, 1h30m, 1d or PT5S.", "%s takes a duration, not %s", named(path), Describe(n))
		return
	}
	v.SetInt(int64(length))
}

func (d *Decoder) list(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		d.Wrong(n, "Write a list: each element on a line of its own after a dash, or [a, b].", "%s takes a list, not %s", named(path), Describe(n))
		return
	}
	list := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, c := range n.Content {
		d.value(c, list.Index(i), path+"["+strconv.Itoa(i)+"]")
	}
	v.Set(list)
}

func (d *Decoder) dictionary(n *yaml.Node, v reflect.Value, path string) {
	if !d.isMapping(n, path) {
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.Content)/2)
	for _, e := range d.Entries(n, path) {
		element := reflect.New(v.Type().Elem()).Elem()
		d.value(e.Value, element, join(path, e.Key.Value))
		m.SetMapIndex(reflect.ValueOf(e.Key.Value).Convert(v.Type().Key()), element)
	}
	v.Set(m)
}

func (d *Decoder) scalar(n *yaml.Node, v reflect.Value, path string) {
	ok := n.Kind == yaml.ScalarNode
	if ok {
		ok = setScalar(n, v)
	}
	if !ok {
		d.Wrong(n, "", "%s takes %s, not %s", named(path), kindName(v.Kind()), Describe(n))
	}
}

func setScalar(n *yaml.Node, v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
		return true
	case reflect.Bool:
		v.SetBool(n.Value == "true")
		return n.Value == "true" || n.Value == "false"
	case reflect.Int, reflect.Int64, reflect.Int32:
		i, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 10, v.Type().Bits())
		v.SetInt(i)
		return err == nil
	case reflect.Float64:
		f, err := strconv.ParseFloat(n.Value, 64)
		v.SetFloat(f)
		return err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	return false
}

func kindName(k reflect.Kind) string {
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
