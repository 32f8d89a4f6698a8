package twinmaker

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mereon/graph/exchange"
	"mereon/schema"
)

// base is the asset type every entity is of; one without components is just that.
const base = "Element"

// assetType is one distinct set of components.
type assetType struct {
	name       string
	components []slot
	entities   []*entity
}

// slot is one component of an asset type: the field that holds it.
type slot struct {
	original string
	field    string
	kind     *kind
}

func (t *assetType) slot(original string) *slot {
	for i := range t.components {
		if t.components[i].original == original {
			return &t.components[i]
		}
	}
	return nil
}

// model is the types the import makes.
type model struct {
	catalog *catalog
	types   []*assetType
	byID    map[string]*assetType // of entities
}

// newModel groups entities by their set of components and names the groups.
func newModel(w *workspace, c *catalog, names *namer, report *exchange.Report) *model {
	m := &model{catalog: c, byID: map[string]*assetType{}}
	groups := map[string]*assetType{}
	for _, e := range w.entities {
		key := componentKey(e)
		t := groups[key]
		if t == nil {
			t = &assetType{}
			groups[key] = t
			m.types = append(m.types, t)
		}
		t.entities = append(t.entities, e)
		m.byID[e.EntityID] = t
	}
	slices.SortStableFunc(m.types, func(a, b *assetType) int { return len(b.entities) - len(a.entities) })
	for _, t := range m.types {
		first := t.entities[0]
		fields := newNamer(report, append([]string{"description", "within", "elements", "entity"}, schema.ReservedFields[:]...)...)
		fields.field = true
		for _, name := range slices.Sorted(maps.Keys(first.Components)) {
			t.components = append(t.components, slot{original: name, field: fields.name("component", name), kind: c.kinds[first.Components[name].ComponentTypeID]})
		}
		t.name = base
		if len(t.components) > 0 {
			t.name = names.name("asset type", t.wish())
		}
	}
	r := newRelations(report)
	for _, id := range slices.Clone(c.order) {
		r.name(c.kinds[id], "")
	}
	for _, t := range m.types {
		r.separate(c, t, names)
	}
	return m
}

func componentKey(e *entity) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(e.Components)) {
		parts = append(parts, name+"="+e.Components[name].ComponentTypeID)
	}
	return strings.Join(parts, "\n")
}

// wish is a readable name: of the component that tells most, which is neither an alarm nor one of the service.
func (t *assetType) wish() string {
	var best *slot
	rank := func(s *slot) int {
		switch {
		case strings.HasPrefix(s.kind.id, "com.amazon."):
			return 2
		case s.kind.isAlarm():
			return 1
		}
		return 0
	}
	for i := range t.components {
		if s := &t.components[i]; best == nil || rank(s) < rank(best) {
			best = s
		}
	}
	name := typeName(best.original)
	if short := strings.TrimSuffix(name, "Component"); short != "" {
		name = short
	}
	return name
}

// tree is the hierarchy of entities and their parents.
const tree = "isChildOf"

// sdl writes the model file.
func (m *model) sdl(report *exchange.Report) []byte {
	var b bytes.Buffer
	b.WriteString("# Imported from AWS IoT TwinMaker. Component types are components; each distinct set of components is an asset type.\n\n")
	fmt.Fprintf(&b, "\"What every entity of the workspace is.\"\ninterface %s @asset(instantiable: true) {\n", base)
	b.WriteString("  description: String\n")
	fmt.Fprintf(&b, "  \"The entity this one is a child of.\"\n  within: %s @relation(name: \"isChildOf\", inverse: \"elements\", hierarchy: \"isChildOf\")\n}\n", base)
	for _, t := range m.types {
		if t.name == base {
			continue
		}
		fmt.Fprintf(&b, "\ntype %s implements %s @asset {\n", t.name, base)
		for _, s := range t.components {
			fmt.Fprintf(&b, "  %s: %s\n", s.field, s.kind.name)
		}
		b.WriteString("}\n")
	}
	for _, id := range m.catalog.order {
		m.component(&b, m.catalog.kinds[id], report)
	}
	return b.Bytes()
}

func (m *model) component(b *bytes.Buffer, k *kind, report *exchange.Report) {
	b.WriteString("\n")
	if k.of != nil && k.of.Description != "" {
		fmt.Fprintf(b, "%s\n", literal(k.of.Description))
	}
	fmt.Fprintf(b, "type %s @component @source(format: \"twinmaker\", id: %s) {\n", k.name, literal(k.id))
	if len(k.fields) == 0 {
		b.WriteString("  \"The type has no properties of its own.\"\n  note: String\n")
	}
	for _, f := range k.fields {
		fmt.Fprintf(b, "  %s\n", k.fieldSDL(f, report))
	}
	b.WriteString("}\n")
}

// scalarOnly is the type of a series: lists and maps cannot be series and are read as text.
func scalarOnly(name string) string {
	if name == "JSON" || name[0] == '[' {
		return "String"
	}
	return name
}

// reference is how the recording names a series: asset type, asset and attribute.
func (k *kind) reference(f *field) string {
	kindPart, assetPart := "", ""
	if k.byName["telemetryAssetType"] != nil {
		kindPart = "{" + k.byName["telemetryAssetType"].name + "}"
	}
	if k.byName["telemetryAssetId"] != nil {
		assetPart = "{" + k.byName["telemetryAssetId"].name + "}"
	}
	if kindPart == "" || assetPart == "" {
		return "{entity.id}/" + k.name + "/" + f.original
	}
	return kindPart + "/" + assetPart + "/" + f.original
}
