package web

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"mereon/connectors"
	"mereon/connectors/all"
	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/graph/live"
	"mereon/scenes"
	"mereon/schema"
	"mereon/schema/access"
	"mereon/schema/fault"
	"mereon/web/api"
	frames "mereon/web/live"
)

// Options says which project to serve and how.
type Options struct {
	Dir     string // the project folder
	Data    string // where the store is; default .mereon in Dir
	Listen  string // instead of the project's own
	Own     bool   // only the process itself asks, as the operator: the secrets of tokens are not read, and nothing is listened to
	Version string
	Log     *slog.Logger
	Getenv  func(string) string // default os.Getenv
	Now     func() time.Time    // default time.Now
	// Store opens the store; default OpenStore with what mereon.yaml says.
	Store func(ctx context.Context, config project.Store, o StoreOptions) (graph.Store, error)
}

func (o *Options) ensureDefaults() {
	if o.Data == "" {
		o.Data = filepath.Join(o.Dir, ".mereon")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Store == nil {
		o.Store = OpenStore
	}
}

// Service is one project being served: its store, connectors, running rules, scenes and the endpoints over them. It opens
// them in that order and closes them in reverse.
type Service struct {
	options Options
	config  *project.Config
	guard   *Guard
	callers *callers
	started time.Time
	notice  atomic.Pointer[string] // what the operator should know of the folder, nil for nothing
	store   graph.Store
	gate    *gate // the store as the API writes to it
	source  *connectors.Runtime
	hub     *live.Hub
	library *scenes.Library
	scenes  *scenes.Live
	frames  *frames.Server
	api     *api.Handler
	servers servers
	closers []func(context.Context) error
	closing sync.Once
	// applying lets one apply run at a time, from planning to the swap; it guards running.
	applying sync.Mutex
	running  *served // what is served now
	// documents are the trusted ones that are served, guarded by applying.
	documents []schema.File
}

// Open opens a project and applies its folder when that was never done. It listens on nothing yet.
//
// Errors: a fault.List for everything wrong with the folder; Conflict when another process holds the store.
func Open(ctx context.Context, o Options) (_ *Service, err error) {
	o.ensureDefaults()
	s := &Service{options: o, started: o.Now()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	folder, problems := project.Read(os.DirFS(o.Dir))
	if folder == nil || problems.Err() != nil {
		return nil, problems
	}
	s.config = folder.Config
	if o.Listen != "" {
		s.config.Listen = o.Listen
	}
	if o.Own {
		s.config.Access.Tokens = nil
	}
	if s.guard, err = newGuard(s.config, o.Dir, o.Getenv); err != nil {
		return nil, err
	}
	s.callers = newCallers(s.config.Limits, o.Now)
	s.guard.callers = s.callers
	if s.store, err = o.Store(ctx, s.config.Store, StoreOptions{Dir: o.Dir, Data: o.Data, Direct: o.Own, Log: o.Log, Getenv: o.Getenv, Now: o.Now}); err != nil {
		return nil, err
	}
	s.onClose(func(context.Context) error { return s.store.Close() })
	s.gate = &gate{Store: s.store}
	if err := s.applyFirst(ctx, folder); err != nil {
		return nil, err
	}
	s.source, err = connectors.Open(ctx, all.Kinds(), nodes(s.config), connectors.Options{File: s.config.File, Dir: o.Dir, Now: o.Now, Log: o.Log})
	if err != nil {
		return nil, err
	}
	s.onClose(s.source.Close)
	return s, s.start(ctx)
}

func (s *Service) onClose(f func(context.Context) error) { s.closers = append(s.closers, f) }

// applyFirst applies a folder that never was. One that changed since is served as applied, and says so.
func (s *Service) applyFirst(ctx context.Context, folder *project.Folder) error {
	view, err := s.store.View(ctx)
	if err != nil {
		return err
	}
	stored, err := project.ReadStored(ctx, view)
	view.Close()
	switch {
	case err != nil:
		return err
	case stored.Hash == folder.Hash:
		return nil
	case stored.Hash != "":
		notice := "The project folder changed since it was applied; what was applied is served. See what is new with: mereon plan " + s.options.Dir
		s.notice.Store(&notice)
		return nil
	}
	checked, problems := project.CheckForApply(folder)
	if problems.Err() != nil {
		return problems
	}
	_, err = project.Commit(ctx, checked, s.store, project.Options{By: "mereon serve"}, nil)
	return err
}

// apply plans a folder against the store, and with write applies it and serves the result before it returns.
func (s *Service) apply(ctx context.Context, folder fs.FS, options project.Options, write bool) (*project.Plan, error) {
	read := project.ReadAndCheck
	if write {
		read = project.ReadForApply
	}
	checked, problems := read(folder)
	if checked != nil {
		problems = append(problems, CheckDocuments(ctx, checked.Folder, checked.Model)...)
	}
	if problems.Err() != nil {
		return nil, problems
	}
	s.applying.Lock()
	defer s.applying.Unlock()
	options.By = access.FromContext(ctx).Name
	if m, ok := s.mirrored(); ok { // what was applied through another server a moment ago is no surprise
		if err := m.Refresh(ctx); err != nil && write {
			return nil, err
		}
	}
	if !write {
		plan, err := project.NewPlan(ctx, checked, s.store, options)
		return s.remind(plan, checked), err
	}
	next, err := s.serve(checked.Model, checked.Book, &project.Stored{Model: checked.Folder.Model, Rules: checked.Folder.Rules, Digest: project.ModelDigest(checked.Folder.Model)})
	if err != nil {
		return nil, err
	}
	plan, err := project.Commit(ctx, checked, s.store, options, s.gate.close)
	if err != nil {
		return nil, err
	}
	s.notice.Store(nil)
	s.documents = checked.Folder.Documents
	s.trust(next.snapshot)
	return s.remind(plan, checked), s.exchange(ctx, next)
}

// remind adds to a plan that the configuration is another than the one the service was opened with.
func (s *Service) remind(plan *project.Plan, checked *project.Checked) *project.Plan {
	if file := checked.Folder.Config.File; plan != nil && file.Text != s.config.File.Text {
		plan.Warnings = append(plan.Warnings, fault.Problem{Position: fault.Position{File: file.Name}, Warning: true,
			Message: "it changed since the server started", Hint: "Connectors, access and limits are read at the start: restart the server to take them."})
	}
	return plan
}

// Notice says what the operator should know of the folder, "" for nothing.
func (s *Service) Notice() string {
	if n := s.notice.Load(); n != nil {
		return *n
	}
	return ""
}

// Close closes everything that was opened, in reverse. It is safe to call twice.
func (s *Service) Close() error {
	var err error
	s.closing.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), closeTime)
		defer cancel()
		for i := len(s.closers) - 1; i >= 0; i-- {
			err = errors.Join(err, s.closers[i](ctx))
		}
	})
	return err
}

const closeTime = 10 * time.Second

// Local returns ctx with the principal of this machine's own tools.
func Local(ctx context.Context) context.Context { return access.NewContext(ctx, access.Local) }

// newGuard reads the secrets of tokens.
func newGuard(config *project.Config, dir string, getenv func(string) string) (*Guard, error) {
	g := &Guard{Hosts: config.Access.Hosts}
	if host := hostname(config.Listen); host != "" {
		g.Hosts = append(g.Hosts, host)
	}
	for _, t := range config.Access.Tokens {
		secret, err := secretOf(t.Secret, dir, getenv)
		if err != nil {
			return nil, fault.New(fault.Invalid, "the secret of token %s: %v", t.Name, err)
		}
		g.Tokens = append(g.Tokens, NewToken(t.Name, secret, t.Role))
	}
	return g, nil
}
