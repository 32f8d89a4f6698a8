package sdl

import (
	"strings"

	"mereon/schema"
)

const pageBothWays = "first: Int = 100, after: String, last: Int, before: String"

// declared is what asset types, components and records have in common.
type declared struct {
	name          schema.TypeName
	fields        []string
	properties    []*schema.Property
	relationships []*schema.Relationship
	joins         []*schema.Join
	record        bool
}

func declaredBy(t *schema.AssetType) declared {
	return declared{name: t.Name, fields: t.Fields, properties: t.Properties, relationships: t.Relationships, joins: t.Joins}
}

func declaredByComponent(c *schema.Component) declared {
	return declared{name: c.Name, fields: c.Fields, properties: c.Properties, relationships: c.Relationships, joins: c.Joins}
}

func declaredByRecord(r *schema.RecordType) declared {
	return declared{name: r.Name, fields: r.Fields, properties: r.Properties, joins: r.Joins, record: true}
}

// visit calls one function per field, in the order of the model.
func (d declared) visit(property func(*schema.Property), relationship func(*schema.Relationship), join func(*schema.Join)) {
	properties, relationships, joins := map[string]*schema.Property{}, map[string]*schema.Relationship{}, map[string]*schema.Join{}
	for _, p := range d.properties {
		properties[p.Name] = p
	}
	for _, r := range d.relationships {
		relationships[r.Field] = r
	}
	for _, j := range d.joins {
		joins[j.Field] = j
	}
	for _, f := range d.fields {
		switch {
		case properties[f] != nil:
			property(properties[f])
		case relationships[f] != nil:
			relationship(relationships[f])
		case joins[f] != nil:
			join(joins[f])
		}
	}
}

// outputs writes the fields of an object or interface.
func (w *writer) outputs(d declared) {
	d.visit(w.propertyField, w.relationshipField, w.joinField)
}

func (w *writer) propertyField(p *schema.Property) {
	w.describe("  ", withUnit(p))
	switch p.Kind {
	case schema.Group:
		w.line("  %s: %s%s", p.Name, componentType(p), deprecation(p.Deprecated))
	case schema.Live:
		w.federated[Base(p.Type)] = true
		w.line("  %s: %sSeries!%s", p.Name, Base(p.Type), deprecation(p.Deprecated))
	case schema.Computed:
		w.line("  %s: %s!%s", p.Name, w.computedType(p), deprecation(p.Deprecated))
	default:
		argument := ""
		if Convertible(p) {
			argument = "(unit: String)"
		}
		w.line("  %s%s: %s%s", p.Name, argument, valueType(p.Type), deprecation(p.Deprecated))
	}
}

func componentType(p *schema.Property) string {
	if p.Type.NonNull {
		return string(p.Type.Component) + "!"
	}
	return string(p.Type.Component)
}

func (w *writer) computedType(p *schema.Property) string {
	base := Base(p.Type)
	if p.Type.List {
		base += "List"
	}
	w.federated[base] = true
	return base + "Value"
}

func withUnit(p *schema.Property) string {
	if p.Unit == "" {
		return p.Description
	}
	return strings.TrimLeft(p.Description+"\nUnit: "+p.Unit, "\n")
}

func (w *writer) relationshipField(r *schema.Relationship) {
	target := w.Shown(r.Target)
	w.describe("  ", r.Description)
	if r.Many {
		w.line("  %s(where: %[2]sFilter, orderBy: [%[2]sOrderBy!], %[3]s): %[2]sConnection!", r.Field, target, pageBothWays)
		return
	}
	required := ""
	if r.NonNull {
		required = "!"
	}
	w.line("  %s: %s%s", r.Field, target, required)
}

func (w *writer) joinField(j *schema.Join) {
	target := j.Target
	if w.model.Records[target] == nil {
		target = w.Shown(target)
	}
	w.describe("  ", j.Description)
	if j.Many {
		w.line("  %s(where: %[2]sFilter, orderBy: [%[2]sOrderBy!], first: Int = 100, after: String): %[2]sConnection!", j.Field, target)
		return
	}
	w.line("  %s: %s", j.Field, target)
}
