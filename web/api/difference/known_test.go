package difference

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

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

// stamps are the times of the store's own.
var stamps = map[string]bool{"createdAt": true, "updatedAt": true}

func (o *writer) known(f *ast.FieldDefinition, on *ast.Definition) bool {
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
