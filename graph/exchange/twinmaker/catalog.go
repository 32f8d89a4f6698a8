package twinmaker

import (
	"maps"
	"slices"
	"strings"

	"mereon/graph/exchange"
)

// alarmBasic is the built-in type that alarms extend.
const alarmBasic = "com.amazon.iottwinmaker.alarm.basic"

// builtIn are the types of the service that workspaces use without defining them, as far as their values matter here.
//
// Source: user guide, "Built-in component types".
var builtIn = map[string]map[string]propertyDefinition{
	alarmBasic: {
		"alarm_key":    {DataType: &dataType{Type: "STRING"}, IsExternalID: true},
		"alarm_status": {DataType: &dataType{Type: "STRING"}, IsTimeSeries: true, IsStoredExternally: true},
	},
	"com.amazon.iottwinmaker.documents": {"documents": {DataType: &dataType{Type: "MAP", NestedType: &dataType{Type: "STRING"}}}},
}

// kind is a component type as the model gets it.
type kind struct {
	id      string
	name    string // of the GraphQL type
	of      *componentType
	extends []string // all ancestors
	fields  []*field // by original name, sorted
	byName  map[string]*field
}

// field is one property of a component type.
type field struct {
	original   string
	name       string // in GraphQL
	definition propertyDefinition
	inferred   bool
	relation   string // of a relationship: its name
}

func (k *kind) isAlarm() bool { return k.id == alarmBasic || slices.Contains(k.extends, alarmBasic) }

// live says whether the property is a series.
func (f *field) live() bool { return f.definition.IsTimeSeries }

// catalog holds every component type that is defined or used.
type catalog struct {
	kinds  map[string]*kind
	order  []string
	report *exchange.Report
}

// newCatalog resolves what component types inherit and infers what no file defines from the values of entities.
func newCatalog(w *workspace, names *namer, report *exchange.Report) *catalog {
	c := &catalog{kinds: map[string]*kind{}, report: report}
	defined := map[string]*componentType{}
	for _, t := range w.types {
		defined[t.ComponentTypeID] = t
	}
	used := map[string]bool{}
	for id := range defined {
		used[id] = true
	}
	for _, e := range w.entities {
		for _, component := range e.Components {
			used[component.ComponentTypeID] = true
		}
	}
	c.order = slices.Sorted(maps.Keys(used))
	for _, id := range c.order {
		k := &kind{id: id, of: defined[id], byName: map[string]*field{}}
		c.inherit(k, id, defined, map[string]bool{})
		if k.of == nil && builtIn[id] == nil {
			report.Warnings = append(report.Warnings, exchange.Finding{Message: "component type " + id + " is used but not defined in the source; its properties are inferred from values"})
		}
		name := typeName(id)
		if !strings.HasSuffix(name, "Component") {
			name += "Component"
		}
		k.name = names.name("component type", name)
		c.kinds[id] = k
	}
	for _, e := range w.entities {
		for _, name := range slices.Sorted(maps.Keys(e.Components)) {
			c.infer(c.kinds[e.Components[name].ComponentTypeID], e.Components[name])
		}
	}
	for _, id := range c.order {
		c.kinds[id].settle(report)
	}
	return c
}

// inherit collects the definitions of a type and its ancestors; the nearest definition wins, part by part.
func (c *catalog) inherit(k *kind, id string, defined map[string]*componentType, seen map[string]bool) {
	if seen[id] {
		return
	}
	seen[id] = true
	if id != k.id {
		k.extends = append(k.extends, id)
	}
	own := builtIn[id]
	t := defined[id]
	if t != nil {
		own = t.PropertyDefinitions
	}
	// What a response repeats of the parents is theirs where they are known, else the only thing that is known of them.
	for name, definition := range own {
		if !definition.IsInherited {
			k.define(name, definition)
		}
	}
	defer func() {
		for name, definition := range own {
			if definition.IsInherited {
				k.define(name, definition)
			}
		}
	}()
	if t == nil {
		return
	}
	for _, parent := range t.ExtendsFrom {
		if defined[parent] == nil && builtIn[parent] == nil {
			c.report.Warnings = append(c.report.Warnings, exchange.Finding{File: t.file, Path: "$.extendsFrom", Message: "component type " + parent + " is not in the source; what it defines is inferred from values"})
		}
		c.inherit(k, parent, defined, seen)
	}
}

// define adds a definition; of several the nearest wins, part by part.
func (k *kind) define(name string, definition propertyDefinition) {
	f := k.byName[name]
	if f == nil {
		k.byName[name] = &field{original: name, definition: definition}
		return
	}
	if f.definition.DataType == nil {
		f.definition.DataType = definition.DataType
	}
	f.definition.IsTimeSeries = f.definition.IsTimeSeries || definition.IsTimeSeries
	if f.definition.DefaultValue == nil {
		f.definition.DefaultValue = definition.DefaultValue
	}
}

// live says whether some property is a series.
func (c *catalog) live() bool {
	for _, k := range c.kinds {
		if slices.ContainsFunc(k.fields, (*field).live) {
			return true
		}
	}
	return false
}

// infer adds properties that have a value but no definition.
func (c *catalog) infer(k *kind, component component) {
	for name, p := range component.Properties {
		f := k.byName[name]
		if f == nil {
			f = &field{original: name}
			k.byName[name] = f
		}
		if f.definition.DataType == nil && p.Definition != nil && p.Definition.DataType != nil {
			f.definition = *p.Definition
		}
		if f.definition.DataType == nil && p.Value != nil {
			f.definition.DataType, f.inferred = p.Value.inferred(), true
		}
	}
}

// settle gives every property its type and name.
func (k *kind) settle(report *exchange.Report) {
	names := newNamer(report)
	names.field = true
	for _, original := range slices.Sorted(maps.Keys(k.byName)) {
		f := k.byName[original]
		if f.definition.DataType == nil {
			f.definition.DataType, f.inferred = f.definition.DefaultValue.inferred(), true
		}
		f.name = names.name("property of "+k.id, original)
		k.fields = append(k.fields, f)
	}
}
