package neo4j

import (
	"bytes"
	"slices"

	"mereon/graph"
	"mereon/graph/record"
)

// net is what a group of commits comes to: what each thing was before all of them and what it is after. Only published
// revisions are ever seen, so what was in between need not be written.
type net struct {
	before    *patch
	entities  map[graph.EntityID]*record.Entity // nil: deleted
	edges     map[edge]*record.Relationship     // nil: removed
	artifacts map[[2]string]*record.Artifact    // nil: deleted
	layout    *graph.Layout                     // nil: it stays
}

func newNet(before *patch) *net {
	return &net{before: before, entities: map[graph.EntityID]*record.Entity{}, edges: map[edge]*record.Relationship{}, artifacts: map[[2]string]*record.Artifact{}}
}

// add takes one commit.
func (n *net) add(d *record.Delta) {
	for _, e := range d.Change.Entities {
		if e.Op == graph.Delete {
			n.entities[e.ID] = nil
		}
	}
	for i := range d.Entities {
		n.entities[d.Entities[i].ID] = &d.Entities[i]
	}
	for _, r := range d.Change.Relationships {
		if r.Removed {
			n.edges[edge{r.From, r.Relation, r.To}] = nil
		}
	}
	for i := range d.Relationships {
		n.edges[edgeOf(&d.Relationships[i])] = &d.Relationships[i]
	}
	for _, a := range d.Change.Artifacts {
		if a.Deleted {
			n.artifacts[[2]string{string(a.Kind), a.Name}] = nil
		}
	}
	for i := range d.Artifacts {
		a := &d.Artifacts[i]
		n.artifacts[[2]string{string(a.Kind), a.Name}] = a
	}
	if d.Layout != nil {
		n.layout = d.Layout
	}
}

// onlyEntities says that nothing changed but entities.
func (n *net) onlyEntities() bool {
	return len(n.edges) == 0 && len(n.artifacts) == 0 && n.layout == nil
}

// size is how many things are written.
func (n *net) size() int { return len(n.entities) + len(n.edges) }

// states returns the state nodes to end and to make. A state that sheds relationships is marked, so that they are
// cleaned away with it.
func (n *net) states(since graph.Revision) (ends, made []map[string]any) {
	sheds := map[graph.EntityID]bool{}
	for e := range n.edges {
		if _, had := n.before.edges[e]; had {
			sheds[e.from] = true
		}
	}
	for id, e := range n.entities {
		if n.before.entities[id] != nil {
			end := map[string]any{"id": string(id)}
			if sheds[id] {
				end["sheds"] = true
			}
			ends = append(ends, end)
		}
		if e != nil {
			made = append(made, properties(e, since))
		}
	}
	return ends, made
}

// entryChanges are index entries to end and to make, the unique values that become free and taken, and the words by which
// entities are found.
type entryChanges struct {
	ends   [][]string
	made   []map[string]any
	freed  []string
	taken  []string
	unsaid []string   // entities whose words end
	said   [][]string // id and words
}

// parameters are those of makeEntries and of what ends entries.
func (c *entryChanges) parameters() map[string]any {
	return map[string]any{"keyEnds": c.ends, "keys": c.made, "freed": c.freed, "taken": c.taken, "unsaid": c.unsaid, "said": c.said}
}

// none says that nothing changes.
func (c *entryChanges) none() bool {
	return len(c.ends)+len(c.made)+len(c.freed)+len(c.taken)+len(c.unsaid)+len(c.said) == 0
}

// words compares the words of an entity that was with those of what it is now; nil is none.
func (c *entryChanges) words(old, now *record.Entity) {
	before, after := wordsOf(old), wordsOf(now)
	if before == after {
		return
	}
	if before != "" {
		c.unsaid = append(c.unsaid, string(old.ID))
	}
	if after != "" {
		c.said = append(c.said, []string{string(now.ID), after})
	}
}

// between compares the entries that an entity had with those it has.
func (c *entryChanges) between(id graph.EntityID, old, now []entry) {
	for _, e := range old {
		if slices.Contains(now, e) {
			continue
		}
		if c.ends = append(c.ends, []string{e.key, string(id)}); e.unique {
			c.freed = append(c.freed, e.key)
		}
	}
	for _, e := range now {
		if slices.Contains(old, e) {
			continue
		}
		if c.made = append(c.made, map[string]any{"key": e.key, "id": string(id)}); e.unique {
			c.taken = append(c.taken, e.key)
		}
	}
}

// entries returns what changes of the indexes.
func (n *net) entries() *entryChanges {
	c := &entryChanges{}
	layout := n.before.layout
	if n.layout != nil {
		layout = n.layout
	}
	for id, now := range n.entities {
		was := n.before.entities[id]
		c.between(id, entriesOf(n.before.layout, was), entriesOf(layout, now))
		c.words(was, now)
	}
	if n.layout == nil {
		return c
	}
	for id, e := range n.before.entities { // all that was fetched is all there is
		if _, changed := n.entities[id]; !changed {
			c.between(id, entriesOf(n.before.layout, e), entriesOf(layout, e))
		}
	}
	return c
}

// ties returns the relationships to end and to make, by relationship type.
func (n *net) ties() (ends map[string][][]string, made map[string][][]any) {
	ends, made = map[string][][]string{}, map[string][][]any{}
	for e, now := range n.edges {
		was, had := n.before.edges[e]
		if had && now != nil && bytes.Equal(encodeValues(nil, was.Props), encodeValues(nil, now.Props)) {
			continue
		}
		typ := "`" + relationshipType(e.relation) + "`"
		if had {
			ends[typ] = append(ends[typ], []string{string(e.from), string(e.to)})
		}
		if now != nil {
			var props any
			if b := encodeValues(nil, now.Props); len(b) > 0 {
				props = b
			}
			made[typ] = append(made[typ], []any{string(e.from), string(e.to), props})
		}
	}
	return ends, made
}
