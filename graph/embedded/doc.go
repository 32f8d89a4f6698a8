// Package embedded is the graph store for one machine: graph/memory over one bbolt file, the system of record, with the
// change log in the same transaction and blobs as files beside it.
//
//	DIR/graph.db   everything but blobs; format "mereon store 1"
//	DIR/blobs      one file a blob, named by its SHA-256
//	DIR/owner      who holds the store: a process id
//
// A write is acknowledged when it is synced to the disk; then the next snapshot is published. Writers that wait share
// one sync. Reads never touch the disk.
//
//	store, err := embedded.Open(ctx, embedded.Options{Dir: "data"})
//	defer store.Close()
package embedded
