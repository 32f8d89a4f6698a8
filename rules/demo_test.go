package rules

import (
	"os"
	"path/filepath"
	"testing"

	"mereon/schema"
)

// TestTheDemoPlantsRulesCompile keeps the language and the rules that ship together.
func TestTheDemoPlantsRulesCompile(t *testing.T) {
	m, problems := schema.Parse(readAll(t, "../fixtures/demo/model/*.graphql"))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	b, problems := Compile(readAll(t, "../fixtures/demo/rules/*.yaml"), m)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if _, ok := b.Find("Pump", "maintenance"); !ok {
		t.Error("the maintenance rule of Equipment does not apply to Pump")
	}
	results, problems := RunTests(readAll(t, "../fixtures/demo/rules/tests/*.yaml"), b, m)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, r := range results {
		if len(r.Failures) > 0 {
			t.Errorf("%s:\n%v", r.Name, r.Failures)
		}
	}
}

func readAll(t *testing.T, pattern string) []schema.File {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	var files []schema.File
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, schema.File{Name: path, Text: string(text)})
	}
	return files
}
