package twinmaker_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"mereon/fixtures/inputs"
	"mereon/graph/exchange"
	"mereon/graph/exchange/project"
	"mereon/graph/exchange/twinmaker"
)

func TestImportOfTheCookieFactory(t *testing.T) {
	dir := t.TempDir()
	report, err := twinmaker.Import(context.Background(), inputs.Path(t, "twinmaker-cookiefactory-v1"), dir, exchange.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]int{
		"entities": 105, "components": 102, "property values": 171, "scenes": 2, "component types": 4,
		"models placed": 32, "tags": 30, "model shaders": 3, "motion indicators": 1, "scene nodes": 67, "data bindings": 34, // 29 and 4 of components, and the speed of the motion indicator
	} {
		if report.Counts[kind] != want {
			t.Errorf("%s = %d, want %d", kind, report.Counts[kind], want)
		}
	}
	checked, problems := project.ReadAndCheck(os.DirFS(dir))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if got := len(checked.Entities); got != 105 {
		t.Errorf("the project has %d entities, want 105", got)
	}
	for _, p := range problems {
		t.Log(p)
	}
	again, err := twinmaker.Import(context.Background(), inputs.Path(t, "twinmaker-cookiefactory-v1"), dir, exchange.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range again.Files {
		if f.Status != "unchanged" {
			t.Errorf("a second import found %s %s, want it unchanged", f.Name, f.Status)
		}
	}
	edited := filepath.Join(dir, "model", "workspace.graphql")
	if err := os.WriteFile(edited, []byte("# mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := twinmaker.Import(context.Background(), inputs.Path(t, "twinmaker-cookiefactory-v1"), dir, exchange.Options{}); err == nil {
		t.Error("an import over an edited file passed, want a conflict")
	} else if text, _ := os.ReadFile(edited); string(text) != "# mine\n" {
		t.Error("the refused import changed the edited file")
	}
}
