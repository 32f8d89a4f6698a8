package scenes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mereon/graph"
	"mereon/rules"
	"mereon/schema"
)

// readFiles returns the files of a folder below fixtures/demo.
func readFiles(t testing.TB, folder string) (files []schema.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("../fixtures/demo", folder, "*.*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, schema.File{Name: folder + "/" + filepath.Base(name), Text: string(text)})
	}
	return files
}

func TestTheDemoSceneFitsItsModelRulesAndDocuments(t *testing.T) {
	model, problems := schema.Parse(readFiles(t, "model"))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	book, problems := rules.Compile(readFiles(t, "rules"), model)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	for _, file := range readFiles(t, "scenes") {
		scene, problems := Parse(file)
		if scene == nil {
			t.Fatal(problems)
		}
		prepared, more := Prepare(scene, os.DirFS("../fixtures/demo"))
		problems = append(append(problems, more...), Check(scene, World{Model: model, Rules: book})...)
		if len(problems) > 0 {
			t.Errorf("%s has problems:\n%v", file.Name, problems)
		}
		for id, report := range prepared.Reports {
			if report.Failed {
				t.Errorf("document %s has errors: %v", id, report.Issues)
			}
		}
	}
}

func TestScenesAreCheckedAgainstModelAndRules(t *testing.T) {
	model := plant(t)
	book, problems := rules.Compile([]schema.File{
		{Name: "bearing.yaml", Text: "ruleSet: bearing\non: Pump\nstates:\n  - {state: alarm, when: \"flow > 1.0\"}\n  - {state: odd}\n"},
	}, model)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	scene := mustParse(t, `scene: s
parameters: {pump: {type: Pmp}, hall: {type: Hall, default: pump-7}, other: {type: Hall, default: nothing}}
documents: [{id: line, file: line.gltf}]
anchors: {exit: {position: [0, 0, 0]}}
bindings:
  - {node: {document: line}, entity: pump-7, effects: [{color: {rule: bearng}}]}
  - {node: {document: line}, entity: pump-7, effects: [{color: {rule: bearing}}]}
  - {node: {document: line, name: "{flow}"}, entity: pump-7, effects: [{opacity: {rule: bearing}}]}
  - {anchor: exit, entity: pump-8, effects: [{tag: {text: "x"}}]}
  - {anchor: exit, entity: pump-7, effects: [{tag: {text: "{flwo} {location.area}", icon: {rule: other}}}]}
  - {node: {document: line}, entity: "{hall}", effects: [{fill: {input: name}}, {fill: {input: area}}, {animationSpeed: {fixed: 1, clip: "{pumps.id}"}}]}
templates:
  - {every: {type: Tank}, node: {document: line, name: "{id}"}, effects: [{fill: {fixed: 1}}]}
  - {every: {type: Pump, within: {hierarchy: plaec, of: hall-1}}, node: {document: line, name: "{location.name}"}, effects: [{visible: {input: speed}}]}
`)
	types := map[graph.EntityID]schema.TypeName{"pump-7": "Pump", "hall-1": "Hall"}
	var got []string
	for _, p := range Check(scene, World{Model: model, Rules: book, TypeOf: func(id graph.EntityID) (schema.TypeName, bool) {
		name, ok := types[id]
		return name, ok
	}}) {
		text := strings.TrimPrefix(p.Position.String(), "scenes/hall-1.yaml:") + " " + p.Message
		if p.Warning {
			text += " (warning)"
		}
		if p.Hint != "" {
			text += " | " + p.Hint
		}
		got = append(got, text)
	}
	want, err := os.ReadFile("testdata/check.txt")
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("testdata/check.txt", []byte(strings.Join(got, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSpace(string(want)), "\n"), got); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}
