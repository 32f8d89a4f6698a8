package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"mereon/schema/fault"
)

// Entry is one key of a mapping and its value.
type Entry struct {
	Key   *yaml.Node
	Value *yaml.Node
}

// Given says whether something was written where n was read from.
func Given(n *yaml.Node) bool { return n.Kind != 0 && n.Tag != "!!null" }

// Entries returns the keys of a mapping in the order written, none twice; what says in messages what n is.
func (d *Decoder) Entries(n *yaml.Node, what string) []Entry {
	if !Given(n) || !d.isMapping(n, what) {
		return nil
	}
	entries := make([]Entry, 0, len(n.Content)/2)
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			d.Wrong(key, "", "a key must be a text, not %s", Describe(key))
			continue
		case seen[key.Value]:
			d.Wrong(key, "Remove one of them.", "%s is written twice", join(what, key.Value))
			continue
		}
		seen[key.Value] = true
		entries = append(entries, Entry{key, n.Content[i+1]})
	}
	return entries
}

func (d *Decoder) isMapping(n *yaml.Node, what string) bool {
	if n.Kind != yaml.MappingNode {
		d.Wrong(n, "Write key: value.", "%s takes a mapping, not %s", named(what), Describe(n))
	}
	return n.Kind == yaml.MappingNode
}

// Text returns a scalar as it is written, which must not be empty.
func (d *Decoder) Text(n *yaml.Node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
		d.Wrong(n, "", "%s takes a text, not %s", what, Describe(n))
		return "", false
	}
	return n.Value, true
}

// OneOf returns a text that must be one of names; what says what it names.
func (d *Decoder) OneOf(n *yaml.Node, what string, names []string) (string, bool) {
	text, ok := d.Text(n, what)
	if !ok || slices.Contains(names, text) {
		return text, ok
	}
	hint := "Known are " + strings.Join(names, ", ") + "."
	if near := fault.Suggest(text, names); near != "" {
		hint = fmt.Sprintf("Did you mean %s?", near)
	}
	d.Wrong(n, hint, "%s %q is not known", what, text)
	return "", false
}

// Describe names what a node holds, for messages.
func Describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	text := n.Value
	if len(text) > 40 {
		text = text[:40] + "…"
	}
	return strconv.Quote(text)
}

func named(path string) string {
	if path == "" {
		return "the document"
	}
	return path
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
