package gltfdoc

import (
	"os"
	"path/filepath"
	"testing"
)

// shared returns the path of a file of the shared test data; without it the test is skipped, or fails in CI.
func shared(t testing.TB, name string) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			break
		}
		if folder == filepath.Dir(folder) {
			t.Fatal("no go.mod above the package")
		}
		folder = filepath.Dir(folder)
	}
	path := filepath.Join(folder, "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("shared data is missing: %s", path)
		}
		t.Skipf("shared data is not here: %s", path)
	}
	return path
}
