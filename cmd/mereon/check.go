package main

import (
	"errors"
	"fmt"

	"mereon/graph/exchange/project"
	"mereon/schema/fault"
)

type checkCommand struct {
	Dir  string `arg:"" optional:"" default:"." help:"The project folder."`
	JSON bool   `name:"json" help:"Answer as JSON."`
}

func (c *checkCommand) Run(a *app) error {
	checked, err := readFolder(a.ctx, c.Dir)
	if c.JSON {
		return c.json(a, checked, err)
	}
	if err != nil {
		return err
	}
	for _, w := range checked.Warnings {
		fmt.Fprintln(a.streams.err, w)
	}
	fmt.Fprintf(a.streams.out, "%s is right: %s, %s, %s, %s\n", c.Dir,
		counted(len(checked.Model.TypeNames), "asset type", "asset types"), counted(len(checked.Folder.Rules), "rule set", "rule sets"),
		counted(len(checked.Folder.Scenes), "scene", "scenes"), counted(len(checked.Entities), "entity", "entities"))
	return nil
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// json tells mistakes and warnings as {right, problems}.
func (c *checkCommand) json(a *app, checked *project.Checked, err error) error {
	list, ok := errors.AsType[fault.List](err)
	if err != nil && !ok {
		return err
	}
	if checked != nil {
		list = checked.Warnings
	}
	if list == nil {
		list = fault.List{}
	}
	if printing := printJSON(a.streams.out, map[string]any{"right": err == nil, "problems": list}); printing != nil {
		return printing
	}
	if err != nil {
		return &shownError{exitInvalid}
	}
	return nil
}
