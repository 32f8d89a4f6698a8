package query

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/query/sdl"
	"mereon/schema"
	"mereon/schema/expr"
	"mereon/schema/fault"
)

// Options configure an Engine.
type Options struct {
	Model  *schema.Model     // required
	Store  graph.Store       // required
	Source connectors.Source // required
	States States            // nil: no rules are running, nothing has a state
	Limits Limits
	// Frames yields the frames of a scene, each a JSON value; nil: scenes are not served.
	Frames func(ctx context.Context, scene string, parameters []byte, from string) iter.Seq2[[]byte, error]
	Now    func() time.Time // default time.Now
}

// Validate reports everything that is missing.
func (o *Options) Validate() error {
	switch {
	case o.Model == nil:
		return fault.New(fault.Internal, "query: Options.Model is needed")
	case o.Store == nil:
		return fault.New(fault.Internal, "query: Options.Store is needed")
	case o.Source == nil:
		return fault.New(fault.Internal, "query: Options.Source is needed")
	}
	return nil
}

// Engine is the data plane of one model. It is safe for concurrent use and holds no resources: a new model gets a new
// Engine, running operations finish on theirs.
type Engine struct {
	catalog *catalog
	store   graph.Store
	source  connectors.Source
	states  States
	frames  func(ctx context.Context, scene string, parameters []byte, from string) iter.Seq2[[]byte, error]
	now     func() time.Time
	limits  Limits
	plans   *planCache
	pool    sync.Pool
	side    side // of federated filters; tests force one
}

// New returns the engine of a model. It fails with the mistakes in the model's expressions.
func New(o Options) (*Engine, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	computed, problems := expr.CompileModel(o.Model)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	o.Limits.ensureDefaults()
	api := sdl.New(o.Model)
	e := &Engine{
		catalog: newCatalog(o.Model, api, computed),
		store:   o.Store, source: o.Source, states: o.States, frames: o.Frames, now: o.Now, limits: o.Limits,
		plans: newPlanCache(o.Limits.Plans),
	}
	if e.states == nil {
		e.states = noStates{}
	}
	if e.now == nil {
		e.now = time.Now
	}
	e.pool.New = func() any { return &execution{} }
	return e, nil
}

// SDL returns the data plane as GraphQL SDL: a complete schema by itself. A control plane adds its roots to it by
// extend type Query, Mutation and Subscription.
func (e *Engine) SDL() string { return e.catalog.api.Text() }

// Document returns the same, parsed, for a caller that merges it with what else is served. It is the caller's own.
func (e *Engine) Document() (*ast.SchemaDocument, error) { return e.catalog.api.Document() }

// noStates answers when no rules are running.
type noStates struct{}

func (noStates) States(_ context.Context, ids []graph.EntityID) ([][]State, error) {
	return make([][]State, len(ids)), nil
}
func (noStates) Alarms(context.Context) ([]Alarm, error) { return nil, nil }
func (noStates) WatchStates([]graph.EntityID, func(graph.EntityID)) (stop func()) {
	return func() {}
}
func (noStates) WatchAlarms(func()) (stop func()) { return func() {} }
