package rules

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/fault"
)

// reader reads parts of one file and collects what is wrong.
type reader struct {
	document.Decoder
}

func newReader(f schema.File, problems fault.List) *reader {
	return &reader{document.Decoder{File: f, Problems: problems}}
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
		r.Wrong(&at, p.Hint, "%s", p.Message)
	}
}

// blockIndent is how far the lines of a block text are indented in the file.
func (r *reader) blockIndent(n *yaml.Node) int {
	for line := n.Line + 1; line <= n.Line+strings.Count(n.Value, "\n")+1; line++ {
		text := r.File.Line(line)
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
