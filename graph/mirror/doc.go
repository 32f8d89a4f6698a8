// Package mirror is a graph.Store in front of another: it keeps the whole graph in memory, filled from the other store and
// fed by what is committed there, by whomever.
//
// Reads run on the copy, at one consistent revision, and never leave the process. Changes and blobs go to the other store;
// Apply returns when the copy has what was committed, so that a caller sees their own write. With a folder, the copy is
// kept on disk too and a restart begins there. While the copy is not there, or does not fit the memory it may take, all
// goes to the other store.
//
//	store, err := mirror.Open(ctx, mirror.Options{Upstream: neo, Dir: ".mereon/mirror", Memory: 4 << 30})
//	defer store.Close() // closes the other store, too
//	status := store.Status()
package mirror
