package neo4j

import (
	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/record"
	"mereon/schema/fault"
)

// patch is a part of the graph that was fetched. As a snapshot in memory it answers questions and takes change sets with
// the rules that graph/memory has, so that they are not written a second time.
type patch struct {
	layout    *graph.Layout
	entities  map[graph.EntityID]*record.Entity
	edges     map[edge]record.Relationship
	artifacts []record.Artifact
	repeats   map[string]graph.Commit
}

type edge struct {
	from     graph.EntityID
	relation string
	to       graph.EntityID
}

func edgeOf(r *record.Relationship) edge { return edge{r.From, r.Relation, r.To} }

func newPatch(layout *graph.Layout) *patch {
	return &patch{layout: layout, entities: map[graph.EntityID]*record.Entity{}, edges: map[edge]record.Relationship{}}
}

func (p *patch) addEntities(entities []record.Entity) {
	for i := range entities {
		p.entities[entities[i].ID] = &entities[i]
	}
}

func (p *patch) addEdges(edges []record.Relationship) {
	for i := range edges {
		p.edges[edgeOf(&edges[i])] = edges[i]
	}
}

// strangers are the ends of relationships whose entities were not fetched.
func (p *patch) strangers() (ids []string) {
	seen := map[graph.EntityID]bool{}
	for e := range p.edges {
		for _, id := range []graph.EntityID{e.from, e.to} {
			if p.entities[id] == nil && !seen[id] {
				seen[id] = true
				ids = append(ids, string(id))
			}
		}
	}
	return ids
}

// snapshot puts the patch together. An end that was not fetched is there by its id alone. With words it can be searched and
// take change sets.
func (p *patch) snapshot(revision graph.Revision, words bool) (*memory.Snapshot, error) {
	l := memory.NewLoader(p.layout)
	for _, e := range p.entities {
		if err := l.Entity(*e); err != nil {
			return nil, fault.Wrap(fault.Internal, err, "what Neo4j holds of %s cannot be", e.ID)
		}
	}
	for _, id := range p.strangers() {
		if err := l.Entity(record.Entity{ID: graph.EntityID(id), Type: stranger}); err != nil {
			return nil, fault.Wrap(fault.Internal, err, "what Neo4j holds of %s cannot be", id)
		}
	}
	for _, a := range p.artifacts {
		l.Artifact(a)
	}
	for key, commit := range p.repeats {
		l.AddRepeat(key, commit)
	}
	edges := make([]record.Relationship, 0, len(p.edges))
	for _, e := range p.edges {
		edges = append(edges, e)
	}
	s, err := l.FinishPart(revision, edges, words)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "what Neo4j holds breaks the rules of the model")
	}
	return s, nil
}

// stranger is the type of an entity of which only the id is known. No model can have it.
const stranger = "\x00"
