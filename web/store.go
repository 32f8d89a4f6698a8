package web

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"mereon/graph"
	"mereon/graph/embedded"
	"mereon/graph/exchange/project"
	"mereon/schema"
)

// StoreOptions says how to open the store of a project.
type StoreOptions struct {
	Dir    string // the project folder, where relative paths begin
	Data   string // what is kept on this machine; default .mereon in Dir
	Direct bool   // for one look or one change: without a mirror
	Log    *slog.Logger
	Getenv func(string) string // default os.Getenv
	Now    func() time.Time    // default time.Now
}

// OpenStore opens the store that a project names. Errors: Invalid when what it names is wrong, a secret for example;
// Conflict when another process holds it; Unavailable when it cannot be reached.
func OpenStore(ctx context.Context, config project.Store, o StoreOptions) (graph.Store, error) {
	if o.Data == "" {
		o.Data = filepath.Join(o.Dir, ".mereon")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	store, err := embedded.Open(ctx, embedded.Options{Dir: o.Data, Now: o.Now, Logger: o.Log})
	if err != nil {
		return nil, err
	}
	return store, nil
}

// OpenFolderStore opens the store that the mereon.yaml of a folder names, the embedded one where there is no mereon.yaml.
// A fault.List tells what is wrong with it.
func OpenFolderStore(ctx context.Context, o StoreOptions) (graph.Store, error) {
	config, err := ReadStore(o.Dir)
	if err != nil {
		return nil, err
	}
	return OpenStore(ctx, config, o)
}

// ReadStore reads what the mereon.yaml of a folder says of its store.
func ReadStore(dir string) (project.Store, error) {
	text, err := os.ReadFile(filepath.Join(dir, project.ConfigFile))
	if err != nil {
		return project.Store{Kind: "embedded"}, nil // a place for a store alone
	}
	config, problems := project.ReadConfig(schema.File{Name: project.ConfigFile, Text: string(text)})
	if err := problems.Err(); err != nil {
		return project.Store{}, problems
	}
	return config.Store, nil
}
