package web

import (
	"context"

	"mereon/connectors"
	"mereon/graph/exchange/project"
	"mereon/graph/memory"
	"mereon/graph/query"
	"mereon/schema"
	"mereon/schema/fault"
	"mereon/web/api"
)

// CheckDocuments checks the trusted documents of a folder against the API that its model makes, and within its limits. Nothing
// is opened. The model may be nil; then nothing is said.
func CheckDocuments(ctx context.Context, folder *project.Folder, model *schema.Model) fault.List {
	documents, problems := api.ReadDocuments(folder.Documents)
	if model == nil || documents.Len() == 0 {
		return problems
	}
	store := memory.New()
	defer store.Close()
	source, err := connectors.Open(ctx, connectors.NewRegistry(), nil, connectors.Options{})
	if err != nil {
		return append(problems, fault.Problem{Message: err.Error()})
	}
	defer func() { _ = source.Close(ctx) }() // it holds nothing
	engine, err := query.New(query.Options{Model: model, Store: store, Source: source, Limits: queryLimits(folder.Config.Limits)})
	if err != nil {
		return problems // told where the model is checked
	}
	snapshot, err := api.NewSnapshot(engine, &api.Resolvers{})
	if err != nil {
		return append(problems, fault.Problem{Position: fault.Position{File: "model"}, Message: err.Error()})
	}
	return append(problems, snapshot.Trust(documents, apiLimits(folder.Config.Limits))...)
}

func queryLimits(l project.Limits) query.Limits {
	return query.Limits{Depth: l.Depth, Aliases: l.Aliases, Roots: l.Roots, Rows: l.Rows, First: l.First, Cost: l.Cost}
}

func apiLimits(l project.Limits) api.Limits {
	return api.Limits{Body: l.Body, Tokens: l.Tokens, Directives: l.Directives, Variables: l.Variables, Fragments: l.Fragments, Lists: l.Lists, Time: l.Time}
}

// trust makes a snapshot answer the trusted documents that were applied. Those that this version does not understand are logged.
func (s *Service) trust(snapshot *api.Snapshot) {
	documents, problems := api.ReadDocuments(s.documents)
	for _, p := range append(problems, snapshot.Trust(documents, apiLimits(s.config.Limits))...) {
		s.options.Log.Warn("a trusted document is not answered", "problem", p.String())
	}
}
