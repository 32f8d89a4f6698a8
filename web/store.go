package web

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mereon/graph"
	"mereon/graph/embedded"
	"mereon/graph/exchange/project"
	"mereon/graph/mirror"
	"mereon/graph/neo4j"
	"mereon/schema"
	"mereon/schema/fault"
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
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if config.Kind != project.StoreNeo4j {
		return opened(embedded.Open(ctx, embedded.Options{Dir: o.Data, LogRevisions: config.Log.Revisions, LogAge: config.Log.Age, Now: o.Now, Logger: o.Log}))
	}
	mirrored := config.Mirror.On() && !o.Direct
	store, err := openNeo4j(ctx, config, o, false)
	switch {
	case fault.CodeOf(err) == fault.Unavailable && mirrored && config.Mirror.OnDisk():
		return openKept(ctx, config, o, err)
	case err != nil || !mirrored:
		return opened(store, err)
	}
	m, err := openMirror(ctx, config, store, o, false)
	if err != nil {
		store.Close()
	}
	return opened(m, err)
}

// openKept opens what is left while Neo4j cannot be reached: the copy of the graph on disk, which follows when Neo4j is back.
// Without such a copy the answer is why Neo4j cannot be reached.
func openKept(ctx context.Context, config project.Store, o StoreOptions, why error) (graph.Store, error) {
	store, err := openNeo4j(ctx, config, o, true)
	if err != nil {
		return nil, why
	}
	m, err := openMirror(ctx, config, store, o, true)
	if err != nil {
		store.Close()
		return nil, why
	}
	o.Log.Warn("Neo4j cannot be reached: reads are answered from the copy of the graph on this machine, changes are refused", "error", why)
	return m, nil
}

// opened keeps a store that could not be opened from becoming an interface that is not nil.
func opened[S graph.Store](store S, err error) (graph.Store, error) {
	if err != nil {
		return nil, err
	}
	return store, nil
}

func openNeo4j(ctx context.Context, config project.Store, o StoreOptions, patient bool) (*neo4j.Store, error) {
	password, err := "", error(nil)
	if config.Password != "" {
		if password, err = secretOf(config.Password, o.Dir, o.Getenv); err != nil {
			return nil, fault.New(fault.Invalid, "store.password: %v", err)
		}
	}
	certificates, err := tlsOf(config.TLS, o.Dir)
	if err != nil {
		return nil, err
	}
	return neo4j.Open(ctx, neo4j.Options{
		URL: config.URL, User: config.User, Password: password, Database: config.Database, Graph: config.Graph, TLS: certificates,
		LogRevisions: config.Log.Revisions, LogAge: config.Log.Age, MaxChanges: config.MaxChanges, Connections: config.Connections, Poll: config.Poll,
		Patient: patient, Now: o.Now, Logger: o.Log,
	})
}

// openMirror puts a mirror in front of a store. A second process on the same folder has no copy on disk.
func openMirror(ctx context.Context, config project.Store, upstream mirror.Upstream, o StoreOptions, offline bool) (*mirror.Store, error) {
	options := mirror.Options{Upstream: upstream, Source: strings.Join([]string{config.URL, config.Database, config.Graph}, " "), Offline: offline,
		Memory: int64(config.Mirror.Memory), Wait: config.Mirror.Wait, MaxLag: config.Mirror.Lag, Now: o.Now, Logger: o.Log}
	if config.Mirror.OnDisk() {
		options.Dir = filepath.Join(o.Data, "mirror")
	}
	m, err := mirror.Open(ctx, options)
	if options.Dir != "" && fault.CodeOf(err) == fault.Conflict {
		o.Log.Warn("the copy of the graph is kept in memory only, since another process holds its folder; give each process a --data of its own", "why", err)
		options.Dir = ""
		m, err = mirror.Open(ctx, options)
	}
	return m, err
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
		return project.Store{Kind: project.StoreEmbedded}, nil // a place for a store alone
	}
	config, problems := project.ReadConfig(schema.File{Name: project.ConfigFile, Text: string(text)})
	if err := problems.Err(); err != nil {
		return project.Store{}, problems
	}
	return config.Store, nil
}

// await waits until the store shows a revision. A store that is not waited for shows what there is.
func (s *Service) await(ctx context.Context, r graph.Revision) error {
	if m, ok := s.store.(interface {
		Await(context.Context, graph.Revision) error
	}); ok {
		return m.Await(ctx, r)
	}
	view, err := s.store.View(ctx)
	if err != nil {
		return err
	}
	defer view.Close()
	if at := view.Revision(); at < r {
		return fault.New(fault.Timeout, "revision %d is ahead of the graph, which is at %d; try again", r, at)
	}
	return nil
}

// mirrored returns the mirror that reads run on, when there is one.
func (s *Service) mirrored() (*mirror.Store, bool) {
	m, ok := s.store.(*mirror.Store)
	return m, ok
}
