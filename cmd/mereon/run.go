package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"mereon/schema/fault"
)

// Exit statuses.
const (
	exitDone        = 0
	exitInvalid     = 1 // the input is wrong
	exitUsage       = 2
	exitUnavailable = 3 // an outside system or the server
	exitConflict    = 4 // drift, a held store, a revision
)

// commands is the whole command line.
type commands struct {
	Init       initCommand       `cmd:"" help:"Make a new project that can be served at once."`
	Check      checkCommand      `cmd:"" help:"Say everything that is wrong with a project, at once."`
	Plan       planCommand       `cmd:"" help:"Say what apply would change."`
	Apply      applyCommand      `cmd:"" help:"Apply a project: all of it or nothing."`
	Serve      serveCommand      `cmd:"" help:"Run the service and the user interface on a project."`
	Demo       demoCommand       `cmd:"" help:"Serve the built-in plant; no other server is needed."`
	Query      queryCommand      `cmd:"" help:"Run a GraphQL operation on a project."`
	Import     importCommand     `cmd:"" help:"Make a project from foreign models and graphs, with a report."`
	Export     exportCommand     `cmd:"" help:"Write a project's entities in another format."`
	Inspect    inspectCommand    `cmd:"" help:"Show what a glTF file holds: nodes, clips, materials, defects."`
	Test       testCommand       `cmd:"" help:"Run the rule tests of a project."`
	Backup     backupCommand     `cmd:"" help:"Write everything stored to a file, while the service runs."`
	Restore    restoreCommand    `cmd:"" help:"Fill an empty store from a backup, verified."`
	Bench      benchCommand      `cmd:"" help:"Measure this machine: store, planner and HTTP."`
	Connectors connectorsCommand `cmd:"" help:"Ask the systems of a project: check, discover."`
	Version    versionCommand    `cmd:"" help:"Say which version this is."`
}

// app is what every command gets.
type app struct {
	ctx     context.Context
	streams streams
	getenv  func(string) string
}

const description = `Mereon is a digital-twin graph service with a 3D scene connector.

A project is a folder: mereon.yaml, model/*.graphql, rules/*.yaml, scenes/*.yaml, entities/*.{yaml,ndjson,csv}, assets/*.glb.
Start with "mereon demo", or "mereon init plant" and "mereon serve plant".

Exit status: 0 done, 1 the input is wrong, 2 wrong use, 3 something outside is unavailable, 4 a conflict.`

// run executes one command line and returns the exit status.
func run(ctx context.Context, args []string, s streams, getenv func(string) string) int {
	var cli commands
	exit := -1
	parser, err := kong.New(&cli, kong.Name("mereon"), kong.Description(description), kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { exit = code }), kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))
	if err != nil {
		fmt.Fprintln(s.err, "mereon:", err)
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit // help was asked for
	}
	if err != nil {
		fmt.Fprintf(s.err, "mereon: %v\nRun \"mereon --help\" to see what there is.\n", err)
		return exitUsage
	}
	if err := parsed.Run(&app{ctx: ctx, streams: s, getenv: getenv}); err != nil {
		return report(s, err)
	}
	return exitDone
}

// report prints an error and returns its exit status.
func report(s streams, err error) int {
	if shown, ok := errors.AsType[*shownError](err); ok {
		return shown.status
	}
	if list, ok := errors.AsType[fault.List](err); ok {
		fmt.Fprintln(s.err, list.Error())
		return exitInvalid
	}
	fmt.Fprintln(s.err, "mereon:", err)
	return exitStatus(fault.CodeOf(err))
}

func exitStatus(code fault.Code) int {
	switch code {
	case fault.Conflict:
		return exitConflict
	case fault.Unavailable, fault.Timeout:
		return exitUnavailable
	}
	return exitInvalid
}

// shownError has been told to the user already; it only carries the exit status.
type shownError struct{ status int }

func (e *shownError) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// printJSON writes one indented JSON value.
func printJSON(w io.Writer, x any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(x)
}
