// Package memory is the copy-on-write graph: all entities and relationships in memory, in versions that share what did
// not change.
//
// A Snapshot is one version: immutable, a graph.View, and valid for as long as somebody holds it. Next makes the version
// after it from a change set, or says why not; nothing in the old one changes. A durable store (graph/embedded) writes
// what an Effect says and then publishes the snapshot; a replica fills a Loader and goes on from there.
//
// Store is a graph.Store of its own that keeps nothing on disk.
//
//	store := memory.New()
//	commit, err := store.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "p1", Type: "Pump"}}})
package memory
