package main

import (
	"context"
	"maps"
	"slices"
	"strings"

	"mereon/graph/exchange"
	"mereon/graph/exchange/twinmaker"
	"mereon/schema/fault"
)

type importCommand struct {
	Format string `arg:"" help:"The foreign format: twinmaker."`
	Source string `arg:"" help:"A folder or file in that format."`
	Dir    string `arg:"" help:"The project folder to write."`
	Force  bool   `help:"Overwrite files that were edited since the last import."`
	JSON   bool   `name:"json" help:"Answer as JSON."`
}

// importer reads a source and writes a project folder.
type importer func(ctx context.Context, source, dir string, o exchange.Options) (*exchange.Report, error)

// importers are the formats that can be read.
func importers() map[string]importer { return map[string]importer{"twinmaker": twinmaker.Import} }

// Run writes a project that check accepts, and says what could not be mapped.
func (c *importCommand) Run(a *app) error {
	read, ok := importers()[c.Format]
	if !ok {
		return fault.New(fault.Invalid, "there is no importer for %q; known formats: %s", c.Format, strings.Join(slices.Sorted(maps.Keys(importers())), ", "))
	}
	report, err := read(a.ctx, c.Source, c.Dir, exchange.Options{Force: c.Force})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.streams.out, report)
	}
	report.Print(a.streams.out)
	return nil
}
