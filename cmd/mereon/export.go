package main

import (
	"fmt"
	"io"
	"os"

	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/schema/fault"
)

type exportCommand struct {
	Format string `arg:"" help:"The format: ndjson, an entity file with one entity a line."`
	Dir    string `arg:"" optional:"" default:"." help:"The project folder."`
	Out    string `help:"The file to write; default standard output." placeholder:"FILE"`
	place
}

func (c *exportCommand) Run(a *app) error {
	if c.Format != "ndjson" {
		return fault.New(fault.Invalid, "there is no exporter for %q; known formats: ndjson", c.Format)
	}
	w := a.streams.out
	if c.Out != "" {
		file, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "write the export")
		}
		defer file.Close()
		w = file
	}
	return c.write(a, w)
}

func (c *exportCommand) write(a *app, w io.Writer) error {
	return c.download(a, c.Dir, "/project/export", w, func(store graph.Store) error {
		view, err := store.View(a.ctx)
		if err != nil {
			return err
		}
		defer view.Close()
		n, err := project.Export(a.ctx, view, w)
		if err == nil && c.Out != "" {
			fmt.Fprintf(a.streams.err, "Wrote %d entities.\n", n)
		}
		return err
	})
}
