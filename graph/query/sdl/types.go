package sdl

import (
	"strings"

	"mereon/schema"
)

// assetType writes an exposed asset type with its connection, filter, order and inputs.
func (w *writer) assetType(t *schema.AssetType) {
	head, implements := "type", w.implements(t)
	if t.Abstract {
		head = "interface"
	}
	w.entityType(head, string(t.Name), implements, t)
	if w.plain[t.Name] {
		w.entityType("type", plainName(t.Name), append(implements, string(t.Name)), t)
	}
	w.connection(string(t.Name))
	w.filter(declaredBy(t), true)
	w.orderBy(declaredBy(t), true)
	w.aggregate(declaredBy(t), true, true)
	if t.Instantiable {
		w.inputs(t)
	}
	w.newEntity(t.Name)
}

func (w *writer) entityType(head, name string, implements []string, t *schema.AssetType) {
	w.describe("", t.Description)
	w.entityBlock(head+" "+name+" implements "+strings.Join(implements, " & "), func() { w.outputs(declaredBy(t)) })
}

// entityBlock writes a definition with the fields of every entity, then its own.
func (w *writer) entityBlock(head string, own func()) {
	w.line("%s {", head)
	if !w.short() {
		w.b.WriteString(entityFields)
	}
	start := w.b.Len()
	own()
	if w.short() && w.b.Len() == start {
		w.line("  %s: ID", none)
	}
	w.line("}\n")
}

// implements lists the interfaces of t: Node, Entity and the exposed ancestors.
func (w *writer) implements(t *schema.AssetType) []string {
	list := []string{"Node", "Entity"}
	for i := len(t.Ancestors) - 1; i >= 0; i-- {
		if up := w.model.Types[t.Ancestors[i]]; up != nil && up.Exposed && up.Abstract {
			list = append(list, string(up.Name))
		}
	}
	return list
}

// plainEntity writes the object type of entities that have no exposed type at all.
func (w *writer) plainEntity() {
	w.describe("", "An entity whose asset type is no GraphQL type of its own: see assetType and property.")
	w.entityBlock("type "+plainName(Entity)+" implements Node & Entity", func() {})
}

func (w *writer) connection(name string) {
	w.block("type "+name+"Connection", func() {
		w.line("  nodes: [%[1]s!]!\n  edges: [%[1]sEdge!]!\n  pageInfo: PageInfo!\n  totalCount: Int!", name)
		w.describe("  ", "True when some entities could not be decided: a value that the filter or the order needs is not known.")
		w.line("  incomplete: Boolean!")
		w.aggregateFields(name, "!")
	})
	w.block("type "+name+"Edge", func() {
		w.line("  cursor: String!\n  node: %s!", name)
		w.describe("  ", "Properties of the relationship that led here.")
		w.line("  props: JSON")
	})
}

func (w *writer) component(c *schema.Component) {
	w.describe("", c.Description)
	w.block("type "+string(c.Name), func() { w.outputs(declaredByComponent(c)) })
	w.filter(declaredByComponent(c), false)
	w.orderBy(declaredByComponent(c), false)
	w.aggregate(declaredByComponent(c), false, false)
	w.block("input "+string(c.Name)+"Input", func() { w.settable(declaredByComponent(c), false) })
}

// record writes a record type; everything about its connection may be null, since its source may fail.
func (w *writer) record(r *schema.RecordType) {
	w.describe("", r.Description)
	w.block("type "+string(r.Name), func() { w.outputs(declaredByRecord(r)) })
	w.describe("", "Rows of another system. Everything but status is null when it fails.")
	w.block("type "+string(r.Name)+"Connection", func() {
		w.line("  nodes: [%[1]s!]\n  edges: [%[1]sEdge!]\n  pageInfo: PageInfo\n  totalCount: Int\n  status: Status!", r.Name)
		w.describe("  ", "True when some rows could not be decided: a value that the filter needs is not known.")
		w.line("  incomplete: Boolean!")
		w.aggregateFields(string(r.Name), "")
	})
	w.block("type "+string(r.Name)+"Edge", func() { w.line("  cursor: String!\n  node: %s!", r.Name) })
	w.filter(declaredByRecord(r), false)
	w.orderBy(declaredByRecord(r), false)
	w.aggregate(declaredByRecord(r), false, true)
}
