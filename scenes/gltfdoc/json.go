package gltfdoc

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Limits of the JSON part of a document. A file of 100,000 nodes stays below a third of each.
const (
	maxJSONBytes  = 64 << 20
	maxJSONDepth  = 64
	maxJSONValues = 4 << 20
)

type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonBool
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

var jsonKindNames = [...]string{"null", "bool", "number", "string", "array", "object"}

// value is one JSON value. Strings without escapes and numbers are parts of the source, not copies.
type value struct {
	kind  jsonKind
	key   string // within an object
	text  string // string: decoded; number: as written; bool: "true" or "false"
	items []value
	// start and end are the place of the value in the source.
	start, end int32
}

// get returns the member with that key, or nil. On anything but an object it returns nil.
func (v *value) get(key string) *value {
	if v == nil || v.kind != jsonObject {
		return nil
	}
	for i := range v.items {
		if v.items[i].key == key {
			return &v.items[i]
		}
	}
	return nil
}

// members returns the members of an object, nil for anything else.
func (v *value) members() []value {
	if v == nil || v.kind != jsonObject {
		return nil
	}
	return v.items
}

// list returns the elements of an array, nil for anything else.
func (v *value) list() []value {
	if v == nil || v.kind != jsonArray {
		return nil
	}
	return v.items
}

// number returns the number, infinite when it is too large for a float64; NaN for anything else.
func (v *value) number() float64 {
	if v == nil || v.kind != jsonNumber {
		return math.NaN()
	}
	f, _ := strconv.ParseFloat(v.text, 64) // the syntax was checked; on overflow f is infinite
	return f
}

// integer returns the whole number v holds and whether it is one within 2^53.
func (v *value) integer() (int, bool) {
	f := v.number()
	if math.IsNaN(f) || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int(f), true
}

// intOr returns the whole number of the member, or otherwise when it is absent or none.
func (v *value) intOr(key string, otherwise int) int {
	if i, ok := v.get(key).integer(); ok {
		return i
	}
	return otherwise
}

// string returns the text of a string member, "" when it is absent or none.
func (v *value) string(key string) string {
	if m := v.get(key); m != nil && m.kind == jsonString {
		return m.text
	}
	return ""
}

// isTrue says whether the member is the boolean true.
func (v *value) isTrue(key string) bool {
	m := v.get(key)
	return m != nil && m.kind == jsonBool && m.text == "true"
}

// numbers returns the elements of an array as numbers.
func (v *value) numbers() []float64 {
	list := make([]float64, len(v.list()))
	for i := range list {
		list[i] = v.items[i].number()
	}
	return list
}

// jsonParser reads one JSON text (RFC 8259) with limits on depth and on the number of values. It is our own because the
// standard decoder lets the last of repeated keys win in silence and does not bound what a hostile text makes it allocate.
type jsonParser struct {
	source string
	pos    int
	values int
	depth  int
	open   []value // elements of the containers that are being read, the innermost last
}

var (
	errJSONEnd     = errors.New("unexpected end of input")
	errRepeatedKey = errors.New("an object holds the same key twice")
)

func parseJSON(source string) (*value, error) {
	p := &jsonParser{source: source}
	if !utf8.ValidString(source) {
		return nil, errors.New("the text is not UTF-8")
	}
	var root value
	if err := p.parse(&root); err != nil {
		return nil, fmt.Errorf("%w (at offset %d)", err, p.pos)
	}
	p.space()
	if p.pos < len(source) {
		return nil, fmt.Errorf("unexpected text after the document (at offset %d)", p.pos)
	}
	return &root, nil
}

func (p *jsonParser) space() {
	for p.pos < len(p.source) {
		switch p.source[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *jsonParser) parse(v *value) error {
	p.space()
	if p.pos >= len(p.source) {
		return errJSONEnd
	}
	if p.values++; p.values > maxJSONValues {
		return fmt.Errorf("more than %d values", maxJSONValues)
	}
	v.start = int32(p.pos)
	err := p.parseKind(v)
	v.end = int32(p.pos)
	return err
}

func (p *jsonParser) parseKind(v *value) (err error) {
	switch c := p.source[p.pos]; {
	case c == '{':
		v.kind = jsonObject
		return p.container(v, '}')
	case c == '[':
		v.kind = jsonArray
		return p.container(v, ']')
	case c == '"':
		v.kind = jsonString
		v.text, err = p.string()
		return err
	case c == '-' || c >= '0' && c <= '9':
		v.kind = jsonNumber
		v.text, err = p.number()
		return err
	}
	for word, kind := range map[string]jsonKind{"true": jsonBool, "false": jsonBool, "null": jsonNull} {
		if len(p.source)-p.pos >= len(word) && p.source[p.pos:p.pos+len(word)] == word {
			v.kind, v.text = kind, word
			p.pos += len(word)
			return nil
		}
	}
	return errors.New("unexpected character")
}

// container reads the members of an object or the elements of an array.
func (p *jsonParser) container(v *value, end byte) error {
	if p.depth++; p.depth > maxJSONDepth {
		return fmt.Errorf("nested deeper than %d", maxJSONDepth)
	}
	base := len(p.open)
	defer func() {
		p.depth--
		p.open = p.open[:base]
	}()
	p.pos++
	if p.space(); p.take(end) {
		return nil
	}
	for {
		var item value
		if end == '}' {
			if err := p.key(&item); err != nil {
				return err
			}
		}
		if err := p.parse(&item); err != nil {
			return err
		}
		p.open = append(p.open, item)
		if p.space(); p.take(end) {
			v.items = slices.Clone(p.open[base:])
			return repeatedKey(v)
		}
		if !p.take(',') {
			return p.expected("',' or '" + string(end) + "'")
		}
		p.space()
	}
}

// repeatedKey refuses an object that holds a key twice: readers differ in which one they take.
func repeatedKey(object *value) error {
	if object.kind != jsonObject || len(object.items) < 2 {
		return nil
	}
	if len(object.items) <= 8 {
		for i := range object.items {
			for j := range i {
				if object.items[i].key == object.items[j].key {
					return errRepeatedKey
				}
			}
		}
		return nil
	}
	seen := make(map[string]struct{}, len(object.items))
	for i := range object.items {
		seen[object.items[i].key] = struct{}{}
	}
	if len(seen) < len(object.items) {
		return errRepeatedKey
	}
	return nil
}

func (p *jsonParser) key(item *value) (err error) {
	if p.pos >= len(p.source) || p.source[p.pos] != '"' {
		return p.expected("a quoted key")
	}
	if item.key, err = p.string(); err != nil {
		return err
	}
	if p.space(); !p.take(':') {
		return p.expected("':'")
	}
	return nil
}

func (p *jsonParser) take(c byte) bool {
	if p.pos < len(p.source) && p.source[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *jsonParser) expected(what string) error {
	if p.pos >= len(p.source) {
		return errJSONEnd
	}
	return errors.New("expected " + what)
}

// string reads a quoted string; one without escapes is a part of the source.
func (p *jsonParser) string() (string, error) {
	start, escaped := p.pos, false
	for p.pos++; p.pos < len(p.source); p.pos++ {
		switch c := p.source[p.pos]; {
		case c == '"':
			p.pos++
			return unquote(p.source[start:p.pos], escaped)
		case c == '\\':
			escaped = true
			p.pos++
		case c < ' ':
			return "", errors.New("control character in a string")
		}
	}
	p.pos = min(p.pos, len(p.source))
	return "", errJSONEnd
}

func unquote(quoted string, escaped bool) (string, error) {
	if !escaped {
		return quoted[1 : len(quoted)-1], nil
	}
	var text string
	if err := json.Unmarshal([]byte(quoted), &text); err != nil {
		return "", errors.New("invalid escape in a string")
	}
	return text, nil
}

func (p *jsonParser) number() (string, error) {
	start := p.pos
	p.take('-')
	if !p.take('0') && p.digits() == 0 {
		return "", errors.New("malformed number")
	}
	if p.take('.') && p.digits() == 0 {
		return "", errors.New("malformed number")
	}
	if p.take('e') || p.take('E') {
		if !p.take('+') {
			p.take('-')
		}
		if p.digits() == 0 {
			return "", errors.New("malformed number")
		}
	}
	return p.source[start:p.pos], nil
}

func (p *jsonParser) digits() (n int) {
	for p.pos < len(p.source) && p.source[p.pos] >= '0' && p.source[p.pos] <= '9' {
		p.pos++
		n++
	}
	return n
}
