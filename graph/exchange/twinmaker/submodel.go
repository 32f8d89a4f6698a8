package twinmaker

import "strings"

// originalName undoes what three.js does to names when it loads a document: the selector of a sub-model is the name the
// viewer saw. Without the document, or without a match, the selector stands as it is.
//
// Source: three.js GLTFLoader: whitespace becomes _, the characters [ ] . : / are removed, repeats get _1, _2 ... in the
// order of creation, of which the order of nodes is the nearest that a document tells.
func (b *builder) originalName(document, selector string) string {
	doc := b.models[document].document
	if doc == nil {
		return selector
	}
	seen := map[string]int{}
	for _, n := range doc.Nodes {
		name := sanitised(n.Name)
		shown := name
		if k := seen[name]; k > 0 {
			shown = name + "_" + digits(k)
		}
		seen[name]++
		if shown == selector {
			return n.Name
		}
	}
	return selector
}

var removed = strings.NewReplacer("[", "", "]", "", ".", "", ":", "", "/", "", " ", "_", "\t", "_")

func sanitised(name string) string { return removed.Replace(name) }
