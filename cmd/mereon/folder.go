package main

import (
	"context"
	"io/fs"
	"os"

	"mereon/graph/exchange/project"
	"mereon/schema/fault"
	"mereon/web"
)

// readFolder reads and checks a project folder with its connectors; everything wrong comes as one list.
func readFolder(ctx context.Context, dir string) (*project.Checked, error) {
	return readFolderBy(ctx, dir, project.ReadAndCheck)
}

func readFolderBy(ctx context.Context, dir string, read func(fs.FS) (*project.Checked, fault.List)) (*project.Checked, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fault.New(fault.Invalid, "%s is not a folder; make a project with: mereon init %s", dir, dir)
	}
	checked, problems := read(os.DirFS(dir))
	if checked != nil {
		problems = append(problems, web.CheckConnectors(ctx, dir, checked.Folder.Config, checked.Model)...)
		problems = append(problems, web.CheckDocuments(ctx, checked.Folder, checked.Model)...)
		problems.Sort()
		checked.Warnings = problems
	}
	if err := problems.Err(); err != nil {
		return nil, problems
	}
	return checked, nil
}
