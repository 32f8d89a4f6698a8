package web

import (
	"context"
	"encoding/json"
	"io/fs"
	"iter"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/graph/live"
	"mereon/graph/query"
	"mereon/rules"
	"mereon/scenes"
	"mereon/schema"
	"mereon/schema/fault"
	"mereon/web/api"
	frames "mereon/web/live"
)

// served is one model being served. It answers the control plane for its snapshot.
type served struct {
	service  *Service
	model    *schema.Model
	book     *rules.Book
	files    []schema.File     // of the model
	rules    map[string]string // texts of rule files, by name
	digest   string            // of the model, as the store knows it
	snapshot *api.Snapshot
}

var _ api.Project = (*served)(nil)

// start opens what depends on the stored model: running rules, scenes and the API.
func (s *Service) start(ctx context.Context) error {
	stored, at, err := s.stored(ctx)
	if err != nil {
		return err
	}
	model, book, err := understand(stored)
	if err != nil {
		return err
	}
	if s.hub, err = live.Open(ctx, live.Options{Store: s.store, Source: s.source, Model: model, Book: book, Log: s.options.Log}); err != nil {
		return err
	}
	s.onClose(func(context.Context) error { return s.hub.Close() })
	s.library = scenes.NewLibrary(s.store)
	s.scenes = scenes.NewLive(scenes.Options{Store: s.store, Hub: s.hub, Library: s.library, Model: model, Log: s.options.Log})
	s.onClose(func(context.Context) error { return s.scenes.Close() })
	s.frames = frames.New(frames.Options{Scenes: s.scenes, Log: s.options.Log})
	s.onClose(s.frames.Close)
	first, err := s.serve(model, book, stored)
	if err != nil {
		return err
	}
	s.running = first
	s.documents = stored.Documents
	s.trust(first.snapshot)
	s.api = api.NewHandler(first.snapshot, api.Options{
		Log:         s.options.Log,
		Authorize:   s.guard.Authorize,
		Await:       s.await,
		Admission:   s.callers,
		Limits:      apiLimits(s.config.Limits),
		OnlyTrusted: s.config.Documents.Only,
	})
	s.onClose(s.api.Close)
	s.follow(at)
	return nil
}

// stored reads what was applied last, and at which revision it stood.
func (s *Service) stored(ctx context.Context) (*project.Stored, graph.Revision, error) {
	view, err := s.store.View(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer view.Close()
	stored, err := project.ReadStored(ctx, view)
	return stored, view.Revision(), err
}

// understand makes a model and rules of what is stored.
func understand(stored *project.Stored) (*schema.Model, *rules.Book, error) {
	model, err := stored.ParseModel()
	if err != nil {
		return nil, nil, err
	}
	book, problems := rules.Compile(stored.Rules, model)
	if err := problems.Err(); err != nil {
		return nil, nil, fault.Wrap(fault.Internal, err, "the stored rules are no longer understood by this version")
	}
	return model, book, nil
}

// serve builds the snapshot of a model beside the one that runs.
func (s *Service) serve(model *schema.Model, book *rules.Book, stored *project.Stored) (*served, error) {
	next := &served{service: s, model: model, book: book, files: stored.Model, rules: textsOf(stored.Rules), digest: stored.Digest}
	engine, err := query.New(query.Options{
		Model: model, Store: &checkedStore{gate: s.gate, model: next.digest, exchange: s.reload}, Source: s.source, States: s.hub, Frames: s.sceneFrames, Now: s.options.Now,
		Limits: queryLimits(s.config.Limits),
	})
	if err != nil {
		return nil, err
	}
	next.snapshot, err = api.NewSnapshot(engine, &api.Resolvers{Project: next})
	return next, err
}

// exchange makes everything that runs use a new model; the caller holds applying.
func (s *Service) exchange(ctx context.Context, next *served) error {
	if err := s.hub.Swap(ctx, next.model, next.book); err != nil {
		return err
	}
	s.scenes.Swap(next.model)
	s.api.Swap(next.snapshot)
	s.running = next
	s.gate.outdated.Store(nil)
	return nil
}

// sceneFrames gives the frames of a scene to GraphQL subscriptions.
func (s *Service) sceneFrames(ctx context.Context, scene string, parameters []byte, from string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var chosen map[string]string
		if len(parameters) > 0 && json.Unmarshal(parameters, &chosen) != nil {
			yield(nil, fault.New(fault.Invalid, "parameters of a scene are an object of ids"))
			return
		}
		cursor, err := s.scenes.Subscribe(ctx, scene, chosen, from)
		if err != nil {
			yield(nil, err)
			return
		}
		defer cursor.Close()
		for {
			frame, err := cursor.Next(ctx)
			if ctx.Err() != nil || !yield(frame.Data, err) || err != nil {
				return
			}
		}
	}
}

// Status implements api.Project.
func (m *served) Status() api.Status {
	return api.Status{Version: m.service.options.Version, Project: m.service.config.Project, StartedAt: m.service.started, Notice: m.service.Notice()}
}

// Store implements api.Project.
func (m *served) Store() graph.Store { return m.service.store }

// Model implements api.Project.
func (m *served) Model() *schema.Model { return m.model }

// Connectors implements api.Project.
func (m *served) Connectors() []connectors.Health { return m.service.source.Health() }

// RuleSets implements api.Project.
func (m *served) RuleSets() []api.RuleSet {
	var list []api.RuleSet
	for _, s := range m.book.Sets() {
		list = append(list, api.RuleSet{Name: s.Name, On: s.On, States: s.States, Alarm: s.Alarm != nil, Text: m.rules[s.Position.File]})
	}
	return list
}

// Plan implements api.Project.
func (m *served) Plan(ctx context.Context, files fs.FS, options project.Options, apply bool) (*project.Plan, error) {
	return m.service.apply(ctx, files, options, apply)
}
