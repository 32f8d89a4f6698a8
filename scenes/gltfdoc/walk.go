package gltfdoc

import (
	"math"
	"slices"
	"strings"
)

// walk checks every object of a document against its shape and resolves every index.
type walk struct {
	*issues
	root *value
	used map[string]bool // extensions found
	refs map[string]map[int]bool
}

// object checks v against s.
func (w *walk) object(v *value, s *shape, pointer string) {
	for i := range v.items {
		w.member(&v.items[i], s, pointer, v)
	}
	var absent []string
	for name, p := range s.properties {
		if p.required && v.get(name) == nil {
			absent = append(absent, name)
		}
	}
	slices.Sort(absent)
	for _, name := range absent {
		w.fail("UNDEFINED_PROPERTY", rootPointer(pointer), "property '%s' must be defined", name)
	}
	if s.oneOf != nil {
		count := 0
		for _, name := range s.oneOf {
			if v.get(name) != nil {
				count++
			}
		}
		if count != 1 {
			w.fail("ONE_OF_MISMATCH", pointer, "exactly one of %s must be defined", strings.Join(s.oneOf, ", "))
		}
	}
}

func rootPointer(pointer string) string {
	if pointer == "" {
		return "/"
	}
	return pointer
}

func (w *walk) member(m *value, s *shape, pointer string, owner *value) {
	here := join(pointer, m.key)
	if p := s.properties[m.key]; p != nil {
		w.property(m, p, here)
		if p.needs != "" && owner.get(p.needs) == nil {
			w.fail("UNSATISFIED_DEPENDENCY", here, "dependency failed: '%s' must be defined", p.needs)
		}
		return
	}
	switch m.key {
	case "extensions":
		w.extensions(m, s, here)
	case "extras":
		if m.kind != jsonObject {
			w.note("NON_OBJECT_EXTRAS", here, "prefer JSON objects for extras")
		}
	case "name":
		if m.kind != jsonString {
			w.mismatch(m, "string", here)
		}
	default:
		w.unexpected(m.key, s, here)
	}
}

// unexpected reports a property nobody defined. One that differs from a defined one in case alone is an error: some
// readers take it for the other.
func (w *walk) unexpected(key string, s *shape, pointer string) {
	for name := range s.properties {
		if strings.EqualFold(name, key) {
			w.fail("UNEXPECTED_PROPERTY", pointer, "unexpected property; write '%s'", name)
			return
		}
	}
	if strings.EqualFold(key, "extensions") || strings.EqualFold(key, "extras") || strings.EqualFold(key, "name") {
		w.fail("UNEXPECTED_PROPERTY", pointer, "unexpected property; write '%s'", strings.ToLower(key))
		return
	}
	w.warn("UNEXPECTED_PROPERTY", pointer, "unexpected property")
}

func (w *walk) extensions(m *value, s *shape, pointer string) {
	if m.kind != jsonObject {
		w.mismatch(m, "object", pointer)
		return
	}
	for i := range m.items {
		e := &m.items[i]
		here := join(pointer, e.key)
		w.used[e.key] = true
		switch shape := s.extensions[e.key]; {
		case shape == nil && knownExtensions[e.key]:
			w.fail("UNEXPECTED_EXTENSION_OBJECT", here, "unexpected location for this extension")
		case shape == nil:
		case e.kind != jsonObject:
			w.mismatch(e, "object", here)
		default:
			w.object(e, shape, here)
		}
	}
}

func (w *walk) mismatch(v *value, want, pointer string) {
	w.fail("TYPE_MISMATCH", pointer, "type mismatch: the value is %s, not %s", jsonKindNames[v.kind], want)
}

var kindNames = [...]string{"any", "boolean", "integer", "number", "string", "object", "array", "object"}

func (p *property) accepts(v *value) bool {
	switch p.kind {
	case aBool:
		return v.kind == jsonBool
	case anInteger:
		_, ok := v.integer()
		return ok
	case aNumber:
		return v.kind == jsonNumber
	case aString:
		return v.kind == jsonString
	case anObject, aMap:
		return v.kind == jsonObject
	case anArray:
		return v.kind == jsonArray
	}
	return true
}

func (w *walk) property(v *value, p *property, pointer string) {
	if !p.accepts(v) {
		w.mismatch(v, kindNames[p.kind], pointer)
		return
	}
	switch p.kind {
	case anInteger, aNumber:
		w.number(v, p, pointer)
	case aString:
		if p.strings != nil && !slices.Contains(p.strings, v.text) {
			w.warn("VALUE_NOT_IN_LIST", pointer, "invalid value '%.80s', valid values are %s", v.text, strings.Join(p.strings, ", "))
		}
	case anObject:
		w.object(v, p.shape, pointer)
	case anArray, aMap:
		w.elements(v, p, pointer)
	}
}

func (w *walk) number(v *value, p *property, pointer string) {
	f := v.number()
	switch {
	case math.IsInf(f, 0), p.min != nil && f < *p.min, p.max != nil && f > *p.max, p.above != nil && f <= *p.above:
		w.fail("VALUE_NOT_IN_RANGE", pointer, "value %s is out of range", v.text)
	case p.multiple > 0 && math.Mod(f, float64(p.multiple)) != 0:
		w.fail("VALUE_MULTIPLE_OF", pointer, "value %s is not a multiple of %d", v.text, p.multiple)
	case p.integers != nil && !slices.Contains(p.integers, int(f)):
		w.warn("VALUE_NOT_IN_LIST", pointer, "invalid value %s", v.text)
	case p.target != "":
		w.reference(int(f), p.target, pointer)
	}
}

// reference resolves an index into a collection and remembers that it is used.
func (w *walk) reference(i int, target, pointer string) {
	if i < 0 {
		w.fail("INVALID_INDEX", pointer, "index must be a non-negative integer")
		return
	}
	if i >= len(w.collection(target)) {
		w.fail("UNRESOLVED_REFERENCE", pointer, "unresolved reference: %d", i)
		return
	}
	if w.refs[target] == nil {
		w.refs[target] = map[int]bool{}
	}
	w.refs[target][i] = true
}

// collection returns the array an index points into: of the root, or of an extension of the root.
func (w *walk) collection(target string) []value {
	if extension, name, ok := strings.Cut(target, "."); ok {
		return w.root.get("extensions").get(extension).get(name).list()
	}
	return w.root.get(target).list()
}

// elements checks the elements of an array, or the members of a map.
func (w *walk) elements(v *value, p *property, pointer string) {
	if len(v.items) == 0 {
		w.fail("EMPTY_ENTITY", pointer, "entity cannot be empty")
		return
	}
	if p.lengths != nil && !slices.Contains(p.lengths, len(v.items)) {
		w.fail("ARRAY_LENGTH_NOT_IN_LIST", pointer, "array length %d is invalid, valid lengths are %v", len(v.items), p.lengths)
	}
	var seen map[string]bool
	if p.unique {
		seen = make(map[string]bool, len(v.items))
	}
	for i := range v.items {
		e := &v.items[i]
		here := at(pointer, i)
		if p.kind == aMap {
			here = join(pointer, e.key)
		}
		if !p.item.accepts(e) {
			code := "ARRAY_TYPE_MISMATCH"
			if p.kind == aMap {
				code = "TYPE_MISMATCH"
			}
			w.fail(code, pointer, "type mismatch: element %d is %s, not %s", i, jsonKindNames[e.kind], kindNames[p.item.kind])
			continue
		}
		if p.unique {
			if seen[e.text] {
				w.fail("DUPLICATE_ELEMENTS", here, "element is used more than once")
			}
			seen[e.text] = true
		}
		w.property(e, p.item, here)
	}
}
