// Package connectors owns the contract with outside systems, and the runtime that protects both sides of it.
//
// A Connector is one configured outside system; its kind is the code (simulator, file, postgres). It stays small: it says
// what it offers (Describe), what it will do with a question (Plan) and answers for many keys in one request (Fetch).
// Deadlines, rate limits, coalescing, caching, retries and chunking are the Runtime's, the same for every kind.
// connectortest.Run is the definition of a connector.
//
//	runtime, err := connectors.Open(ctx, all.Kinds(), configs, options)
//	readings := runtime.Latest(ctx, "plant", []string{"pumps/P-7/flow", "pumps/P-8/flow"})
//
// Each answer carries value, time, quality and status; a failing source is data, never an error of the whole.
package connectors
