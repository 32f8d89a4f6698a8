package query

import (
	"github.com/vektah/gqlparser/v2/ast"

	"mereon/graph/query/sdl"
	"mereon/schema/fault"
)

// queryRoots are the root fields of Query that every model has.
var queryRoots = map[string]bool{"node": true, "nodes": true, "entity": true, "entities": true, "path": true, "paths": true, "commonAncestors": true, "alarms": true}

// Owns says whether a root field of the operation belongs to the data plane.
func (e *Engine) Owns(operation ast.Operation, field string) bool {
	switch operation {
	case ast.Mutation:
		return e.mutates(field)
	case ast.Subscription:
		return e.subscribes(field)
	}
	_, typed := e.catalog.roots[field]
	return typed || queryRoots[field]
}

// root plans a root field.
func (p *planner) root(operation ast.Operation, top *level, m merged) emit {
	if m.field.Name == "__typename" && operation != ast.Mutation {
		return constantText(typenameOf(m.field))
	}
	switch operation {
	case ast.Mutation:
		return p.mutationRoot(top, m)
	case ast.Subscription:
		return p.subscriptionRoot(top, m)
	}
	return p.queryRoot(top, m)
}

func (p *planner) queryRoot(top *level, m merged) emit {
	switch m.field.Name {
	case "node", "entity":
		return p.one(top, m, lookupSource{}, "", nil)
	case "nodes":
		return p.all(top, m, lookupSource{most: p.engine.limits.First}, nil)
	case "entities":
		return p.many(top, m, selectSource{}, "", nil)
	case "path", "paths":
		return p.path(top, m, m.field.Name == "paths")
	case "commonAncestors":
		return p.commonAncestors(top, m)
	case "alarms":
		return p.alarms(top, m)
	}
	r, ok := p.catalog.roots[m.field.Name]
	if r.groups {
		return p.groupRoot(top, m, r)
	}
	switch {
	case !ok:
		p.fail(fault.New(fault.Invalid, "the data plane has no root field %s", m.field.Name))
		return nil
	case r.record != nil:
		return p.recordRoot(top, m, r)
	case r.many:
		return p.many(top, m, selectSource{}, r.entity.Name, nil)
	}
	return p.one(top, m, lookupSource{keys: sdl.UniqueKeys(r.entity)}, r.entity.Name, nil)
}

func (p *planner) recordRoot(top *level, m merged, r root) emit {
	child := p.recordLevel(top, m, r.record, recordSource{byKey: !r.many}, nil)
	child.list = r.many
	if r.many {
		return p.recordConnection(child, m)
	}
	return p.oneRecord(child, m)
}
