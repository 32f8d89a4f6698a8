package rules

import _ "embed"

//go:embed ruleset.schema.json
var jsonSchema []byte

// JSONSchema returns the JSON Schema (draft 2020-12) of a rule file, for editors. It knows the shape, not the model: Compile
// finds more. It must not be changed.
func JSONSchema() []byte { return jsonSchema }
