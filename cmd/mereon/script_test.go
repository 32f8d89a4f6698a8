package main

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"mereon/fixtures/inputs"
)

// TestMain lets scripts run the command as "mereon": the test binary itself.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mereon": main})
}

func TestScripts(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	shared := inputs.Find(t, "")
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("ROOT", root)
			env.Setenv("SHARED", shared)
			return nil
		},
		Condition: func(condition string) (bool, error) { return condition == "shared" && shared != "", nil },
		Cmds:      map[string]func(ts *testscript.TestScript, neg bool, args []string){"serve": serveScript, "status": statusScript},
	})
}
