package all

import (
	"mereon/connectors"
	"mereon/connectors/file"
	"mereon/connectors/simulator"
)

// Kinds returns the built-in connector kinds.
func Kinds() connectors.Registry {
	return connectors.NewRegistry(file.Kind(), simulator.Kind())
}
