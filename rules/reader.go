package rules

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/fault"
)

// reader reads parts of one file and collects what is wrong.
type reader struct {
	file     schema.File
	problems fault.List
}

func (r *reader) problem(n *yaml.Node, message, hint string) {
	r.problems = append(r.problems, document.At(r.file, n, hint, "%s", message))
}

func (r *reader) warning(n *yaml.Node, message, hint string) {
	p := document.At(r.file, n, hint, "%s", message)
	p.Warning = true
	r.problems = append(r.problems, p)
}

// decode reads n into a struct.
func (r *reader) decode(n *yaml.Node, into any) bool {
	problems := document.DecodeNode(r.file, n, into)
	r.problems = append(r.problems, problems...)
	return len(problems) == 0
}

// given says whether a key with a node was written.
func given(n *yaml.Node) bool { return n.Kind != 0 && n.Tag != "!!null" }

// entry is one key of a mapping and its value.
type entry struct {
	key   *yaml.Node
	value *yaml.Node
}

// entries returns the keys of a mapping in the order written; what says in messages what n is.
func (r *reader) entries(n *yaml.Node, what string) []entry {
	if !given(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.problem(n, fmt.Sprintf("%s takes a mapping, not %s", what, document.Describe(n)), "Write name: value.")
		return nil
	}
	var out []entry
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			r.problem(key, fmt.Sprintf("%s.%s is written twice", what, key.Value), "Remove one of them.")
			continue
		}
		seen[key.Value] = true
		out = append(out, entry{key, n.Content[i+1]})
	}
	return out
}

// text returns a scalar as it is written.
func (r *reader) text(n *yaml.Node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
		r.problem(n, fmt.Sprintf("%s takes a text, not %s", what, document.Describe(n)), "")
		return "", false
	}
	return n.Value, true
}

// oneOf returns a text that must be one of names; what says what it names.
func (r *reader) oneOf(n *yaml.Node, what string, names []string) (string, bool) {
	text, ok := r.text(n, what)
	if !ok || slices.Contains(names, text) {
		return text, ok
	}
	hint := "Known are " + strings.Join(names, ", ") + "."
	if near := fault.Suggest(text, names); near != "" {
		hint = fmt.Sprintf("Did you mean %s?", near)
	}
	r.problem(n, fmt.Sprintf("%s %q is not known", what, text), hint)
	return "", false
}

// expression moves problems of a compiled scalar to their place in the file.
func (r *reader) expression(n *yaml.Node, problems fault.List) {
	for _, p := range problems {
		at := yaml.Node{Line: n.Line, Column: n.Column + p.Column - 1}
		switch {
		case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
			at.Line, at.Column = n.Line+p.Line, p.Column+r.blockIndent(n)
		case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
			at.Column++
		}
		r.problem(&at, p.Message, p.Hint)
	}
}

// blockIndent is how far the lines of a block text are indented in the file.
func (r *reader) blockIndent(n *yaml.Node) int {
	for line := n.Line + 1; line <= n.Line+strings.Count(n.Value, "\n")+1; line++ {
		text := document.At(r.file, &yaml.Node{Line: line}, "", "").Source
		if strings.TrimSpace(text) == "" {
			continue
		}
		first := strings.TrimLeft(n.Value, "\n")
		return len(text) - len(strings.TrimLeft(text, " ")) - (len(first) - len(strings.TrimLeft(first, " ")))
	}
	return 0
}

// sentence writes a hint as one: with a capital.
func sentence(hint string) string {
	if hint == "" {
		return ""
	}
	return strings.ToUpper(hint[:1]) + hint[1:]
}
