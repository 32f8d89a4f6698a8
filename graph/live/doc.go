// Package live keeps current values and running rule states, once for everybody who watches.
//
// A Hub follows the graph and the connectors. Rule sets with an alarm run always, for all their entities; other rule sets
// and values while somebody watches them. A change of an input reaches only what depends on it; changes are collected for
// one tick and delivered together. A value older than its limit turns stale by itself, and a rule that needs it unknown.
//
//	hub, err := live.Open(ctx, live.Options{Store: store, Source: runtime, Model: model, Book: book})
//	defer hub.Close()
//	stop := hub.Watch([]live.Input{
//		{Entity: "pump-7", Path: "flow"},
//		{Entity: "pump-7", Path: "location.temperature"},
//		{Entity: "pump-7", RuleSet: "bearing"},
//	}, func(changed []live.Update) { ... })
//	defer stop()
//
// Hub is the query.States of the planner. Swap gives it a new model and rules while it runs.
package live
