package memory

import (
	"slices"

	"mereon/graph"
	"mereon/graph/record"
)

// entity is what is kept of one entity. Its row is its place in the pages.
type entity struct {
	data     string        // id and values (record.AppendEntity); "" when the row is free
	ends     []uint64      // its relationships seen from here, sorted; nil when big
	big      *tree[uint64] // the same for an entity with very many
	revision graph.Revision
	created  int64 // Unix nanoseconds
	updated  int64
	typ      uint32
	flags    uint8
}

const (
	ofProject uint8 = 1 << iota // origin is project
	edited

	// The rest is set by a running transaction and never in a published snapshot.
	touched
	fresh     // created by it
	byProject // written by the project
	byAPI     // written, or robbed of a relationship, by the API
	rewired   // an outgoing relationship was added, removed or changed
	running   = touched | fresh | byProject | byAPI | rewired
)

func (e *entity) id() string { return record.ID(e.data) }

func (e *entity) is(flag uint8) bool { return e.flags&flag != 0 }

const (
	leafRows  = 64
	innerRows = 64 * 128
)

// pages is a persistent array of entities in three levels.
type pages struct {
	root []*inner
	n    uint32 // rows given out so far; all below are valid, some are free
}

type inner struct {
	owner  uint64
	leaves [innerRows / leafRows]*leaf
}

type leaf struct {
	owner    uint64
	entities [leafRows]entity
}

func (p *pages) at(row uint32) *entity {
	return &p.root[row/innerRows].leaves[row%innerRows/leafRows].entities[row%leafRows]
}

// edit returns the entity for writing; owner must own the root already (see own).
func (p *pages) edit(owner uint64, row uint32) *entity {
	in := p.ownInner(owner, row)
	l := in.leaves[row%innerRows/leafRows]
	if l.owner != owner {
		c := *l
		c.owner, l = owner, &c
		in.leaves[row%innerRows/leafRows] = l
	}
	return &l.entities[row%leafRows]
}

// own copies the root, so that edit and grow may change it.
func (p *pages) own() { p.root = slices.Clone(p.root) }

// grow makes all rows up to row valid.
func (p *pages) grow(owner uint64, row uint32) {
	for ; p.n <= row; p.n++ {
		if p.n%innerRows == 0 {
			p.root = append(p.root, &inner{owner: owner})
		}
		if p.n%leafRows == 0 {
			p.ownInner(owner, p.n).leaves[p.n%innerRows/leafRows] = &leaf{owner: owner}
		}
	}
}

func (p *pages) ownInner(owner uint64, row uint32) *inner {
	in := p.root[row/innerRows]
	if in.owner != owner {
		c := *in
		c.owner, in = owner, &c
		p.root[row/innerRows] = in
	}
	return in
}
