package neo4j

import (
	"context"
	"io"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/graph/archive"
	"mereon/graph/memory"
	"mereon/schema/fault"
)

// pinned is how long a pin holds after it was last renewed.
const pinned = 10 * time.Minute

const (
	writePin  = `MERGE (p:@Pin {token: $token}) SET p.revision = $r, p.at = timestamp()`
	deletePin = `MATCH (p:@Pin {token: $token}) DELETE p`

	readAllArtifacts = `MATCH (f:@Artifact) WHERE f._since <= $r AND f._until > $u
RETURN f.kind, f.name, f.revision, f.data ORDER BY f.kind, f.name`
)

// Backup implements graph.Store. It reads one revision, which it keeps from being cleaned away meanwhile.
func (s *Store) Backup(ctx context.Context, w io.Writer) (graph.Revision, error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	v, err := s.view(ctx)
	if err != nil {
		return 0, err
	}
	defer v.Close()
	b := &backup{v: v, token: newToken(), out: archive.NewWriter(w)}
	defer b.unpin(ctx)
	for _, part := range []func(context.Context) error{b.begin, b.entities, b.artifacts, b.blobs} {
		if err := part(ctx); err != nil {
			return 0, backupFailed(err)
		}
	}
	if err := b.out.Close(); err != nil {
		return 0, backupFailed(err)
	}
	return v.revision, nil
}

func backupFailed(err error) error {
	if fault.CodeOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Unavailable, err, "the backup could not be written to its end; do not use what was written")
}

type backup struct {
	v     *View
	token string
	out   *archive.Writer
	pin   time.Time
}

// hold renews the pin when it has aged.
func (b *backup) hold(ctx context.Context) error {
	if time.Since(b.pin) < pinned/10 {
		return nil
	}
	if err := b.v.whole(ctx); err != nil {
		return err
	}
	_, err := b.v.store.again(ctx, driver.AccessModeWrite, statement{text: writePin}, map[string]any{"token": b.token, "r": int64(b.v.revision)})
	b.pin = time.Now()
	return err
}

func (b *backup) unpin(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	b.v.store.again(ctx, driver.AccessModeWrite, statement{text: deletePin}, map[string]any{"token": b.token})
}

func (b *backup) begin(ctx context.Context) error {
	if err := b.hold(ctx); err != nil {
		return err
	}
	return b.out.Header(archive.Header{Revision: b.v.revision, At: b.v.store.options.Now().UTC(), Layout: b.v.layout})
}

func (b *backup) artifacts(ctx context.Context) error {
	found, err := b.v.fetch.artifactsBy(ctx, statement{text: readAllArtifacts}, map[string]any{})
	if err != nil {
		return err
	}
	for _, a := range found {
		if err := b.out.Artifact(a); err != nil {
			return err
		}
	}
	return b.v.whole(ctx)
}

func (b *backup) blobs(ctx context.Context) error {
	records, err := b.v.store.ask(ctx, statement{text: readBlobs}, nil)
	if err != nil {
		return err
	}
	for _, r := range records {
		digest, _ := r.Values[0].(string)
		size, _ := r.Values[1].(int64)
		content, err := b.v.store.Blob(ctx, digest)
		if err != nil {
			return err
		}
		if err := b.out.Blob(digest, size, content); err != nil {
			return err
		}
	}
	return nil
}

// Restore implements graph.Store. Blobs are stored as they come, since bytes under their own digest harm nobody; the
// graph appears only when the whole stream was read, checked and written.
func (s *Store) Restore(ctx context.Context, r io.Reader) (graph.Revision, error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	at, err := s.published(ctx)
	if err != nil {
		return 0, err
	}
	if at.revision > 0 {
		return 0, notEmpty(at.revision)
	}
	fill := memory.Fill{PutBlob: func(_ string, _ int64, r io.Reader) error {
		_, _, err := s.PutBlob(ctx, r)
		return err
	}}
	if err := archive.Read(r, &fill); err != nil {
		return 0, err
	}
	whole, err := fill.Snapshot()
	if err != nil {
		return 0, err
	}
	d := whole.Whole().Delta()
	l := &load{store: s, id: digestOfDelta(&d, whole.Revision()), layout: whole.Layout(), delta: &d, tip: whole.Revision()}
	return whole.Revision(), l.run(ctx)
}

func notEmpty(at graph.Revision) error {
	return fault.New(fault.Conflict, "the graph in Neo4j is at revision %d, and a backup is restored only into an empty one: restore into another database, or give the graph another name", at)
}
