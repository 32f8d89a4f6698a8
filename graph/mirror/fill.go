package mirror

import (
	"context"
	"errors"
	"io"

	"mereon/graph/archive"
	"mereon/graph/memory"
	"mereon/graph/record"
)

// errBlobs ends the reading of a backup where its blobs begin: the copy holds none.
var errBlobs = errors.New("the graph is whole; blobs follow")

// filling takes a backup into memory and stops when that becomes too much.
type filling struct {
	memory.Fill
	weight, most int64
}

// Entity implements archive.Sink.
func (f *filling) Entity(e record.Entity) error {
	if f.weight += memory.EntityWeight(&e); f.weight > f.most {
		return errTooLarge
	}
	return f.Fill.Entity(e)
}

// Relationship implements archive.Sink.
func (f *filling) Relationship(r record.Relationship) error {
	if f.weight += memory.RelationshipWeight; f.weight > f.most {
		return errTooLarge
	}
	return f.Fill.Relationship(r)
}

// fill makes a copy of the whole graph out of a backup of the upstream.
func (f *follower) fill(ctx context.Context) (*memory.Snapshot, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in, out := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := f.upstream.Backup(ctx, out)
		out.CloseWithError(err)
	}()
	began := f.options.Now()
	sink := &filling{most: f.options.Memory}
	sink.PutBlob = func(string, int64, io.Reader) error { return errBlobs }
	kept := &firstError{r: in}
	err := archive.Read(kept, sink)
	in.CloseWithError(errBlobs)
	cancel()
	<-done
	switch {
	case errors.Is(err, errBlobs):
	case err != nil && kept.err != nil && !errors.Is(kept.err, io.EOF):
		return nil, kept.err // why the backup ended, not that it did
	case err != nil:
		return nil, err
	}
	s, err := sink.Snapshot()
	if err == nil {
		f.options.Logger.Info("the copy of the graph is filled", "revision", s.Revision(), "entities", s.Entities(), "relationships", s.RelationshipCount(),
			"took", f.options.Now().Sub(began).String())
	}
	return s, err
}

// firstError remembers why reading ended.
type firstError struct {
	r   io.Reader
	err error
}

func (e *firstError) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if e.err == nil {
		e.err = err
	}
	return n, err
}

// findAnchor returns the encoded change that led to the copy, "" when the log of the upstream does not have it.
func (f *follower) findAnchor(ctx context.Context) string {
	if f.at.Revision() == 0 {
		return ""
	}
	for d, err := range f.upstream.Follow(ctx, f.at.Revision()-1) {
		if err == nil {
			return string(record.AppendChange(nil, &d.Change))
		}
		break
	}
	return ""
}
