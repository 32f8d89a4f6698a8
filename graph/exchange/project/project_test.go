package project_test

import (
	"context"
	"os"
	"testing"

	"mereon/graph/exchange/project"
	"mereon/graph/memory"
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
