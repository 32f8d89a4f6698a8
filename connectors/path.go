package connectors

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/fault"
)

// Inside returns the full path of a file named in a project's configuration: relative paths start in dir and stay inside it.
func Inside(dir, path string) (string, error) {
	if path == "" || !filepath.IsLocal(path) {
		return "", fault.New(fault.Invalid, "the path %q must be relative and stay inside the project folder", path)
	}
	return filepath.Join(dir, path), nil
}

// Read returns a text file of the project, named as path in messages. The error is Invalid, or Limit when the file is larger
// than document.MaxSize.
func (c Config) Read(path string) (schema.File, error) {
	full, err := Inside(c.Dir, path)
	if err != nil {
		return schema.File{}, err
	}
	f, err := os.Open(full)
	if err != nil {
		return schema.File{}, fault.New(fault.Invalid, "cannot read %s: %s", path, reason(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, document.MaxSize+1))
	if err != nil {
		return schema.File{}, fault.New(fault.Invalid, "cannot read %s: %s", path, reason(err))
	}
	if len(text) > document.MaxSize {
		return schema.File{}, fault.New(fault.Limit, "%s is larger than %d MiB", path, document.MaxSize>>20)
	}
	return schema.File{Name: path, Text: string(text)}, nil
}

// reason leaves out the path of this machine.
func reason(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err
	}
	return err
}
