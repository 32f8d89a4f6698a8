package document

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
	"mereon/schema/fault"
)

// MaxSize is the largest document read, in bytes.
const MaxSize = 64 << 20

// maxDepth bounds how deep mappings and lists may be nested.
const maxDepth = 100

// Decode reads one document into the struct, map or slice that into points to. What could be decoded is there even when
// problems are reported. An empty document leaves into as it was.
func Decode(file schema.File, into any) fault.List {
	node, problems := Parse(file)
	if node == nil {
		return problems
	}
	return append(problems, DecodeNode(file, node, into)...)
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// Parse reads the text as one YAML document and returns its content, nil when it is empty or cannot be read.
// Anchors and aliases are refused, so that a small file cannot become a large value.
func Parse(file schema.File) (*yaml.Node, fault.List) {
	if len(file.Text) > MaxSize {
		return nil, fault.List{{Position: fault.Position{File: file.Name}, Message: fmt.Sprintf("the file has %d bytes, the limit is %d", len(file.Text), MaxSize)}}
	}
	var root yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(file.Text))
	if err := decoder.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, fault.List{syntaxProblem(file, err)}
	}
	var second yaml.Node
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, fault.List{{Position: fault.Position{File: file.Name}, Message: "the file holds more than one document", Hint: "Write one document a file, without ---."}}
	}
	if p, bad := refused(file, &root, 0); bad {
		return nil, fault.List{p}
	}
	return root.Content[0], nil
}

func syntaxProblem(file schema.File, err error) fault.Problem {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	at := fault.Position{File: file.Name}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		at.Line, _ = strconv.Atoi(m[1])
		text = strings.TrimPrefix(text, m[0]+": ")
	}
	return fault.Problem{Position: at, Message: "not YAML: " + text, Source: lineOf(file.Text, at.Line), Hint: "Check indentation, quotes and brackets near this line."}
}

func refused(file schema.File, n *yaml.Node, depth int) (fault.Problem, bool) {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return At(file, n, "Write the value out.", "anchors and aliases are not read"), true
	case depth > maxDepth:
		return At(file, n, "", "nested deeper than %d levels", maxDepth), true
	}
	for _, c := range n.Content {
		if p, bad := refused(file, c, depth+1); bad {
			return p, true
		}
	}
	return fault.Problem{}, false
}

// At returns a problem at the place of a node.
func At(file schema.File, n *yaml.Node, hint, format string, args ...any) fault.Problem {
	return fault.Problem{
		Position: fault.Position{File: file.Name, Line: n.Line, Column: n.Column},
		Message:  fmt.Sprintf(format, args...), Hint: hint, Source: lineOf(file.Text, n.Line),
	}
}

func lineOf(text string, line int) string {
	for i := 1; ; i++ {
		first, rest, more := strings.Cut(text, "\n")
		if i == line {
			return strings.TrimSuffix(first, "\r")
		}
		if !more || line == 0 {
			return ""
		}
		text = rest
	}
}

// DecodeNode decodes one node as Decode does; file gives names and source lines to messages.
func DecodeNode(file schema.File, n *yaml.Node, into any) fault.List {
	d := &decoder{file: file}
	d.value(n, reflect.ValueOf(into).Elem(), "")
	return d.problems
}

type decoder struct {
	file     schema.File
	problems fault.List
}

func (d *decoder) fail(n *yaml.Node, hint, format string, args ...any) {
	d.problems = append(d.problems, At(d.file, n, hint, format, args...))
}
