package schema_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/schema"
)

var update = flag.Bool("update", false, "rewrite the wanted output in testdata")

// TestParseReportsMistakes compares everything that is said about each file with the text beside it.
func TestParseReportsMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.graphql")
	if err != nil || len(files) < 40 {
		t.Fatalf("found %d files, %v; want at least 40 kinds of mistake", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".graphql"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			model, problems := schema.Parse([]schema.File{{Name: filepath.Base(file), Text: string(text)}})
			if model != nil || problems.Err() == nil {
				t.Fatalf("Parse accepts it: %v", problems)
			}
			golden(t, strings.TrimSuffix(file, ".graphql")+".want", problems.Error()+"\n")
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
