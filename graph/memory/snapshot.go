package memory

import (
	"context"
	"hash/maphash"
	"strings"

	"mereon/graph"
	"mereon/schema/fault"
)

// Snapshot is one version of the graph. It is immutable and a graph.View; Close does nothing.
type Snapshot struct {
	shared    *shared
	revision  graph.Revision
	owner     uint64 // of the transaction that made it; grows along the line of versions
	pages     pages
	free      tree[uint32] // rows to give out again
	ids       tree[uint64]
	byType    []tree[uint32] // rows of every type number, by id
	indexes   []index        // as layout.indexes
	words     tree[word]     // of all entities, to search for
	props     tree[relProps]
	artifacts tree[artifact]
	repeats   tree[repeat]
	types     names
	relations names
	paths     names
	layout    *layout
	live      int // entities
	edges     int // relationships
}

// shared is what all versions of one graph have in common.
type shared struct {
	seed  maphash.Seed
	marks marksPool
	heaps scratchPool
	bytes rowBytes
}

// relProps holds the properties of one relationship, for those that have any.
type relProps struct {
	from, relation, to uint32
	fields             string // record.AppendFields
}

func (p relProps) compare(q relProps) int {
	switch {
	case p.from != q.from:
		return order(p.from, q.from)
	case p.relation != q.relation:
		return order(p.relation, q.relation)
	}
	return order(p.to, q.to)
}

func order(a, b uint32) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

type artifact struct {
	kind     graph.ArtifactKind
	name     string
	data     []byte
	revision graph.Revision
}

func (a artifact) compare(b artifact) int {
	if c := strings.Compare(string(a.kind), string(b.kind)); c != 0 {
		return c
	}
	return strings.Compare(a.name, b.name)
}

// comparable is what finds its place in a tree by itself.
type comparable[T any] interface{ compare(T) int }

// findBy searches items that order themselves.
func findBy[T comparable[T]](item T) finder[T] {
	return func(items []T) (int, bool) {
		lo, hi := 0, len(items)
		for lo < hi {
			mid := (lo + hi) / 2
			if items[mid].compare(item) < 0 {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		return lo, lo < len(items) && items[lo].compare(item) == 0
	}
}

// Empty returns the empty graph at revision 0, without a layout.
func Empty() *Snapshot {
	s := &Snapshot{shared: &shared{seed: maphash.MakeSeed()}}
	s.layout = s.compileLayout(&graph.Layout{})
	return s
}

func (s *Snapshot) Revision() graph.Revision { return s.revision }
func (s *Snapshot) Layout() *graph.Layout    { return s.layout.source }

// Close does nothing: a snapshot is released when nobody holds it.
func (s *Snapshot) Close() {}

// Entities returns the number of entities, Relationships of relationships.
func (s *Snapshot) Entities() int { return s.live }

// RelationshipCount returns the number of relationships.
func (s *Snapshot) RelationshipCount() int { return s.edges }

// Artifacts lists the artifacts of a kind by name.
func (s *Snapshot) Artifacts(_ context.Context, kind graph.ArtifactKind) ([]graph.ArtifactInfo, error) {
	infos := []graph.ArtifactInfo{}
	var c cursor[artifact]
	for c.seek(s.artifacts, findBy(artifact{kind: kind})); c.valid() && c.item().kind == kind; c.next() {
		a := c.item()
		infos = append(infos, graph.ArtifactInfo{Name: a.name, Revision: a.revision, Size: len(a.data)})
	}
	return infos, nil
}

// Artifact returns the bytes of an artifact, which must not be changed.
func (s *Snapshot) Artifact(_ context.Context, kind graph.ArtifactKind, name string) ([]byte, error) {
	a, found := s.artifacts.find(findBy(artifact{kind: kind, name: name}))
	if !found {
		return nil, fault.New(fault.NotFound, "there is no %s named %q", kind, name)
	}
	return a.data, nil
}
