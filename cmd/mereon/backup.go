package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"mereon/graph"
	"mereon/schema/fault"
)

type backupCommand struct {
	File string `arg:"" help:"The file to write; it must not exist."`
	Dir  string `arg:"" optional:"" default:"." help:"The project folder."`
	JSON bool   `name:"json" help:"Answer as JSON."`
	place
}

// Run writes a backup beside its name and renames it when it is whole.
func (c *backupCommand) Run(a *app) error {
	if _, err := os.Stat(c.File); err == nil {
		return fault.New(fault.Conflict, "%s exists; name a new file", c.File)
	}
	file, err := os.CreateTemp(filepath.Dir(c.File), ".mereon-backup-*")
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "write the backup")
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if err := c.write(a, file); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return fault.Wrap(fault.Unavailable, err, "write the backup")
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := os.Rename(file.Name(), c.File); err != nil {
		return fault.Wrap(fault.Unavailable, err, "write the backup")
	}
	if c.JSON {
		return printJSON(a.streams.out, map[string]any{"file": c.File, "bytes": info.Size()})
	}
	_, err = fmt.Fprintf(a.streams.out, "Wrote %s, %d bytes.\n", c.File, info.Size())
	return err
}

func (c *backupCommand) write(a *app, w io.Writer) error {
	return c.download(a, c.Dir, "/project/backup", w, func(store graph.Store) error {
		_, err := store.Backup(a.ctx, w)
		return err
	})
}

type restoreCommand struct {
	File string `arg:"" help:"A backup."`
	Dir  string `arg:"" optional:"" default:"." help:"The project folder."`
	JSON bool   `name:"json" help:"Answer as JSON."`
	storePlace
}

func (c *restoreCommand) Run(a *app) error {
	file, err := os.Open(c.File)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "open the backup")
	}
	defer file.Close()
	store, err := c.openStore(a, c.Dir)
	if err != nil {
		return err
	}
	defer store.Close()
	revision, err := store.Restore(a.ctx, file)
	if err != nil {
		return err
	}
	view, err := store.View(a.ctx)
	if err != nil {
		return err
	}
	defer view.Close()
	all, err := view.Select(a.ctx, graph.Selection{Count: true})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.streams.out, map[string]any{"revision": revision, "entities": all.Totals[0]})
	}
	_, err = fmt.Fprintf(a.streams.out, "Restored and verified: revision %d, %d entities.\n", revision, all.Totals[0])
	return err
}
