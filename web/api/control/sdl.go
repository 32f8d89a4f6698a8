package control

import _ "embed"

//go:generate go tool gqlgen generate --config gqlgen.yml

// SDL is the control plane's schema, merged with the data plane's.
//
//go:embed control.graphql
var SDL string
