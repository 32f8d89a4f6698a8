package api

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"mereon/graph/query"
	"mereon/schema/fault"
	"mereon/web/api/control"
	"mereon/web/api/control/generated"
)

// documentCache is how many validated documents a snapshot keeps.
const documentCache = 1000

// Snapshot is everything that answers for one model: the merged schema, both executors and their caches. It is immutable
// but for its caches and safe for concurrent use.
type Snapshot struct {
	Engine *query.Engine
	schema *ast.Schema
	exec   *executor.Executor
	static graphql.ExecutableSchema
	// documents that were validated, by text
	documents *lru.LRU[*ast.QueryDocument]

	mu             sync.Mutex
	introspections map[string][]byte // finished answers by document text and variables
}

// NewSnapshot merges the data plane of engine with the control plane. A name that both use is Invalid.
func NewSnapshot(engine *query.Engine, resolvers generated.ResolverRoot, limits Limits) (*Snapshot, error) {
	merged, err := gqlparser.LoadSchema(
		&ast.Source{Name: "model", Input: engine.SDL()},
		&ast.Source{Name: "control", Input: control.SDL},
	)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the model uses a name of the API: %s; rename it in the model", err.Error())
	}
	s := &Snapshot{Engine: engine, schema: merged, introspections: map[string][]byte{}}
	s.static = generated.NewExecutableSchema(generated.Config{Schema: merged, Resolvers: resolvers})
	s.exec = executor.New(s.static)
	s.documents = lru.New[*ast.QueryDocument](documentCache)
	s.exec.SetQueryCache(s.documents)
	s.exec.SetParserTokenLimit(limits.Tokens)
	s.exec.SetDefaultRulesFn(validationRules)
	return s, nil
}

// validationRules are the specification's, with our own linear check of overlapping fields.
func validationRules() *rules.Rules {
	r := rules.NewDefaultRules()
	r.ReplaceRule(rules.OverlappingFieldsCanBeMergedRule.Name, overlapRule)
	return r
}

// Schema returns the merged schema.
func (s *Snapshot) Schema() *ast.Schema { return s.schema }

// maxIntrospections bounds the finished introspection answers a snapshot keeps.
const maxIntrospections = 32

// introspects says whether an operation only asks for the schema, so that its answer is the same for the snapshot's life.
func (o *operation) introspects() bool {
	for _, f := range o.control {
		if f.Name != "__schema" && f.Name != "__type" {
			return false
		}
	}
	return o.kind == ast.Query && len(o.request.Variables) == 0
}

func (s *Snapshot) cached(o *operation) ([]byte, bool) {
	if !o.introspects() {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	body, ok := s.introspections[o.request.OperationName+"\n"+o.request.Query]
	return body, ok
}

func (s *Snapshot) keep(o *operation, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.introspections) < maxIntrospections {
		s.introspections[o.request.OperationName+"\n"+o.request.Query] = body
	}
}

// known says whether the document passed limits and validation before.
func (s *Snapshot) known(ctx context.Context, text string) bool {
	_, ok := s.documents.Get(ctx, text)
	return ok
}
