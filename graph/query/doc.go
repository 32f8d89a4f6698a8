// Package query owns the typed data plane: the GraphQL SDL made from a model, the planner and the executor of operations over it.
//
// An Engine belongs to one model. It plans an operation as a whole: the graph is read level by level in batches, each
// connector is asked once per level with all its keys, and the answer is written straight to bytes. DESIGN.md says why.
//
//	engine, err := query.New(query.Options{Model: model, Store: store, Source: runtime, States: hub})
//	merged, err := gqlparser.LoadSchema(&ast.Source{Input: engine.SDL()}, control) // the caller merges what else is served
//	doc, mistakes := gqlparser.LoadQuery(merged, text)
//	plan, err := engine.Plan(merged, doc.Operations[0], doc.Fragments, nil) // nil: the root fields that engine.Owns
//	result := plan.Execute(access.NewContext(ctx, principal), query.Request{Variables: variables, Explain: true})
//	// result.Data, result.Roots (where each root field is in Data), result.Errors, result.Explain.Extension()
//
//	for result := range plan.Subscribe(ctx, query.Request{Variables: variables}) { ... }
//
// Files named plan_* make levels (what is read) and emitters (what is written) of one kind of field; the others execute:
// execute (waves), sources and listing (the graph), live, history, records and enrich (connectors), decide and truth
// (filters and orders over federated values), drive (the side of a filter that goes first),
// walker and hops (affected: walks through other systems), writer (bytes).
package query
