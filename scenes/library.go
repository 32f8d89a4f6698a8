package scenes

import (
	"context"
	"io"
	"sync"

	"mereon/scenes/gltfdoc"
	"mereon/schema/fault"
)

// Blobs is where documents lie; every graph.Store is one.
type Blobs interface {
	Blob(ctx context.Context, digest string) (io.ReadSeekCloser, error)
}

// Library reads glTF documents by hash and keeps what it learned of the last ones. It is safe for concurrent use; of several
// who want the same document one reads it and the others wait.
type Library struct {
	blobs Blobs

	mu    sync.Mutex
	shelf map[string]*place
	order []string // oldest first
}

// place is where one document stands, or will.
type place struct {
	mu    sync.Mutex // held while it is read
	entry *Entry
}

// shelfSize is how many documents a Library keeps; the node tables of more are read anew.
const shelfSize = 64

// NewLibrary returns a library over blobs.
func NewLibrary(blobs Blobs) *Library {
	return &Library{blobs: blobs, shelf: map[string]*place{}}
}

// Entry is one document of a library.
type Entry struct {
	Document *gltfdoc.Document
	Resolver *Resolver
	Table    []byte // the node table as JSON; not to be changed
}

// Entry returns the document with that hash. NotFound when no such blob is stored, Invalid when it is no usable document.
func (l *Library) Entry(ctx context.Context, hash string) (*Entry, error) {
	p := l.place(hash)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.entry != nil {
		return p.entry, nil
	}
	e, err := l.read(ctx, hash)
	if err != nil {
		return nil, err
	}
	p.entry = e
	return e, nil
}

// place returns the place of a document; the oldest is given up for a new one.
func (l *Library) place(hash string) *place {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.shelf[hash]
	if p == nil {
		p = &place{}
		l.shelf[hash] = p
		if l.order = append(l.order, hash); len(l.order) > shelfSize {
			delete(l.shelf, l.order[0])
			l.order = l.order[1:]
		}
	}
	return p
}

func (l *Library) read(ctx context.Context, hash string) (*Entry, error) {
	blob, err := l.blobs.Blob(ctx, hash)
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	data, err := io.ReadAll(io.LimitReader(blob, maxDocument+1))
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the document %s cannot be read", hash)
	}
	doc, _, err := gltfdoc.Read(data, gltfdoc.Options{})
	if err != nil {
		return nil, err
	}
	table, err := doc.MarshalTable()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "node table of %s", hash)
	}
	return &Entry{Document: doc, Resolver: NewResolver(doc), Table: table}, nil
}

// Migrations compares the documents of a stored scene with those it is to get: one Migration per document that changes,
// in the order of the new scene. Addresses that depend on entities are judged by every value their extras key has in the
// old document. The new documents must be in the library's blobs, or given in fresh.
func (l *Library) Migrations(ctx context.Context, old, new Artifact, fresh map[string][]byte) ([]Migration, error) {
	scene, err := new.Scene()
	if err != nil {
		return nil, err
	}
	var list []Migration
	for i := range scene.Documents {
		id := scene.Documents[i].ID
		before, after := old.Documents[id].Hash, new.Documents[id].Hash
		if before == after || before == "" || after == "" {
			continue
		}
		from, err := l.Entry(ctx, before)
		if err != nil {
			return nil, err
		}
		to, err := l.fresh(ctx, after, fresh)
		if err != nil {
			return nil, err
		}
		list = append(list, Migrate(id, from.Document, to, scene.addresses(id, from.Document)))
	}
	return list, nil
}

func (l *Library) fresh(ctx context.Context, hash string, fresh map[string][]byte) (*gltfdoc.Document, error) {
	if data, ok := fresh[hash]; ok {
		doc, _, err := gltfdoc.Read(data, gltfdoc.Options{})
		return doc, err
	}
	e, err := l.Entry(ctx, hash)
	if err != nil {
		return nil, err
	}
	return e.Document, nil
}

// addresses returns what a scene binds in a document.
func (s *Scene) addresses(id string, doc *gltfdoc.Document) (list []Address) {
	for i := range s.Bindings {
		if n := s.Bindings[i].Node; n != nil && n.Document == id && !n.varies() {
			if a := n.address(literal); !a.Whole() {
				list = append(list, a)
			}
		}
	}
	for i := range s.Templates {
		n := s.Templates[i].Node
		if n == nil || n.Document != id || len(n.Extras) != 1 {
			continue
		}
		for key := range n.Extras {
			for j := range doc.Nodes {
				if value, ok := doc.Nodes[j].Extras[key]; ok {
					list = append(list, Address{Extras: map[string]string{key: value}})
				}
			}
		}
	}
	return list
}

// varies says whether the address depends on the entity.
func (n *Node) varies() bool {
	for _, text := range n.texts() {
		if t, err := parseText(text); err == nil && len(t.Paths) > 0 {
			return true
		}
	}
	return false
}
