package twinmaker

import (
	"path"
	"slices"
	"strings"

	"mereon/scenes/gltfdoc"
)

// modelFile is one 3D model of the source.
type modelFile struct {
	source   string // its path in the source
	target   string // its path in the project
	data     []byte
	document *gltfdoc.Document // nil: it is refused, and why
	why      string
}

// addModel keeps a model. The name alone stands under assets/ unless two models share it.
func (w *workspace) addModel(source string, data []byte) {
	target := "assets/" + path.Base(source)
	if slices.ContainsFunc(w.models, func(m *modelFile) bool { return m.target == target }) {
		target = "assets/" + source
	}
	m := &modelFile{source: source, target: target, data: data}
	document, _, err := gltfdoc.Read(data, gltfdoc.Options{})
	if err != nil {
		m.why = err.Error()
	}
	m.document = document
	w.models = append(w.models, m)
}

// model finds the model that a scene means: by its path, else by the end of its path, else by its name. Addresses of the
// service's own storage lose their bucket. nil: it is not in the source.
func (w *workspace) model(uri string) *modelFile {
	if rest, ok := strings.CutPrefix(uri, "s3://"); ok {
		_, uri, _ = strings.Cut(rest, "/")
	}
	uri = strings.TrimPrefix(path.Clean("/"+uri), "/")
	for _, same := range []func(source string) bool{
		func(source string) bool { return source == uri },
		func(source string) bool { return strings.HasSuffix(source, "/"+uri) },
		func(source string) bool { return path.Base(source) == path.Base(uri) },
	} {
		if i := slices.IndexFunc(w.models, func(m *modelFile) bool { return same(m.source) }); i >= 0 {
			return w.models[i]
		}
	}
	return nil
}
