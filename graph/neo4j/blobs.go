package neo4j

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/schema/fault"
)

// blobChunk is how many bytes of a blob one node holds.
const blobChunk = 512 << 10

const (
	findBlob   = `MATCH (b:@Blob {digest: $digest}) RETURN b.size`
	writeChunk = `MERGE (c:@Chunk {digest: $digest, at: $at}) SET c.data = $data`
	writeBlob  = `MERGE (b:@Blob {digest: $digest}) SET b.size = $size`
	readChunk  = `MATCH (c:@Chunk {digest: $digest, at: $at}) RETURN c.data`
	readBlobs  = `MATCH (b:@Blob) RETURN b.digest, b.size ORDER BY b.digest`
)

// PutBlob implements graph.Store. The bytes wait in a temporary file until their digest is known; the blob is there when
// all of its chunks are.
func (s *Store) PutBlob(ctx context.Context, r io.Reader) (digest string, size int64, err error) {
	if err := s.ready(ctx); err != nil {
		return "", 0, err
	}
	file, err := os.CreateTemp("", "mereon-blob-")
	if err != nil {
		return "", 0, fault.Wrap(fault.Unavailable, err, "the blob cannot be kept on the way to Neo4j: make room in the temporary folder")
	}
	defer os.Remove(file.Name())
	defer file.Close()
	sum, into := sha256.New(), &writeErrors{w: file}
	if size, err = io.Copy(io.MultiWriter(into, sum), r); err != nil {
		if into.err != nil {
			return "", 0, fault.Wrap(fault.Unavailable, err, "the blob cannot be kept on the way to Neo4j: make room in the temporary folder")
		}
		return "", 0, fault.Wrap(fault.Invalid, err, "the bytes could not be read to their end")
	}
	digest = hex.EncodeToString(sum.Sum(nil))
	records, err := s.again(ctx, driver.AccessModeWrite, statement{text: findBlob}, map[string]any{"digest": digest})
	if err != nil || len(records) > 0 {
		return digest, size, err
	}
	return digest, size, s.writeBlob(ctx, digest, size, file)
}

func (s *Store) writeBlob(ctx context.Context, digest string, size int64, file io.ReadSeeker) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fault.Wrap(fault.Unavailable, err, "the blob cannot be read back")
	}
	buffer := make([]byte, blobChunk)
	for at := int64(0); at*blobChunk < size; at++ {
		n, err := io.ReadFull(file, buffer)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fault.Wrap(fault.Unavailable, err, "the blob cannot be read back")
		}
		if _, err := s.again(ctx, driver.AccessModeWrite, statement{text: writeChunk}, map[string]any{"digest": digest, "at": at, "data": buffer[:n]}); err != nil {
			return err
		}
	}
	_, err := s.again(ctx, driver.AccessModeWrite, statement{text: writeBlob}, map[string]any{"digest": digest, "size": size})
	return err
}

// writeErrors remembers that writing failed, not reading.
type writeErrors struct {
	w   io.Writer
	err error
}

func (w *writeErrors) Write(p []byte) (n int, err error) {
	n, err = w.w.Write(p)
	w.err = err
	return n, err
}

// Blob implements graph.Store. Chunks are read as they are needed.
func (s *Store) Blob(ctx context.Context, digest string) (io.ReadSeekCloser, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	records, err := s.ask(ctx, statement{text: findBlob}, map[string]any{"digest": digest})
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fault.New(fault.NotFound, "there is no blob %.64q", digest)
	}
	size, _ := records[0].Values[0].(int64)
	return &blob{store: s, digest: digest, size: size, held: -1}, nil
}

// blob reads a blob chunk by chunk.
type blob struct {
	store  *Store
	digest string
	size   int64
	at     int64
	held   int64 // the chunk in data, -1 for none
	data   []byte
}

// Read implements io.Reader.
func (b *blob) Read(p []byte) (int, error) {
	if b.at >= b.size {
		return 0, io.EOF
	}
	if chunk := b.at / blobChunk; chunk != b.held {
		ctx, cancel := context.WithTimeout(b.store.live, 30*time.Second)
		defer cancel()
		records, err := b.store.ask(ctx, statement{text: readChunk}, map[string]any{"digest": b.digest, "at": chunk})
		if err != nil {
			return 0, err
		}
		if len(records) == 0 {
			return 0, fault.New(fault.Internal, "the blob %.64s in Neo4j has lost a part: restore a backup", b.digest)
		}
		b.data, _ = records[0].Values[0].([]byte)
		b.held = chunk
	}
	from := b.at - b.held*blobChunk
	if from >= int64(len(b.data)) {
		return 0, fault.New(fault.Internal, "the blob %.64s in Neo4j has lost a part: restore a backup", b.digest)
	}
	n := copy(p, b.data[from:])
	b.at += int64(n)
	return n, nil
}

// Seek implements io.Seeker.
func (b *blob) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += b.at
	case io.SeekEnd:
		offset += b.size
	}
	if offset < 0 {
		return b.at, fault.New(fault.Invalid, "a place before the beginning of a blob")
	}
	b.at = offset
	return offset, nil
}

// Close implements io.Closer.
func (b *blob) Close() error { return nil }
