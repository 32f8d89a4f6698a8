package main

import (
	"fmt"

	"mereon/rules"
	"mereon/schema/fault"
)

type testCommand struct {
	Dir  string `arg:"" optional:"" default:"." help:"The project folder."`
	JSON bool   `name:"json" help:"Answer as JSON."`
}

// Run plays the rule tests of rules/tests against the project's rules.
func (c *testCommand) Run(a *app) error {
	checked, err := readFolder(a.ctx, c.Dir)
	if err != nil {
		return err
	}
	results, problems := rules.RunTests(checked.Folder.Tests, checked.Book, checked.Model)
	if err := problems.Err(); err != nil {
		return err
	}
	failed := 0
	for _, r := range results {
		if len(r.Failures) > 0 {
			failed++
		}
	}
	if c.JSON {
		if results == nil {
			results = []rules.TestResult{}
		}
		if err := printJSON(a.streams.out, map[string]any{"tests": results, "failed": failed}); err != nil {
			return err
		}
	} else {
		printTests(a, results, failed)
	}
	if failed > 0 {
		return &shownError{exitInvalid}
	}
	return nil
}

func printTests(a *app, results []rules.TestResult, failed int) {
	for _, r := range results {
		if len(r.Failures) == 0 {
			fmt.Fprintf(a.streams.out, "ok    %s: %s\n", r.RuleSet, r.Name)
			continue
		}
		fmt.Fprintf(a.streams.out, "FAIL  %s: %s\n", r.RuleSet, r.Name)
		fmt.Fprintln(a.streams.err, fault.List(r.Failures).Error())
	}
	if len(results) == 0 {
		fmt.Fprintln(a.streams.out, "There are no rule tests; write some into rules/tests/*.yaml.")
		return
	}
	fmt.Fprintf(a.streams.out, "%d passed, %d failed\n", len(results)-failed, failed)
}
