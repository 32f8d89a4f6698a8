package difference

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// operation is one random operation, and what was answered to it.
type operation struct {
	Query     string            `json:"query"`
	Variables map[string]any    `json:"variables"`
	Cursors   map[string]string `json:"cursors,omitempty"` // the id of the row that each cursor of an earlier answer stands for
	Answer    json.RawMessage   `json:"answer"`

	cursor string // the variable that takes a cursor
}

// knownFields are the fields that the reference resolves beside those of the model.
var knownFields = map[string]bool{
	"node": true, "nodes": true, "entity": true, "entities": true, "path": true, "paths": true, "commonAncestors": true,
	"id": true, "name": true, "assetType": true, "parent": true, "children": true, "ancestors": true, "descendants": true, "reach": true,
	"relationships": true, "property": true, "affected": true, "truncated": true,
	"edges": true, "pageInfo": true, "totalCount": true, "incomplete": true, "status": true, "props": true,
	"hasNextPage": true, "hasPreviousPage": true, "depth": true, "length": true, "aggregate": true, "groups": true, "direction": true, "other": true,
	"history": true, "measurements": true, "number": true, "until": true,
	"revision": true, "createdAt": true, "updatedAt": true, "externalIds": true, "bindings": true,
	"value": true, "unit": true, "time": true, "age": true, "quality": true,
}

// knownOf are the fields of types that no model makes, where they are fewer.
var knownOf = map[string][]string{
	"Path": {"length", "weight", "incomplete", "nodes"}, "CommonAncestor": {"entity", "depths"},
	"AffectedConnection": {"nodes", "pageInfo", "totalCount", "truncated", "incomplete"},
	"Reached":            {"entity", "depth"}, "ReachConnection": {"nodes", "edges", "pageInfo", "totalCount", "incomplete"},
	"Relationship": {"name", "direction", "other", "props"}, "RelationshipConnection": {"nodes", "edges", "pageInfo", "totalCount", "aggregate", "groups"},
	"RelationshipAggregate": {"name", "direction", "count"},
}

// knownArguments are those of fields that take more than connections do.
var knownArguments = map[string][]string{
	"path": {"from", "to", "via", "direction", "through", "maxDepth"}, "reach": {"via", "direction", "maxDepth", "through", "type", "where", "first"},
	"paths": {"from", "to", "via", "direction", "through", "maxDepth", "first"}, "affected": {"via", "direction", "maxDepth", "through", "first"},
	"relationships": {"name", "direction", "first"}, "entities": {"type", "search", "where", "orderBy", "first", "last", "within"},
	"history": {"from", "to", "every", "aggregate", "timeZone", "gaps", "first", "unit"},
}

// knownInputs are the arguments and input fields that it understands beside those of the model.
var knownInputs = map[string]bool{
	"id": true, "ids": true, "where": true, "orderBy": true, "first": true, "last": true, "within": true, "hierarchy": true, "of": true, "depth": true,
	"type": true, "via": true, "direction": true, "maxDepth": true, "through": true, "from": true, "to": true, "name": true, "unit": true, "number": true, "assetType": true,
	"and": true, "or": true, "not": true, "isNull": true, "eq": true, "ne": true, "in": true, "notIn": true, "lt": true, "lte": true, "gt": true, "gte": true,
	"startsWith": true, "contains": true, "has": true, "hasAny": true, "isEmpty": true, "some": true, "every": true, "none": true, "count": true, "status": true,
	"revision": true, "createdAt": true, "updatedAt": true, "is": true,
	"search": true, "aggregate": true, "gaps": true, "by": true, "timeZone": true, "above": true, "key": true, "min": true, "max": true, "avg": true, "sum": true,
}

// writer writes one random operation.
type writer struct {
	*world
	schema    *ast.Schema
	b         strings.Builder
	fragments []string
	declared  []string
	variables map[string]any
	aliases   int
	budget    int
	favour    []string
	above     string // the field that the selection is of
	cursor    string // the variable of a cursor, "" when there is none
	hops      bool   // what is written is a condition on hops
	walk      string // what the selection on a path is of: path, paths, or the weight of one
	since     int    // the beginning of a range, in seconds before now
	bare      bool   // the next field has no condition
	summed    bool   // the selection is on records that their source sums up for entities
	columns   bool   // what is written is a filter that its source must be able to decide
}

type enumName string

// newOperation writes a random query. It is nil when it asked for nothing.
func (w *world) newOperation(s *ast.Schema) *operation {
	o := &writer{world: w, schema: s, variables: map[string]any{}, budget: w.some(4, 40), favour: pick(w, favours)}
	o.selection(s.Query, w.some(3, 7))
	head := "query"
	if len(o.declared) > 0 {
		head += " Q(" + strings.Join(o.declared, ", ") + ")"
	}
	return &operation{Query: head + " " + o.b.String() + strings.Join(o.fragments, ""), Variables: o.variables, cursor: o.cursor}
}

// stamps are what the store makes of changes.
var stamps = map[string]bool{"revision": true, "createdAt": true, "updatedAt": true}

func (o *writer) known(f *ast.FieldDefinition, on *ast.Definition) bool {
	if o.summed && strings.HasSuffix(on.Name, "Aggregate") && strings.HasSuffix(f.Type.Name(), "Aggregate") {
		return false // its source knows nothing of what rows lead to
	}
	if o.changed && stamps[f.Name] {
		return false
	}
	if on == o.schema.Query {
		_, is := o.Roots[f.Name]
		return is || slices.Contains([]string{"node", "nodes", "entity", "entities", "path", "paths", "commonAncestors"}, f.Name)
	}
	if slices.ContainsFunc([]string{"Aggregate", "AggregateKey", "Measures"}, func(end string) bool { return strings.HasSuffix(on.Name, end) }) {
		return true
	}
	if on.Name == "Path" {
		return slices.Contains(map[string][]string{"path": {"length", "weight", "incomplete"}, "weight": {"weight"}, "paths": {"length", "nodes"}}[o.walk], f.Name)
	}
	if on.Name == "Affected" {
		return f.Name != "via"
	}
	if only := knownOf[on.Name]; only != nil {
		return slices.Contains(only, f.Name)
	}
	if f.Name == "path" {
		return false
	}
	if knownFields[f.Name] {
		return true
	}
	return o.modelled(f.Name)
}

// modelled says whether the model has a field of that name.
func (w *world) modelled(name string) bool {
	for _, t := range w.Types {
		if t.Fields[name] != nil {
			return true
		}
	}
	for _, c := range w.Components {
		if c[name] != nil {
			return true
		}
	}
	for _, r := range w.Records {
		if r.Fields[name] != nil {
			return true
		}
	}
	return false
}

func (o *writer) selection(d *ast.Definition, depth int) {
	var able []*ast.FieldDefinition
	for _, f := range d.Fields {
		if t := o.schema.Types[f.Type.Name()]; o.known(f, d) && (!t.IsCompositeType() || depth > 0) {
			able = append(able, f)
		}
	}
	o.b.WriteString("{ ")
	wrote := false
	for range o.some(1, 4) {
		if possible := o.schema.PossibleTypes[d.Name]; d.IsAbstractType() && len(possible) > 0 && o.chance(25) && depth > 0 {
			o.narrowed(d, possible, depth)
			wrote = true
			continue
		}
		if len(able) == 0 || o.budget <= 0 {
			break
		}
		o.field(pick(o.world, o.favoured(able)), depth)
		wrote = true
	}
	if !wrote || o.chance(10) {
		o.b.WriteString("__typename ")
	}
	o.b.WriteString("} ")
}

// favours are what some operations ask for more than others, by the ends of the names of fields or of their types.
var favours = [][]string{nil, nil, nil, {"Series", "history"}, {"roups", "ggregate"}, {"reach", "affected", "Affected", "path", "paths", "commonAncestors"}}

// favoured returns those of the fields that the operation favours, mostly.
func (o *writer) favoured(able []*ast.FieldDefinition) []*ast.FieldDefinition {
	of := slices.DeleteFunc(slices.Clone(able), func(f *ast.FieldDefinition) bool {
		return !slices.ContainsFunc(o.favour, func(end string) bool { return strings.HasSuffix(f.Name, end) || strings.HasSuffix(f.Type.Name(), end) })
	})
	if len(of) > 0 && o.chance(60) {
		return of
	}
	return able
}

// narrowed writes an inline fragment or a spread, on one of the possible types, on an interface, or on none.
func (o *writer) narrowed(d *ast.Definition, possible []*ast.Definition, depth int) {
	on := pick(o.world, possible)
	if o.chance(30) {
		on = d
	} else if above := on.Interfaces; len(above) > 0 && o.chance(30) {
		on = o.schema.Types[pick(o.world, above)]
	}
	if o.chance(40) {
		name := fmt.Sprint("F", len(o.fragments), "x", o.aliases)
		o.aliases++
		o.b.WriteString("..." + name + " " + o.condition())
		outer := o.b
		o.b = strings.Builder{}
		o.b.WriteString(" fragment " + name + " on " + on.Name + " ")
		o.selection(on, depth-1)
		o.fragments = append(o.fragments, o.b.String())
		o.b = outer
		return
	}
	o.b.WriteString("... ")
	if on != d || o.chance(50) {
		o.b.WriteString("on " + on.Name + " ")
	}
	o.b.WriteString(o.condition())
	o.selection(on, depth-1)
}

// condition is sometimes a directive.
func (o *writer) condition() string {
	if bare := o.bare; bare || !o.chance(12) {
		o.bare = false
		return ""
	}
	value := fmt.Sprint(o.chance(50))
	if o.chance(70) {
		value = o.variable("Boolean!", o.chance(50))
	}
	return pick(o.world, []string{"@skip", "@include"}) + "(if: " + value + ") "
}

func (o *writer) variable(t string, value any) string {
	name := fmt.Sprint("v", len(o.declared))
	o.declared = append(o.declared, "$"+name+": "+t)
	o.variables[name] = value
	return "$" + name
}

func (o *writer) field(f *ast.FieldDefinition, depth int) {
	o.budget--
	o.walk = f.Name
	arguments := ""
	if weighted := o.weighted(); f.Name == "path" && weighted != "" && o.chance(50) {
		arguments, o.walk = weighted, "weight"
	} else {
		arguments = o.arguments(f)
	}
	paged := o.pages(f)
	if arguments != "" || paged || o.chance(60) {
		o.aliases++
		fmt.Fprintf(&o.b, "a%d: ", o.aliases)
	}
	if paged {
		o.page(f, arguments, depth)
		return
	}
	o.b.WriteString(f.Name + arguments + " " + o.condition())
	if t := o.schema.Types[f.Type.Name()]; t.IsCompositeType() {
		above := o.above
		o.above = f.Name
		if strings.HasSuffix(t.Name, "Aggregate") {
			depth = min(depth, 4) // measures of what is led to are followed only so far
		}
		summed := o.summed
		o.summed = summed || strings.HasSuffix(t.Name, "Aggregate") && f.Type.Elem == nil && f.Arguments.ForName("where") != nil
		o.selection(t, depth-1)
		o.summed = summed
		o.above = above
	}
}

// pages says whether a field is made the connection whose pages are followed: one of an operation, and of rows that have an id.
func (o *writer) pages(f *ast.FieldDefinition) bool {
	if f.Name == "history" && o.cursor == "" && o.chance(30) {
		return true
	}
	if o.cursor != "" || f.Arguments.ForName("after") == nil || !o.chance(15) || f.Name == "reach" || f.Name == "relationships" {
		return false
	}
	_, root := o.Roots[f.Name]
	return root || f.Arguments.ForName("before") != nil // a page of joined rows does not know what precedes it elsewhere
}

// page writes a connection with a cursor that is given when the operation is asked again.
func (o *writer) page(f *ast.FieldDefinition, arguments string, depth int) {
	o.cursor = fmt.Sprint("v", len(o.declared))
	o.declared = append(o.declared, "$"+o.cursor+": String")
	name := "after"
	if f.Arguments.ForName("before") != nil && o.chance(40) {
		name = "before"
	}
	given := strings.TrimSuffix(strings.TrimPrefix(arguments, "("), ")")
	if given != "" {
		given += ", "
	}
	if f.Name == "history" {
		fmt.Fprintf(&o.b, "history(%safter: $%s) { past: measurements { time } status until pageInfo { hasNextPage hasPreviousPage endCursor } } ", given, o.cursor)
		return
	}
	key := "id"
	if edge := o.schema.Types[o.schema.Types[f.Type.Name()].Fields.ForName("nodes").Type.Name()]; edge.Fields.ForName("id") == nil {
		key = "number"
	}
	fmt.Fprintf(&o.b, "%s(%s%s: $%s) { paged: edges { cursor node { key: %s } } pageInfo { hasNextPage hasPreviousPage } totalCount incomplete } ", f.Name, given, name, o.cursor, key)
}

func (o *writer) arguments(f *ast.FieldDefinition) string {
	var given []string
	byKey := f.Arguments.ForName("id") != nil && f.Arguments.ForName("where") == nil
	for _, a := range f.Arguments {
		likely := map[string]int{"where": 45, "orderBy": 45, "first": 50, "within": 20, "last": 6, "type": 40, "unit": 40, "maxDepth": 40, "through": 25, "direction": 50, "search": 15, "timeZone": 50, "to": 60, "every": 60, "aggregate": 60, "gaps": 40}[a.Name]
		switch {
		case !knownInputs[a.Name] && !o.modelled(a.Name), knownArguments[f.Name] != nil && !slices.Contains(knownArguments[f.Name], a.Name):
			continue
		case byKey && a.Name == "id", a.Type.NonNull:
		case byKey, !o.chance(likely):
			continue
		case (a.Name == "aggregate" || a.Name == "gaps" || a.Name == "every") && o.senseless(a.Name, given):
			continue
		}
		if a.Name == "last" && slices.ContainsFunc(given, func(g string) bool { return strings.HasPrefix(g, "first:") }) {
			continue
		}
		o.hops = a.Name == "through" && f.Name != "reach" && f.Name != "affected"
		o.columns = f.Name == "affected" || f.Type.Elem == nil && strings.HasSuffix(f.Type.Name(), "Aggregate")
		value := o.input(a.Name, f.Name, a.Type, 3)
		text := literal(value)
		if o.chance(15) {
			text = o.variable(a.Type.String(), plain(value))
		}
		given = append(given, a.Name+": "+text)
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// input makes the value of an argument or an input field.
func (o *writer) input(name, of string, t *ast.Type, depth int) any {
	if t.Elem != nil {
		list := []any{}
		for range o.some(min(1, depth), 2) {
			list = append(list, o.input(name, of, t.Elem, depth))
		}
		return list
	}
	d := o.schema.Types[t.NamedType]
	switch d.Kind {
	case ast.Enum:
		return enumName(pick(o.world, d.EnumValues).Name)
	case ast.InputObject:
		return o.object(d, depth)
	}
	return o.scalar(name, of, t.NamedType)
}

// senseless says that an argument of a history is mostly left out: buckets want every, and the default average numbers.
func (o *writer) senseless(name string, given []string) bool {
	numeric := false
	for _, t := range o.Types {
		if f := t.Fields[o.above]; f != nil {
			numeric = f.Type == "Int" || f.Type == "Float"
		}
	}
	every := slices.ContainsFunc(given, func(g string) bool { return strings.HasPrefix(g, "every:") })
	return (name == "every" && !numeric || name != "every" && !every) && o.chance(95)
}

func (o *writer) object(d *ast.Definition, depth int) any {
	out := map[string]any{}
	var able []*ast.FieldDefinition
	for _, f := range d.Fields {
		nested := o.schema.Types[f.Type.Name()].Kind == ast.InputObject
		if !(o.changed && stamps[f.Name]) && (knownInputs[f.Name] || o.modelled(f.Name) || d.Name == "EntityIs" || d.Name == "AffectedThrough") && !(f.Name == "is" && o.hops) && !(o.columns && o.joins(f.Name)) && (depth > 0 || !nested || f.Type.NonNull) {
			able = append(able, f)
		}
	}
	if d.Directives.ForName("oneOf") != nil {
		nested := func(f *ast.FieldDefinition) bool { return o.schema.Types[f.Type.Name()].Kind == ast.InputObject }
		of := slices.DeleteFunc(slices.Clone(able), func(f *ast.FieldDefinition) bool { return !nested(f) })
		if len(of) > 0 && (len(of) == len(able) || o.chance(40)) {
			able = of
		} else {
			able = slices.DeleteFunc(able, nested)
		}
		f := pick(o.world, able)
		return map[string]any{f.Name: o.input(f.Name, d.Name, f.Type, depth-1)}
	}
	for _, f := range able {
		if f.Type.NonNull {
			out[f.Name] = o.input(f.Name, d.Name, f.Type, depth-1)
		}
	}
	for range o.some(1, 2) {
		if len(able) == 0 {
			break
		}
		f := pick(o.world, able)
		if f.Name == "unit" {
			continue
		}
		out[f.Name] = o.input(f.Name, d.Name, f.Type, depth-1)
	}
	return out
}

// joins says whether a field of a record leads to others.
func (o *writer) joins(field string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(o.Records)), func(r *record) bool { return r.Fields[field] != nil && r.Fields[field].Kind == "join" })
}

func (o *writer) scalar(name, of, t string) any {
	switch name {
	case "search":
		return o.text()
	case "every":
		return pick(o.world, []string{"PT1M", "PT1H30M", "PT6H", "P1D", "P1D", "P2D", "P7D"})
	case "from", "to":
		if t == "DateTime" {
			return o.instant(name)
		}
	}
	switch name {
	case "first", "last":
		return o.some(1, 5)
	case "depth", "maxDepth":
		return o.some(1, 3)
	case "timeZone":
		return pick(o.world, []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"})
	case "hierarchy":
		return "place"
	case "of", "from", "to", "id", "ids":
		if o.chance(92) {
			return pick(o.world, o.Entities).ID
		}
		return "nobody"
	case "type":
		return pick(o.world, o.order)
	case "via":
		if of == "affected" {
			return o.walkable()
		}
		if len(o.Links) == 0 {
			return "isIn"
		}
		return pick(o.world, o.Links).Relation
	case "unit":
		if of == "value" || of == "history" {
			of = o.above
		}
		return o.unitOf(of)
	case "name":
		if of == "property" {
			return o.anyPath()
		}
	case "number":
		return pick(o.world, []string{"O0", "O1", "O2", "nobody"})
	}
	switch {
	case t == "Int" && (strings.HasSuffix(of, "CountFilter")):
		return o.some(0, 3)
	case pools[t] == nil:
		return "?"
	case t == "ID" || t == "String":
		e := pick(o.world, o.Entities)
		return pick(o.world, []any{e.ID, e.Name, e.Type, pick(o.world, pools[t]), pick(o.world, pools[t]), "O1", "n"})
	}
	return pick(o.world, pools[t])
}

// weighted are the arguments of a path by weight, "" when no relationship has a number.
func (o *writer) weighted() string {
	var found []string
	for _, l := range o.Links {
		for _, name := range slices.Sorted(maps.Keys(l.Props)) {
			if _, text := l.Props[name].(string); !text {
				found = append(found, fmt.Sprintf("via: [%q], weight: %q", l.Relation, name))
			}
		}
	}
	found = slices.DeleteFunc(found, func(f string) bool { return !o.numeric(f[strings.LastIndex(f, ` "`)+2 : len(f)-1]) })
	if len(found) == 0 {
		return ""
	}
	missing := ""
	if o.chance(70) {
		missing = ", missing: " + pick(o.world, []string{"0", "1", "2.5"})
	}
	return fmt.Sprintf("(from: %q, to: %q, %s%s, direction: %s)", pick(o.world, o.Entities).ID, pick(o.world, o.Entities).ID, pick(o.world, found), missing, pick(o.world, []string{"OUT", "IN", "BOTH"}))
}

// numeric says whether a property of a component is a number.
func (w *world) numeric(name string) bool {
	for _, c := range w.Components {
		if f := c[name]; f != nil {
			return slices.Contains([]string{"Int", "Float", "Long"}, f.Type)
		}
	}
	return false
}

// walkable is a relationship, a field that follows one backwards, or a field that joins.
func (o *writer) walkable() string {
	names := []string{"isIn"}
	for _, l := range o.Links {
		names = append(names, l.Relation)
	}
	add := func(of fields) {
		for _, name := range slices.Sorted(maps.Keys(of)) {
			if f := of[name]; f.Kind == "join" || f.Kind == "relation" && f.Inverse {
				names = append(names, name, name)
			}
		}
	}
	for _, t := range o.order {
		add(o.Types[t].Fields)
	}
	for _, r := range slices.Sorted(maps.Keys(o.Records)) {
		add(o.Records[r].Fields)
	}
	return pick(o.world, names)
}

// text is something to search for: words of an entity, whole or begun, in any case.
func (o *writer) text() string {
	e := pick(o.world, o.Entities)
	words := strings.Fields(strings.Join([]string{e.Name, e.ID, pick(o.world, []string{"ford", "STRASSE", "水", "p", "x1", "a7", "on", "nothing", "", "-"})}, " "))
	var wanted []string
	for range o.some(1, 2) {
		word := pick(o.world, words)
		if letters := []rune(word); o.chance(40) {
			word = string(letters[:o.some(1, len(letters))])
		}
		if o.chance(20) {
			word = strings.ToUpper(word)
		}
		wanted = append(wanted, word)
	}
	return strings.Join(wanted, pick(o.world, []string{" ", "-", "  "}))
}

// instant is a beginning or an end of a range; ends are mostly after the beginning before them.
func (o *writer) instant(name string) string {
	if name == "from" || o.chance(4) {
		o.since = pick(o.world, []int{61, 3600, 86400 + 1800, 4 * 86400, 45 * 86400, 130 * 86400, 170 * 86400})
		return noon.Add(-time.Duration(o.since) * time.Second).Format(time.RFC3339)
	}
	return noon.Add(-time.Duration(o.IntN(o.since)) * time.Second).Format(time.RFC3339)
}

func (o *writer) unitOf(field string) string {
	for _, t := range o.Types {
		if f := t.Fields[field]; f != nil && f.Unit != "" && o.chance(95) {
			return pick(o.world, units[f.Unit])
		}
	}
	for _, all := range []map[string]fields{o.Components, o.recordFields()} {
		for _, c := range all {
			if f := c[field]; f != nil && f.Unit != "" {
				return pick(o.world, units[f.Unit])
			}
		}
	}
	return "bar" // what has no unit cannot be converted: an error of the field
}

func (w *world) recordFields() map[string]fields {
	out := map[string]fields{}
	for name, r := range w.Records {
		out[name] = r.Fields
	}
	return out
}

func (o *writer) anyPath() string {
	t := o.Types[pick(o.world, o.order)]
	name := pick(o.world, slices.Sorted(maps.Keys(t.Fields)))
	if f := t.Fields[name]; f.Kind == "component" && o.chance(60) {
		return name + "." + pick(o.world, slices.Sorted(maps.Keys(o.Components[f.Component])))
	}
	return name
}

// literal writes a value as GraphQL.
func literal(v any) string {
	switch v := v.(type) {
	case enumName:
		return string(v)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = literal(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+": "+literal(v[name]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// plain is a value as JSON writes it.
func plain(v any) any {
	switch v := v.(type) {
	case enumName:
		return string(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = plain(e)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, e := range v {
			out[name] = plain(e)
		}
		return out
	}
	return v
}
