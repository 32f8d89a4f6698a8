package neo4j

import (
	"slices"

	"mereon/graph"
	"mereon/schema"
)

// needs are the facts that memory must know to decide about change sets as if it knew everything: each is fetched whole,
// so that no change set of the same group makes another one necessary.
type needs struct {
	layout *graph.Layout

	ids       set[string] // entities as they stand
	keys      set[string] // whoever holds these unique values
	pairs     set[edge]   // single relationships
	out, in   set[end]    // all relationships of an entity over a relation, one way
	climbs    map[string]climb
	doomed    set[string] // deleted: all their relationships
	felled    set[string] // deleted with everything below
	retyped   set[string]
	artifacts [][]string
	repeats   []string
	whole     bool // the layout changes: everything
}

// onlyEntities says that nothing has to be known but entities.
func (n *needs) onlyEntities() bool {
	return !n.whole && len(n.keys)+len(n.pairs)+len(n.out)+len(n.in)+len(n.climbs)+len(n.doomed)+len(n.retyped)+len(n.artifacts)+len(n.repeats) == 0
}

// end is one relation at one entity.
type end struct {
	id       string
	relation string
}

// climb is what a hierarchy is walked up for: to see that no cycle is closed.
type climb struct {
	children set[string]
	parents  set[string]
}

type set[T comparable] map[T]struct{}

func (s *set[T]) add(v T) {
	if *s == nil {
		*s = set[T]{}
	}
	(*s)[v] = struct{}{}
}

func (s set[T]) list() []T {
	all := make([]T, 0, len(s))
	for v := range s {
		all = append(all, v)
	}
	return all
}

// needsOf collects what change sets need under a layout.
func needsOf(layout *graph.Layout, group []*request) *needs {
	n := &needs{layout: layout, climbs: map[string]climb{}}
	for _, r := range group {
		n.add(r.set)
	}
	return n
}

func (n *needs) add(c *graph.ChangeSet) {
	for i := range c.Entities {
		n.entity(&c.Entities[i])
	}
	for i := range c.Relationships {
		n.relationship(&c.Relationships[i])
	}
	for _, a := range c.Artifacts {
		n.artifacts = append(n.artifacts, []string{string(a.Kind), a.Name})
	}
	if c.IdempotencyKey != "" {
		n.repeats = append(n.repeats, c.IdempotencyKey)
	}
	n.whole = n.whole || c.Layout != nil && !c.Layout.SameRules(n.layout)
}

func (n *needs) entity(c *graph.EntityChange) {
	id := string(c.ID)
	n.ids.add(id)
	switch c.Op {
	case graph.Delete:
		n.doomed.add(id)
		if c.Children == graph.DeleteChildren {
			n.felled.add(id)
		}
	case graph.Retype:
		n.retyped.add(id)
	}
	for _, v := range c.Values {
		n.value(v.Path, v.Value)
	}
}

// value needs whoever holds a value that must be unique.
func (n *needs) value(path schema.Path, v schema.Value) {
	if v.IsNull() {
		return
	}
	for i := range n.layout.Unique {
		if u := &n.layout.Unique[i]; u.Path == path {
			key, _ := indexKey(v)
			n.keys.add(uniquePlace(u) + key)
		}
	}
}

func (n *needs) relationship(c *graph.RelationshipChange) {
	n.ids.add(string(c.From))
	if c.To != "" {
		n.ids.add(string(c.To))
	}
	i := slices.IndexFunc(n.layout.Relations, func(r schema.Relation) bool { return r.Name == c.Relation })
	if i < 0 {
		return
	}
	r := &n.layout.Relations[i]
	if c.Op == graph.Clear || c.Op == graph.Replace || r.Single {
		n.out.add(end{string(c.From), c.Relation})
	} else {
		n.pairs.add(edge{c.From, c.Relation, c.To})
	}
	if c.Op != graph.Relate && c.Op != graph.Replace {
		return
	}
	if r.InverseOne {
		n.in.add(end{string(c.To), c.Relation})
	}
	if r.Hierarchy != "" {
		n.parent(r, string(c.From), string(c.To))
	}
}

// parent needs the parents that the child has and, unless it is new, all above the one it gets.
func (n *needs) parent(r *schema.Relation, child, parent string) {
	if !r.ToParent {
		child, parent = parent, child
	}
	k := n.climbs[r.Hierarchy]
	k.children.add(child)
	k.parents.add(parent)
	n.climbs[r.Hierarchy] = k
	for _, other := range n.layout.Relations {
		switch {
		case other.Hierarchy != r.Hierarchy:
		case other.ToParent:
			n.out.add(end{child, other.Name})
		default:
			n.in.add(end{child, other.Name})
		}
	}
}

// upward are the relations of a hierarchy that lead up from their source, and those from their target.
func upward(l *graph.Layout, hierarchy string) (out, in []string) {
	for i := range l.Relations {
		switch r := &l.Relations[i]; {
		case r.Hierarchy != hierarchy:
		case r.ToParent:
			out = append(out, r.Name)
		default:
			in = append(in, r.Name)
		}
	}
	return out, in
}
