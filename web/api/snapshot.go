package api

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph/query"
	"mereon/schema/fault"
	"mereon/web/api/control"
	"mereon/web/api/control/generated"
)

// Snapshot is everything that answers for one model: the merged schema, both executors and their caches. It is immutable
// but for its caches and safe for concurrent use.
type Snapshot struct {
	Engine         *query.Engine
	schema         *ast.Schema
	static         graphql.ExecutableSchema
	documents      *lru.LRU[*document]  // by text
	introspections *lru.LRU[[]byte]     // finished answers, by operation name and text
	trusted        map[string]*document // by id; set before it answers
	trustedTexts   map[string]*document
}

// keptIntrospections is how many finished introspection answers a snapshot keeps.
const keptIntrospections = 16

// NewSnapshot merges the data plane of engine with the control plane. A name that both use is Invalid.
func NewSnapshot(engine *query.Engine, resolvers generated.ResolverRoot) (*Snapshot, error) {
	data, err := engine.Document()
	if err != nil {
		return nil, fault.New(fault.Internal, "the API of the model cannot be read: %s", err.Error())
	}
	merged, err := mergeSchema(data, control.SDL)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the model uses a name of the API: %s; rename it in the model", err.Error())
	}
	return &Snapshot{
		Engine: engine, schema: merged,
		static:         generated.NewExecutableSchema(generated.Config{Schema: merged, Resolvers: resolvers}),
		documents:      lru.New[*document](keptDocuments),
		introspections: lru.New[[]byte](keptIntrospections),
	}, nil
}

// Schema returns the merged schema.
func (s *Snapshot) Schema() *ast.Schema { return s.schema }
