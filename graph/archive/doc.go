// Package archive owns the backup stream: everything of a graph at one revision, in a form that any store can write and
// restore.
//
// A stream is a line "mereon backup 1", frames, and a trailer with counts and the SHA-256 of all before it. A frame is a
// byte for its kind, the length of its body as a varint, and the body. The header comes first, then entities,
// relationships, artifacts and blobs. A reader hands on what it reads but says only at the end whether the stream is
// whole: nothing of it may be kept before.
//
//	w := archive.NewWriter(out)
//	w.Header(archive.Header{Revision: 7, Layout: layout})
//	w.Entity(record.Entity{ID: "p1", Type: "Pump"})
//	err := w.Close()
package archive
