package twinmaker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// document is a JSON file of any of the forms: one component type or entity as a request or response of the service, a list
// of them, a metadata transfer file, a template of CloudFormation, a scene.
type document struct {
	componentType
	ComponentTypes   json.RawMessage            `json:"componentTypes"`
	Entities         json.RawMessage            `json:"entities"`
	EntityComponents []entityComponent          `json:"entityComponents"`
	SpecVersion      json.RawMessage            `json:"specVersion"`
	Nodes            json.RawMessage            `json:"nodes"`
	EntityID         string                     `json:"entityId"`
	Resources        map[string]resource        `json:"Resources"`
	TypeSummaries    []*componentType           `json:"componentTypeSummaries"`
	EntitySummaries  []*entity                  `json:"entitySummaries"`
	Updates          map[string]json.RawMessage `json:"componentUpdates"`
}

// resource is a part of a CloudFormation template; its keys are capitalised, which decoding does not mind.
type resource struct {
	Type       string          `json:"Type"`
	Properties json.RawMessage `json:"Properties"`
}

// entityComponent is the third list of a metadata transfer file: a component added to an entity.
type entityComponent struct {
	EntityID      string `json:"entityId"`
	ComponentName string `json:"componentName"`
	component
}

// pendingComponent waits until all files are read: its entity may stand in a later one.
type pendingComponent struct {
	file  string
	index int
	entityComponent
}

func (w *workspace) takeJSON(name string, data []byte) error {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if len(data) > 0 && data[0] == '[' {
		return w.takeList(name, data)
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return jsonError(data, err)
	}
	switch {
	case d.SpecVersion != nil:
		return w.takeScene(name, data)
	case d.EntityID != "" && d.Updates == nil && d.ComponentTypeID == "":
		return w.takeList(name, append(append([]byte("["), data...), ']'))
	case d.ComponentTypeID != "" && d.EntityID == "":
		w.takeTypes(name, &d.componentType)
	case d.ComponentTypes != nil || d.Entities != nil || d.EntityComponents != nil:
		return w.takeTransfer(name, &d)
	case d.Resources != nil:
		return w.takeTemplate(name, d.Resources)
	case d.TypeSummaries != nil || d.EntitySummaries != nil:
		w.takeTypes(name, d.TypeSummaries...)
		return w.takeEntities(name, d.EntitySummaries)
	default:
		w.other = append(w.other, name)
	}
	return nil
}

func (w *workspace) takeTypes(name string, types ...*componentType) {
	for _, t := range types {
		if t != nil {
			t.file = name
			w.types = append(w.types, t)
		}
	}
}

func (w *workspace) takeTransfer(name string, d *document) error {
	if d.ComponentTypes != nil {
		var types []*componentType
		if err := json.Unmarshal(d.ComponentTypes, &types); err != nil {
			return fmt.Errorf("$.componentTypes: %w", jsonError(d.ComponentTypes, err))
		}
		for i, t := range types {
			if t == nil || t.ComponentTypeID == "" {
				return fmt.Errorf("$.componentTypes[%d] has no componentTypeId", i)
			}
		}
		w.takeTypes(name, types...)
	}
	if len(d.Entities) > 0 && d.Entities[0] == '[' {
		if err := w.takeList(name, d.Entities); err != nil {
			return fmt.Errorf("$.entities: %w", err)
		}
	}
	for i, c := range d.EntityComponents {
		w.pending = append(w.pending, pendingComponent{name, i, c})
	}
	return nil
}

// attach adds a component to its entity.
func (w *workspace) attach(c pendingComponent) error {
	at := fmt.Sprintf("$.entityComponents[%d]", c.index)
	i := slices.IndexFunc(w.entities, func(e *entity) bool { return e.EntityID == c.EntityID })
	if i < 0 {
		return fmt.Errorf("%s: there is no entity %q", at, c.EntityID)
	}
	e := w.entities[i]
	if _, twice := e.Components[c.ComponentName]; twice {
		return fmt.Errorf("%s: entity %q has a component %q already", at, c.EntityID, c.ComponentName)
	}
	if e.Components == nil {
		e.Components = map[string]component{}
	}
	e.Components[c.ComponentName] = c.component
	return nil
}

func (w *workspace) takeList(name string, data []byte) error {
	var list []*entity
	if err := json.Unmarshal(data, &list); err != nil {
		return jsonError(data, err)
	}
	return w.takeEntities(name, list)
}

func (w *workspace) takeEntities(name string, list []*entity) error {
	for i, e := range list {
		if e == nil || e.EntityID == "" {
			return fmt.Errorf("$[%d] has no entityId", i)
		}
		e.file = name
		w.entities = append(w.entities, e)
	}
	return nil
}

// takeTemplate reads the resources of the service from a CloudFormation template. Functions of the template language in
// place of texts are refused by their type.
func (w *workspace) takeTemplate(name string, resources map[string]resource) error {
	found := false
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		r := resources[id]
		at := "$.Resources." + id + ".Properties"
		switch strings.TrimPrefix(r.Type, "AWS::IoTTwinMaker::") {
		case "ComponentType":
			var t componentType
			if err := json.Unmarshal(r.Properties, &t); err != nil {
				return fmt.Errorf("%s: %w", at, jsonError(r.Properties, err))
			}
			if t.ComponentTypeID == "" {
				return fmt.Errorf("%s has no ComponentTypeId", at)
			}
			w.takeTypes(name, &t)
		case "Entity":
			var e entity
			if err := json.Unmarshal(r.Properties, &e); err != nil {
				return fmt.Errorf("%s: %w", at, jsonError(r.Properties, err))
			}
			if e.EntityID == "" {
				e.EntityID = id
			}
			if err := w.takeEntities(name, []*entity{&e}); err != nil {
				return err
			}
		default:
			continue
		}
		found = true
	}
	if !found {
		w.other = append(w.other, name)
	}
	return nil
}
