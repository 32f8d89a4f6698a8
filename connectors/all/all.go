package all

import (
	"mereon/connectors"
	"mereon/connectors/file"
	"mereon/connectors/postgres"
	"mereon/connectors/simulator"
)

// Kinds returns the built-in connector kinds.
func Kinds() connectors.Registry {
	return connectors.NewRegistry(file.Kind(), postgres.Kind(), simulator.Kind())
}
