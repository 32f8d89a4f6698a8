package document

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Any returns a node as plain Go values: map[string]any, []any, string, bool, int64, float64 or nil. Dates stay texts.
func Any(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = Any(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			list[i] = Any(c)
		}
		return list
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			return i
		}
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return f
		}
	}
	return n.Value
}

// Twice reports keys that are written twice in the mappings of n, at any depth: Any keeps the last.
func (d *Decoder) Twice(n *yaml.Node) {
	seen := map[string]bool{}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if seen[c.Value] {
				d.Wrong(c, "Remove one of them.", "%s is written twice", c.Value)
			}
			seen[c.Value] = true
			continue
		}
		d.Twice(c)
	}
}
