package api

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// mergeSchema makes one validated schema of the data plane, which becomes part of it, and the control plane.
func mergeSchema(data *ast.SchemaDocument, control string) (*ast.Schema, error) {
	whole, err := parser.ParseSchemas(validator.Prelude)
	if err != nil {
		return nil, err
	}
	roots := takeRoots(data)
	whole.Merge(data)
	last, err := parser.ParseSchema(&ast.Source{Name: "control", Input: control})
	if err != nil {
		return nil, err
	}
	whole.Merge(last)
	schema, err := validator.ValidateSchemaDocument(whole)
	if err != nil {
		return nil, err
	}
	return schema, giveBack(schema, roots)
}

// portion is how many fields of a root are validated at once. The validator compares the fields of a definition two by two;
// roots have some for every type of the model, and an exchange of the model waits for it.
const portion = 64

// root is a root type of the data plane whose fields are validated in portions.
type root struct {
	name     string
	fields   ast.FieldList
	portions []string
}

// takeRoots moves all fields of large roots but a first portion to definitions of their own.
func takeRoots(data *ast.SchemaDocument) (roots []root) {
	for _, name := range []string{"Query", "Mutation", "Subscription"} {
		def := data.Definitions.ForName(name)
		if def == nil || len(def.Fields) <= portion {
			continue
		}
		r := root{name: name, fields: slices.Clone(def.Fields)}
		for some := range slices.Chunk(r.fields[portion:], portion) {
			part := *def
			part.Name, part.Fields = fmt.Sprintf("%s %d", name, len(r.portions)), slices.Clone(some) // no model has such a name
			data.Definitions = append(data.Definitions, &part)
			r.portions = append(r.portions, part.Name)
		}
		def.Fields = slices.Clone(def.Fields[:portion])
		roots = append(roots, r)
	}
	return roots
}

// giveBack gives roots all their fields, those of the data plane first. A name that both planes use is an error.
func giveBack(schema *ast.Schema, roots []root) error {
	for _, r := range roots {
		for _, name := range r.portions {
			delete(schema.Types, name)
			delete(schema.PossibleTypes, name)
		}
		def := schema.Types[r.name]
		def.Fields = slices.Concat(r.fields, def.Fields[portion:])
		seen := make(map[string]bool, len(def.Fields))
		for _, f := range def.Fields {
			if seen[f.Name] {
				return fmt.Errorf("field %s.%s is defined twice", r.name, f.Name)
			}
			seen[f.Name] = true
		}
	}
	return nil
}
