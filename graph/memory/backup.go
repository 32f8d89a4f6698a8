package memory

import (
	"bytes"
	"context"
	"io"
	"time"

	"mereon/graph"
	"mereon/graph/archive"
	"mereon/graph/record"
	"mereon/schema"
	"mereon/schema/fault"
)

// Archive writes all of the snapshot but blobs, entities by type and id.
func (s *Snapshot) Archive(ctx context.Context, w *archive.Writer, at time.Time) error {
	if err := w.Header(archive.Header{Revision: s.revision, At: at, Layout: s.layout.source}); err != nil {
		return err
	}
	l := looker{ctx: ctx}
	if err := s.archiveEntities(w, &l); err != nil {
		return err
	}
	for row := range s.pages.n {
		if err := s.archiveEnds(w, &l, row); err != nil {
			return err
		}
	}
	var c cursor[artifact]
	for c.seek(s.artifacts, nil); c.valid(); c.next() {
		a := c.item()
		if err := w.Artifact(record.Artifact{Kind: a.kind, Name: a.name, Revision: a.revision, Data: a.data}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Snapshot) archiveEntities(w *archive.Writer, l *looker) (err error) {
	for typ := range s.byType {
		eachRow(s.byType[typ], func(row uint32) bool {
			if err = l.look(); err == nil {
				err = w.Entity(s.State(graph.Row(row)))
			}
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Snapshot) archiveEnds(w *archive.Writer, l *looker, row uint32) (err error) {
	e := s.pages.at(row)
	e.runs(0, inward, func(run []uint64) bool {
		for _, end := range run {
			if err = l.look(); err != nil {
				return false
			}
			err = w.Relationship(record.Relationship{From: graph.EntityID(e.id()), Relation: s.relations.text(endRelation(end)),
				To: graph.EntityID(s.idOf(endRow(end))), Props: s.propValues(row, end)})
			if err != nil {
				return false
			}
		}
		return true
	})
	return err
}

// State returns an entity with all its values; the row must be one of this snapshot.
func (s *Snapshot) State(row graph.Row) record.Entity {
	e := s.pages.at(uint32(row))
	state := record.Entity{
		ID: graph.EntityID(e.id()), Type: schema.TypeName(s.types.text(e.typ)), Revision: e.revision,
		Created: time.Unix(0, e.created).UTC(), Updated: time.Unix(0, e.updated).UTC(), Origin: graph.FromAPI, Edited: e.is(edited),
	}
	if e.is(ofProject) {
		state.Origin = graph.FromProject
	}
	fields, _ := record.Fields(nil, e.data)
	for _, f := range fields {
		state.Values = append(state.Values, graph.PathValue{Path: schema.Path(s.paths.text(f.Key)), Value: f.Value})
	}
	return state
}

// Fill takes a backup stream into a Loader. Blobs go where PutBlob puts them. It is an archive.Sink.
type Fill struct {
	PutBlob func(digest string, size int64, r io.Reader) error

	header        archive.Header
	loader        *Loader
	relationships []record.Relationship
}

var _ archive.Sink = (*Fill)(nil)

// Header implements archive.Sink.
func (f *Fill) Header(h archive.Header) error {
	f.header, f.loader = h, NewLoader(h.Layout)
	return nil
}

// Entity implements archive.Sink.
func (f *Fill) Entity(e record.Entity) error { return f.loader.Entity(e) }

// Relationship implements archive.Sink.
func (f *Fill) Relationship(r record.Relationship) error {
	f.relationships = append(f.relationships, r)
	return nil
}

// Artifact implements archive.Sink.
func (f *Fill) Artifact(a record.Artifact) error {
	f.loader.Artifact(a)
	return nil
}

// Blob implements archive.Sink.
func (f *Fill) Blob(digest string, size int64, r io.Reader) error { return f.PutBlob(digest, size, r) }

// Snapshot returns what was filled, after the whole stream was read without an error.
func (f *Fill) Snapshot() (*Snapshot, error) {
	return f.loader.Finish(f.header.Revision, f.relationships)
}

// Backup implements graph.Store.
func (s *Store) Backup(ctx context.Context, w io.Writer) (graph.Revision, error) {
	if err := s.open(); err != nil {
		return 0, err
	}
	snapshot := s.current.Load()
	out := archive.NewWriter(w)
	if err := snapshot.Archive(ctx, out, s.options.Now()); err != nil {
		return 0, err
	}
	s.blobs.mu.RLock()
	defer s.blobs.mu.RUnlock()
	for digest, data := range s.blobs.bytes {
		if err := out.Blob(digest, int64(len(data)), bytes.NewReader(data)); err != nil {
			return 0, err
		}
	}
	return snapshot.revision, out.Close()
}

// Restore implements graph.Store.
func (s *Store) Restore(ctx context.Context, r io.Reader) (graph.Revision, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(); err != nil {
		return 0, err
	}
	if err := s.current.Load().RefuseRestore(); err != nil {
		return 0, err
	}
	found := map[string][]byte{}
	fill := Fill{PutBlob: func(digest string, _ int64, r io.Reader) (err error) {
		found[digest], err = io.ReadAll(r)
		return err
	}}
	if err := archive.Read(r, &fill); err != nil {
		return 0, err
	}
	next, err := fill.Snapshot()
	if err != nil {
		return 0, err
	}
	if err := ended(ctx); err != nil {
		return 0, err
	}
	for _, data := range found {
		s.blobs.put(data)
	}
	s.log = nil
	s.current.Store(next)
	s.news.Ring()
	return next.revision, nil
}

// RefuseRestore says why a backup may not be restored over the snapshot: it holds data. Nil when it is empty.
func (s *Snapshot) RefuseRestore() error {
	if s.live > 0 || s.artifacts.len() > 0 || s.revision > 0 {
		return fault.New(fault.Conflict, "the store is at revision %d with %d entities, and a backup is restored only into an empty one: restore into another place", s.revision, s.live)
	}
	return nil
}
