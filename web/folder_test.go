package web_test

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"testing"
)

func mustSub(demo fs.FS) fs.FS {
	sub, err := fs.Sub(demo, "demo")
	if err != nil {
		panic(err) // the path is constant
	}
	return sub
}

// zipFolder packs a project folder without its store.
func zipFolder(t testing.TB, dir string) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	source := os.DirFS(dir)
	err := fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name == ".mereon" {
				return fs.SkipDir
			}
			return nil
		}
		data, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write(data)
		}
		return err
	})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}
