package rules

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/schema"
)

var update = flag.Bool("update", false, "rewrite the expected messages in testdata")

// TestMistakesAreExplained compares every message word by word: they are what the author of a rule works with.
func TestMistakesAreExplained(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(strings.TrimSuffix(name, ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, problems := Compile([]schema.File{{Name: name, Text: string(text)}}, plant())
			golden(t, strings.TrimSuffix(path, ".yaml")+".want", problems.Error()+"\n")
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func TestAMistakeInOneFileRefusesTheBookAndAllAreToldAtOnce(t *testing.T) {
	b, problems := Compile([]schema.File{{Name: "b.yaml", Text: "ruleSet: x\non: Nowhere\n"}, {Name: "a.yaml", Text: bearing},
		{Name: "c.yaml", Text: bearing}, {Name: "d.yaml", Text: ""}}, plant())
	if b != nil || len(problems) != 2 || problems[0].File != "b.yaml" || problems[1].File != "c.yaml" ||
		problems[1].Message != "the rule set bearing on Pump is written twice, first at a.yaml:1:1" {
		t.Errorf("Compile gave %v and %v", b, problems)
	}
}

func FuzzCompile(f *testing.F) {
	f.Add(bearing)
	files, _ := filepath.Glob("testdata/mistakes/*.yaml")
	for _, path := range files {
		if text, err := os.ReadFile(path); err == nil {
			f.Add(string(text))
		}
	}
	m := plant()
	f.Fuzz(func(t *testing.T, text string) {
		b, problems := Compile([]schema.File{{Name: "a.yaml", Text: text}}, m)
		if (b == nil) != (problems.Err() != nil) {
			t.Fatalf("book %v with problems %v", b, problems)
		}
		if b == nil {
			return
		}
		for _, s := range b.Sets() {
			params, _ := s.ParamValues("")
			values := append(params, make([]schema.Value, len(s.Inputs))...)
			r := s.Step(Running{}, values, start)
			s.Explain(r, values, start)
			s.Message("alarm", values)
		}
	})
}
