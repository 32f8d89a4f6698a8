package embedded

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"

	"mereon/schema/fault"
)

const blobFolder = "blobs"

// blobPath returns where a blob lies, "" when the digest is none.
func (s *Store) blobPath(digest string) string {
	if raw, err := hex.DecodeString(digest); err != nil || len(raw) != sha256.Size || hex.EncodeToString(raw) != digest {
		return ""
	}
	return filepath.Join(s.options.Dir, blobFolder, digest[:2], digest)
}

// PutBlob implements graph.Store. The file appears under its name only when all of it is on the disk.
func (s *Store) PutBlob(ctx context.Context, r io.Reader) (digest string, size int64, err error) {
	if err := s.open(); err != nil {
		return "", 0, err
	}
	f, err := os.CreateTemp(filepath.Join(s.options.Dir, blobFolder), "new-*")
	if err != nil {
		return "", 0, fault.Wrap(fault.Unavailable, err, "the blob cannot be stored")
	}
	defer os.Remove(f.Name())
	defer f.Close()
	in := &blobReader{ctx: ctx, r: r}
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, sum), in)
	switch {
	case in.err != nil:
		return "", 0, fault.Wrap(fault.Invalid, in.err, "the bytes of the blob could not be read to their end")
	case err != nil:
		return "", 0, fault.Wrap(fault.Unavailable, err, "the blob cannot be stored")
	}
	digest = hex.EncodeToString(sum.Sum(nil))
	if err := s.keepBlob(f, s.blobPath(digest)); err != nil {
		return "", 0, fault.Wrap(fault.Unavailable, err, "the blob cannot be stored")
	}
	return digest, size, nil
}

// blobReader tells errors of the source from those of the disk.
type blobReader struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (b *blobReader) Read(p []byte) (int, error) {
	if b.err = b.ctx.Err(); b.err != nil {
		return 0, b.err
	}
	n, err := b.r.Read(p)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

// keepBlob syncs the file and moves it to its place, unless it is there already.
func (s *Store) keepBlob(f *os.File, path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return err
	}
	return syncDir(filepath.Dir(filepath.Dir(path)))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Blob implements graph.Store.
func (s *Store) Blob(_ context.Context, digest string) (io.ReadSeekCloser, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	path := s.blobPath(digest)
	f, err := os.Open(path)
	switch {
	case path == "" || errors.Is(err, os.ErrNotExist):
		return nil, fault.New(fault.NotFound, "there is no blob %.64q", digest)
	case err != nil:
		return nil, fault.Wrap(fault.Unavailable, err, "the blob %s cannot be read", digest)
	}
	return f, nil
}

// eachBlob calls visit for every stored blob, by digest.
func (s *Store) eachBlob(visit func(digest, path string) error) error {
	folders, err := os.ReadDir(filepath.Join(s.options.Dir, blobFolder))
	if err != nil {
		return err
	}
	for _, folder := range folders {
		files, err := os.ReadDir(filepath.Join(s.options.Dir, blobFolder, folder.Name()))
		if err != nil && folder.IsDir() {
			return err
		}
		for _, f := range files {
			if path := s.blobPath(f.Name()); path != "" {
				if err := visit(f.Name(), path); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
