package api_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGeneratedCodeIsCurrent generates the control plane again, beside the committed code, and compares.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("generating takes some seconds")
	}
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	// gqlgen resolves packages through the module, so the copy must lie in it.
	dir, err := os.MkdirTemp(filepath.Join(module, "web", "api"), "generatetest")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"control.graphql", "scalars.graphql", "gqlgen.yml"} {
		text, err := os.ReadFile(filepath.Join("control", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command("go", "tool", "gqlgen", "generate", "--config", "gqlgen.yml")
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("gqlgen: %v\n%s", err, out)
	}
	for _, name := range []string{"exec.go", "models.go"} {
		fresh, err := os.ReadFile(filepath.Join(dir, "generated", name))
		if err != nil {
			t.Fatal(err)
		}
		committed, err := os.ReadFile(filepath.Join("control", "generated", name))
		if err != nil {
			t.Fatal(err)
		}
		fresh = bytes.ReplaceAll(fresh, []byte(filepath.Base(dir)), []byte("control")) // the package path is part of names
		if !bytes.Equal(fresh, committed) {
			t.Errorf("control/generated/%s is not what make generate writes; run it and commit", name)
		}
	}
}
