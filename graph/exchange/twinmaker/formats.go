package twinmaker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"mereon/schema/fault"
)

// workspace is everything read from a source.
type workspace struct {
	types    []*componentType
	entities []*entity
	scenes   []*sceneFile
	models   []*modelFile
	tables   []table
	other    []string // files that nothing was made of
	files    map[string][]byte
}

type componentType struct {
	ComponentTypeID         string                        `json:"componentTypeId"`
	ComponentTypeName       string                        `json:"componentTypeName"`
	Description             string                        `json:"description"`
	ExtendsFrom             []string                      `json:"extendsFrom"`
	PropertyDefinitions     map[string]propertyDefinition `json:"propertyDefinitions"`
	Functions               map[string]json.RawMessage    `json:"functions"`
	PropertyGroups          map[string]json.RawMessage    `json:"propertyGroups"`
	CompositeComponentTypes map[string]json.RawMessage    `json:"compositeComponentTypes"`

	file string
}

type propertyDefinition struct {
	DataType           *dataType         `json:"dataType"`
	DefaultValue       *dataValue        `json:"defaultValue"`
	DisplayName        string            `json:"displayName"`
	IsTimeSeries       bool              `json:"isTimeSeries"`
	IsStoredExternally bool              `json:"isStoredExternally"`
	IsExternalID       bool              `json:"isExternalId"`
	IsInherited        bool              `json:"isInherited"`
	Configuration      map[string]string `json:"configuration"`
}

type dataType struct {
	Type          string      `json:"type"`
	NestedType    *dataType   `json:"nestedType"`
	AllowedValues []dataValue `json:"allowedValues"`
	UnitOfMeasure string      `json:"unitOfMeasure"`
}

// dataValue is the tagged union of the service. Numbers and booleans may come as texts.
type dataValue struct {
	BooleanValue      any                  `json:"booleanValue"`
	DoubleValue       any                  `json:"doubleValue"`
	IntegerValue      any                  `json:"integerValue"`
	LongValue         any                  `json:"longValue"`
	StringValue       *string              `json:"stringValue"`
	ListValue         []dataValue          `json:"listValue"`
	MapValue          map[string]dataValue `json:"mapValue"`
	RelationshipValue *relationshipValue   `json:"relationshipValue"`
	Expression        *string              `json:"expression"`
}

type relationshipValue struct {
	TargetEntityID      string `json:"targetEntityId"`
	TargetComponentName string `json:"targetComponentName"`
}

type entity struct {
	EntityID       string               `json:"entityId"`
	EntityName     string               `json:"entityName"`
	Description    string               `json:"description"`
	ParentEntityID string               `json:"parentEntityId"`
	Components     map[string]component `json:"components"`

	file string
}

type component struct {
	ComponentTypeID string              `json:"componentTypeId"`
	Description     string              `json:"description"`
	Properties      map[string]property `json:"properties"`
}

type property struct {
	Definition *propertyDefinition `json:"definition"`
	Value      *dataValue          `json:"value"`
}

// entityComponent is the third list of a metadata transfer file: a component added to an entity.
type entityComponent struct {
	EntityID      string `json:"entityId"`
	ComponentName string `json:"componentName"`
	component
}

// document is a JSON file of any of the forms.
type document struct {
	componentType
	ComponentTypes   json.RawMessage   `json:"componentTypes"`
	Entities         json.RawMessage   `json:"entities"`
	EntityComponents []entityComponent `json:"entityComponents"`
	SpecVersion      json.RawMessage   `json:"specVersion"`
	Nodes            json.RawMessage   `json:"nodes"`
	EntityID         string            `json:"entityId"`
}

const (
	maxFile = 256 << 20
	maxJSON = 100 << 20
)

// read takes in a folder, or one JSON file of it. A damaged file refuses the source; all of them are named.
func read(source fs.FS, only string) (*workspace, error) {
	w := &workspace{files: map[string][]byte{}}
	var problems fault.List
	err := fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || only != "" && name != only {
			return err
		}
		data, err := readFile(source, name)
		if err == nil {
			err = w.take(name, data)
		}
		if err != nil {
			problems = append(problems, fault.Problem{Position: fault.Position{File: name}, Message: err.Error()})
		}
		return nil
	})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the source cannot be read")
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if len(w.types)+len(w.entities)+len(w.scenes) == 0 {
		return nil, fault.New(fault.Invalid, "there is no TwinMaker workspace in the source: neither component types nor entities nor scenes")
	}
	return w, nil
}

func readFile(source fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(source, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("it has %d bytes, the limit is %d", info.Size(), maxFile)
	}
	return fs.ReadFile(source, name)
}

// take sorts one file by what it is.
func (w *workspace) take(name string, data []byte) error {
	switch strings.ToLower(path.Ext(name)) {
	case ".glb", ".gltf":
		w.addModel(name, data)
	case ".csv":
		return w.takeTable(name, data)
	case ".json":
		w.files[name] = data
		return w.takeJSON(name, data)
	}
	return nil
}

func (w *workspace) takeJSON(name string, data []byte) error {
	if len(data) > maxJSON {
		return fmt.Errorf("it has %d bytes, the limit is %d", len(data), maxJSON)
	}
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if len(data) > 0 && data[0] == '[' {
		return w.takeList(name, data)
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return jsonError(data, err)
	}
	switch {
	case d.Nodes != nil && d.SpecVersion != nil:
		return w.takeScene(name, data)
	case d.ComponentTypeID != "":
		d.componentType.file = name
		w.types = append(w.types, &d.componentType)
	case d.EntityID != "":
		return w.takeList(name, append(append([]byte("["), data...), ']'))
	case d.ComponentTypes != nil || d.Entities != nil || d.EntityComponents != nil:
		return w.takeTransfer(name, &d)
	default:
		w.other = append(w.other, name)
	}
	return nil
}

func (w *workspace) takeTransfer(name string, d *document) error {
	if d.ComponentTypes != nil {
		var types []*componentType
		if err := json.Unmarshal(d.ComponentTypes, &types); err != nil {
			return fmt.Errorf("$.componentTypes: %w", err)
		}
		for _, t := range types {
			t.file = name
		}
		w.types = append(w.types, types...)
	}
	if len(d.Entities) > 0 && d.Entities[0] == '[' {
		if err := w.takeList(name, d.Entities); err != nil {
			return fmt.Errorf("$.entities: %w", err)
		}
	}
	for _, c := range d.EntityComponents {
		i := slices.IndexFunc(w.entities, func(e *entity) bool { return e.EntityID == c.EntityID })
		if i < 0 {
			return fmt.Errorf("$.entityComponents: there is no entity %q", c.EntityID)
		}
		if w.entities[i].Components == nil {
			w.entities[i].Components = map[string]component{}
		}
		w.entities[i].Components[c.ComponentName] = c.component
	}
	return nil
}

func (w *workspace) takeList(name string, data []byte) error {
	var list []*entity
	if err := json.Unmarshal(data, &list); err != nil {
		return jsonError(data, err)
	}
	for i, e := range list {
		if e == nil || e.EntityID == "" {
			return fmt.Errorf("$[%d] has no entityId", i)
		}
		e.file = name
		w.entities = append(w.entities, e)
	}
	return nil
}

func jsonError(data []byte, err error) error {
	if e, ok := err.(*json.SyntaxError); ok {
		line := bytes.Count(data[:min(int(e.Offset), len(data))], []byte("\n")) + 1
		return fmt.Errorf("not JSON: line %d: %w", line, err)
	}
	return err
}

// check finds what makes a workspace unusable as a whole.
func (w *workspace) check() error {
	var problems fault.List
	complain := func(file, format string, args ...any) {
		problems = append(problems, fault.Problem{Position: fault.Position{File: file}, Message: fmt.Sprintf(format, args...)})
	}
	known := map[string]*entity{}
	for _, e := range w.entities {
		if known[e.EntityID] != nil {
			complain(e.file, "the entity id %q is used twice", e.EntityID)
		}
		known[e.EntityID] = e
	}
	for _, e := range w.entities {
		if p := e.ParentEntityID; p != "" && p != root && known[p] == nil {
			complain(e.file, "the parent %q of entity %q does not exist", p, e.EntityID)
		}
	}
	seen := map[string]bool{}
	for _, t := range w.types {
		if seen[t.ComponentTypeID] {
			complain(t.file, "the component type %q is defined twice", t.ComponentTypeID)
		}
		seen[t.ComponentTypeID] = true
	}
	return problems.Err()
}

// root is the parent of entities at the top.
const root = "$ROOT"
