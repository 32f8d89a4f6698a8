package twinmaker

import (
	"encoding/json"
	"fmt"

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
	pending  []pendingComponent
	listed   map[string]bool // of a project directory: the files that belong to it; nil: all
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
	IsRequired         bool              `json:"isRequiredInEntity"`
	Configuration      map[string]string `json:"configuration"`
}

type dataType struct {
	Type          string      `json:"type"`
	NestedType    *dataType   `json:"nestedType"`
	AllowedValues []dataValue `json:"allowedValues"`
	UnitOfMeasure string      `json:"unitOfMeasure"`
	Relationship  any         `json:"relationship"`
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
	ExternalID     string               `json:"entityExternalId"`
	Tags           map[string]any       `json:"tags"`
	Components     map[string]component `json:"components"`
	Composites     map[string]any       `json:"compositeComponents"`

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
	for _, e := range w.entities {
		if len(e.EntityID) > maxID {
			complain(e.file, "the entity id %.20q... is longer than %d characters", e.EntityID, maxID)
		}
		if ring(e, known) {
			complain(e.file, "entity %q is among its own ancestors", e.EntityID)
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

// ring says whether the way up from e leads back to it.
func ring(e *entity, known map[string]*entity) bool {
	at := known[e.ParentEntityID]
	for range known {
		if at == nil || at == e {
			return at == e
		}
		at = known[at.ParentEntityID]
	}
	return false
}

// root is the parent of entities at the top.
const root = "$ROOT"

// maxID is how long ids may be, here as in the service.
const maxID = 128
