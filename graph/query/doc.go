// Package query owns the typed data plane: the GraphQL SDL made from a model, the planner and the executor of operations over it.
//
// An Engine belongs to one model. It plans an operation as a whole: the graph is read level by level in batches, each
// connector is asked once per level with all its keys, and the answer is written straight to bytes.
//
//	engine, err := query.New(query.Options{Model: model, Store: store, Source: runtime, States: hub})
//	merged, err := gqlparser.LoadSchema(engine.SDL(), control)   // the caller merges what else is served
//	plan, err := engine.Plan(merged, operation)
//	result := plan.Execute(ctx, query.Request{Variables: variables})
package query
