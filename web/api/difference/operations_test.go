package difference

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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
		o.selection(t, depth-1)
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
