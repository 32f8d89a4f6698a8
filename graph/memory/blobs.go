package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"sync"

	"mereon/schema/fault"
)

// blobs keeps bytes by their SHA-256.
type blobs struct {
	mu    sync.RWMutex
	bytes map[string][]byte
}

// PutBlob implements graph.Store.
func (s *Store) PutBlob(_ context.Context, r io.Reader) (digest string, size int64, err error) {
	if err := s.open(); err != nil {
		return "", 0, err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return "", 0, fault.Wrap(fault.Invalid, err, "the bytes could not be read to their end")
	}
	return s.blobs.put(data), int64(len(data)), nil
}

func (b *blobs) put(data []byte) string {
	sum := sha256.Sum256(data)
	digest := hex.EncodeToString(sum[:])
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bytes == nil {
		b.bytes = map[string][]byte{}
	}
	if _, have := b.bytes[digest]; !have {
		b.bytes[digest] = data
	}
	return digest
}

// Blob implements graph.Store.
func (s *Store) Blob(_ context.Context, digest string) (io.ReadSeekCloser, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	s.blobs.mu.RLock()
	data, have := s.blobs.bytes[digest]
	s.blobs.mu.RUnlock()
	if !have {
		return nil, fault.New(fault.NotFound, "there is no blob %.64q", digest)
	}
	return blob{bytes.NewReader(data)}, nil
}

type blob struct{ *bytes.Reader }

func (blob) Close() error { return nil }
