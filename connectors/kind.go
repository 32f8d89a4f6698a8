package connectors

import (
	"context"
	"log/slog"
	"time"

	"go.yaml.in/yaml/v3"

	"mereon/schema"
)

// Kind is the code of one kind of connector. all.Kinds lists the built-in ones.
type Kind struct {
	Name   string // as written in mereon.yaml: kind: simulator
	Sample string // a documented sample configuration, tested
	// Open checks the configuration and opens a connector; ctx covers opening only. Mistakes come as a fault.List with the
	// lines of the node; an unknown key is one. An unreachable system is no error of Open: Fetch says so.
	Open func(ctx context.Context, c Config) (Connector, error)
}

// Config is what a connector is opened with.
type Config struct {
	Name   string      // of the connector in mereon.yaml
	Node   *yaml.Node  // its mapping, without kind and the runtime's own keys
	File   schema.File // the file Node is from, for messages
	Dir    string      // the project folder; relative paths start here and stay inside
	Now    func() time.Time
	Log    *slog.Logger
	Secret func(reference string) (string, error) // resolves env:NAME and file:PATH
}
