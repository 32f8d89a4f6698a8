// Package gltfdoc reads glTF 2.0 documents, GLB or JSON, that nobody has checked before.
//
// Read checks the container, the JSON, every object against the format's shapes, every index, the places of accessors
// within the data, the node hierarchy, URIs and the data itself, and only then gives out a node table. Nothing is
// allocated because a header claims it; a hostile file costs a small multiple of its own size. The file is never changed.
//
//	doc, report, err := gltfdoc.Read(data, gltfdoc.Options{Resources: os.DirFS(folder)})
//	if err != nil {
//		return err // refused, with the first defects
//	}
//	for _, issue := range report.Issues { ... }
//	pump := doc.Nodes[17] // index, path, extras, box, triangles, materials, clips
//
// Issues carry the codes of the Khronos glTF validator, so that verdicts compare; where this reader differs, and why, is
// written down in testdata/deviations.txt. Codes of our own: FILE_TOO_LARGE, NODE_TOO_DEEP, NODE_NAMES_TOO_LONG,
// CONTENT_NOT_CHECKED. The package starts no goroutine and does not log.
package gltfdoc
