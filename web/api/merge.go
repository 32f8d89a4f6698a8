package api

import (
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// mergeSchema loads the data plane and the control plane as one validated schema. A large data plane, made of thousands of
// types, is parsed in pieces side by side, since an exchange of the model waits for it.
func mergeSchema(data, control string) (*ast.Schema, error) {
	sources := []*ast.Source{{Name: "model", Input: data}, {Name: "control", Input: control}}
	pieces := pieces(data)
	if len(pieces) < 2 {
		return gqlparser.LoadSchema(sources...)
	}
	parsed := make([]*ast.SchemaDocument, len(pieces))
	errors := make([]error, len(pieces))
	var beside sync.WaitGroup
	for i, text := range pieces {
		beside.Go(func() { parsed[i], errors[i] = parser.ParseSchema(&ast.Source{Name: "model", Input: text}) })
	}
	beside.Wait()
	whole, err := parser.ParseSchemas(validator.Prelude)
	for i := range parsed {
		if err == nil {
			err = errors[i]
		}
		if err == nil {
			whole.Merge(parsed[i])
		}
	}
	if err == nil {
		var last *ast.SchemaDocument
		if last, err = parser.ParseSchema(sources[1]); err == nil {
			whole.Merge(last)
		}
	}
	if err == nil {
		return validator.ValidateSchemaDocument(whole)
	}
	return gqlparser.LoadSchema(sources...) // says what is wrong, and where
}

// pieceSize is how much SDL is parsed at once, at least, in bytes.
const pieceSize = 512 << 10

// pieces cuts SDL between definitions, as the data plane writes them: a closing brace, then an empty line.
func pieces(text string) []string {
	const end = "\n}\n\n"
	var list []string
	for len(text) > pieceSize {
		i := strings.Index(text[pieceSize:], end)
		if i < 0 {
			break
		}
		i += pieceSize + len(end)
		list, text = append(list, text[:i]), text[i:]
	}
	return append(list, text)
}
