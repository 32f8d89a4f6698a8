package record

import (
	"time"

	"mereon/graph"
	"mereon/schema"
)

// Entity is an entity as it stands, with its history in short.
type Entity struct {
	ID       graph.EntityID
	Type     schema.TypeName
	Revision graph.Revision
	Created  time.Time
	Updated  time.Time
	Origin   graph.Origin
	Edited   bool
	Values   []graph.PathValue
}

// Relationship is a relationship as it stands.
type Relationship struct {
	From     graph.EntityID
	Relation string
	To       graph.EntityID
	Props    []graph.PathValue
}

// Artifact is an artifact as it stands.
type Artifact struct {
	Kind     graph.ArtifactKind
	Name     string
	Revision graph.Revision
	Data     []byte
}
