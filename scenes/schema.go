package scenes

import _ "embed"

// Schema is the JSON Schema (draft 2020-12) of scene documents, for editors and other programs. Parse checks more: what
// refers to what.
//
//go:embed scene.schema.json
var Schema []byte
