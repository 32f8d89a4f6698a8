package document

import (
	"errors"
	"fmt"
	"io"
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
	return fault.Problem{Position: at, Message: "not YAML: " + text, Source: file.Line(at.Line), Hint: "Check indentation, quotes and brackets near this line."}
}

func refused(file schema.File, n *yaml.Node, depth int) (fault.Problem, bool) {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return problemAt(file, n, "Write the value out.", "anchors and aliases are not read"), true
	case depth > maxDepth:
		return problemAt(file, n, "", "nested deeper than %d levels", maxDepth), true
	}
	for _, c := range n.Content {
		if p, bad := refused(file, c, depth+1); bad {
			return p, true
		}
	}
	return fault.Problem{}, false
}
