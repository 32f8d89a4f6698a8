package twinmaker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"mereon/schema/fault"
)

const (
	maxFile = 256 << 20
	maxJSON = 100 << 20
)

// read takes in a folder, or one JSON file of it. A damaged file refuses the source; all of them are named.
func read(source fs.FS, only string) (*workspace, error) {
	w := &workspace{files: map[string][]byte{}}
	var problems fault.List
	complain := func(name string, err error) {
		problems = append(problems, fault.Problem{Position: fault.Position{File: name}, Message: err.Error()})
	}
	if err := w.takeListing(source, only); err != nil {
		complain(listing, err)
	}
	err := fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || only != "" && name != only {
			return err
		}
		if err := w.takeFile(source, name); err != nil {
			complain(name, err)
		}
		return nil
	})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the source cannot be read")
	}
	for _, c := range w.pending {
		if err := w.attach(c); err != nil {
			complain(c.file, err)
		}
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if len(w.types)+len(w.entities)+len(w.scenes) == 0 {
		return nil, fault.New(fault.Invalid, "there is no TwinMaker workspace in the source: neither component types nor entities nor scenes")
	}
	return w, nil
}

// takeFile sorts one file by what it is.
func (w *workspace) takeFile(source fs.FS, name string) error {
	kind := strings.ToLower(path.Ext(name))
	if !slices.Contains([]string{".glb", ".gltf", ".csv", ".json"}, kind) {
		w.other = append(w.other, name)
		return nil
	}
	data, err := readFile(source, name)
	if err != nil {
		return err
	}
	switch kind {
	case ".csv":
		return w.takeTable(name, data)
	case ".json":
		w.files[name] = data
		if w.listed != nil && !w.listed[name] {
			w.other = append(w.other, name)
			return nil
		}
		return w.takeJSON(name, data)
	}
	w.addModel(name, data)
	return nil
}

func readFile(source fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(source, name)
	if err != nil {
		return nil, err
	}
	limit := int64(maxFile)
	if strings.EqualFold(path.Ext(name), ".json") {
		limit = maxJSON
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("it has %d bytes, the limit is %d", info.Size(), limit)
	}
	return fs.ReadFile(source, name)
}

// listing names the files of a project directory of the tmdt tool.
const listing = "tmdt.json"

// takeListing reads the listing of a project directory: only what it names is the workspace. A model that is not there is
// found missing where a scene places it.
func (w *workspace) takeListing(source fs.FS, only string) error {
	data, err := fs.ReadFile(source, listing)
	if errors.Is(err, fs.ErrNotExist) || only != "" {
		return nil
	}
	if err != nil {
		return err
	}
	var d struct {
		ComponentTypes []string `json:"component_types"`
		Scenes         []string `json:"scenes"`
		Entities       string   `json:"entities"`
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return jsonError(data, err)
	}
	w.listed = map[string]bool{listing: true}
	var missing []string
	check := func(at, name string) {
		name = path.Clean(name)
		if _, err := fs.Stat(source, name); err != nil {
			missing = append(missing, fmt.Sprintf("%s: there is no file %q", at, name))
		}
		w.listed[name] = true
	}
	for i, name := range d.ComponentTypes {
		check(fmt.Sprintf("$.component_types[%d]", i), name)
	}
	for i, name := range d.Scenes {
		check(fmt.Sprintf("$.scenes[%d]", i), name)
	}
	if d.Entities != "" {
		check("$.entities", d.Entities)
	}
	if missing != nil {
		return errors.New(strings.Join(missing, "; "))
	}
	return nil
}

// jsonError says where JSON is damaged, or where it holds something else than is expected.
func jsonError(data []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line := bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n")) + 1
		return fmt.Errorf("not JSON: line %d: %w", line, err)
	}
	var mistake *json.UnmarshalTypeError
	if errors.As(err, &mistake) {
		field := strings.TrimPrefix(mistake.Field, "componentType.") // the name of the embedded struct is no key
		return fmt.Errorf("$.%s: a %s is not expected here", field, mistake.Value)
	}
	return err
}
