package document

import (
	"fmt"
	"reflect"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/fault"
)

// Form is a type that reads its own node, such as one that may be written in two ways. It reports mistakes through d.
type Form interface {
	DecodeDocument(d *Decoder, n *yaml.Node)
}

// Decoder reads nodes of one file and collects what is wrong with them.
type Decoder struct {
	File     schema.File // gives names and source lines to messages; the text may be unknown
	Problems fault.List

	also []string // further keys that may be meant at the top level
}

// DecodeNode decodes one node as Decode does; file gives names and source lines to messages. also names keys that somebody
// else reads from the same mapping: they are no part of it, and only suggested when a key is near one.
func DecodeNode(file schema.File, n *yaml.Node, into any, also ...string) fault.List {
	d := &Decoder{File: file}
	d.Decode(n, into, also...)
	return d.Problems
}

// Decode decodes n into what into points to and says whether nothing was wrong; see DecodeNode.
func (d *Decoder) Decode(n *yaml.Node, into any, also ...string) bool {
	before, outer := len(d.Problems), d.also
	d.also = also
	d.value(n, reflect.ValueOf(into).Elem(), "")
	d.also = outer
	return len(d.Problems) == before
}

// At is the place of a node.
func (d *Decoder) At(n *yaml.Node) fault.Position {
	return fault.Position{File: d.File.Name, Line: n.Line, Column: n.Column}
}

// Wrong reports a mistake at a node; hint says what to do and may be empty.
func (d *Decoder) Wrong(n *yaml.Node, hint, format string, args ...any) {
	d.Problems = append(d.Problems, problemAt(d.File, n, hint, format, args...))
}

// Warn reports what does not refuse the file.
func (d *Decoder) Warn(n *yaml.Node, hint, format string, args ...any) {
	p := problemAt(d.File, n, hint, format, args...)
	p.Warning = true
	d.Problems = append(d.Problems, p)
}

func problemAt(file schema.File, n *yaml.Node, hint, format string, args ...any) fault.Problem {
	return fault.Problem{
		Position: fault.Position{File: file.Name, Line: n.Line, Column: n.Column},
		Message:  fmt.Sprintf(format, args...), Hint: hint, Source: file.Line(n.Line),
	}
}

// Quote adds the source line to the problems of file that have none. The list is changed in place.
func Quote(file schema.File, problems fault.List) {
	for i, p := range problems {
		if p.Source == "" && p.File == file.Name {
			problems[i].Source = file.Line(p.Line)
		}
	}
}
