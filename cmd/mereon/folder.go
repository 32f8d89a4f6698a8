package main

import (
	"os"

	"mereon/graph/exchange/project"
	"mereon/schema/fault"
)

// readFolder reads and checks a project folder; everything wrong comes as one list.
func readFolder(dir string) (*project.Checked, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fault.New(fault.Invalid, "%s is not a folder; make a project with: mereon init %s", dir, dir)
	}
	checked, problems := project.ReadAndCheck(os.DirFS(dir))
	if err := problems.Err(); err != nil {
		return nil, problems
	}
	return checked, nil
}
