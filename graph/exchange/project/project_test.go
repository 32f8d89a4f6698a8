package project_test

import (
	"context"
	"os"
	"testing"
	"testing/fstest"

	"mereon/graph/exchange/project"
	"mereon/graph/memory"
	"mereon/schema"
)

const demo = "../../../fixtures/demo"

func readDemo(t *testing.T) *project.Checked {
	t.Helper()
	checked, problems := project.ReadAndCheck(os.DirFS(demo))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return checked
}

func TestASecondApplyOfTheSameFolderChangesNothing(t *testing.T) {
	ctx := context.Background()
	store := memory.New()
	defer store.Close()
	plan, err := project.NewPlan(ctx, readDemo(t), store, project.Options{By: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Create) < 40 || len(plan.Update)+len(plan.Delete) != 0 {
		t.Errorf("first plan creates %d, updates %d, deletes %d entities; want the whole plant created", len(plan.Create), len(plan.Update), len(plan.Delete))
	}
	if _, err := plan.Apply(ctx, store); err != nil {
		t.Fatal(err)
	}
	again, err := project.NewPlan(ctx, readDemo(t), store, project.Options{By: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if !again.Empty() {
		t.Errorf("second plan = %+v, want it empty", again)
	}
}

func TestAKeyWrittenTwiceInAnEntityIsAMistake(t *testing.T) {
	folder := fstest.MapFS{"entities/e.yaml": {Data: []byte("- assetType: Pump\n  id: a\n  ratedFlow: 1\n  motor: {speed: 1, speed: 2}\n  ratedFlow: 2\n")}}
	_, problems := project.ReadEntities(folder, "entities/e.yaml", &schema.Model{})
	want := "entities/e.yaml:4:21: speed is written twice\n      motor: {speed: 1, speed: 2}\n                        ^\n    Remove one of them.\n" +
		"entities/e.yaml:5:3: ratedFlow is written twice\n      ratedFlow: 2\n      ^\n    Remove one of them."
	if got := problems.Error(); got != want {
		t.Errorf("problems:\n%s\nwant:\n%s", got, want)
	}
}

func TestAWrongModelDoesNotHideHowOtherFilesAreWritten(t *testing.T) {
	folder := fstest.MapFS{
		"mereon.yaml":           {Data: []byte("project: p\n")},
		"model/m.graphql":       {Data: []byte("type Pump @asset { flow: Flaot }\n")},
		"rules/r.yaml":          {Data: []byte("ruleSet: [\n")},
		"scenes/s.yaml":         {Data: []byte("scene: s\ndocumnts: []\n")},
		"entities/e.yaml":       {Data: []byte("- id: a\n")},
		"entities/lines.ndjson": {Data: []byte("{\n")},
	}
	_, problems := project.ReadAndCheck(folder)
	files := map[string]bool{}
	for _, p := range problems {
		files[p.File] = true
	}
	for name := range folder {
		if name != "mereon.yaml" && !files[name] {
			t.Errorf("nothing is said about %s: %v", name, problems)
		}
	}
}
