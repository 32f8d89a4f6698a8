package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"mereon/graph"
	"mereon/graph/archive"
	"mereon/schema/fault"
)

type backupCommand struct {
	File string `arg:"" help:"The file to write; it must not exist."`
	Dir  string `arg:"" optional:"" default:"." help:"The project folder."`
	JSON bool   `name:"json" help:"Answer as JSON."`
	place
}

// Run writes a backup beside its name, reads it again and renames it when it is whole.
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
	size, err := file.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "read the backup again")
	}
	holds, err := archive.Verify(file)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "what was written is no whole backup, and was not kept; try again, to another disk")
	}
	if err := os.Rename(file.Name(), c.File); err != nil {
		return fault.Wrap(fault.Unavailable, err, "write the backup")
	}
	if c.JSON {
		return printJSON(a.streams.out, struct {
			File  string `json:"file"`
			Bytes int64  `json:"bytes"`
			archive.Summary
		}{c.File, size, holds})
	}
	_, err = fmt.Fprintf(a.streams.out, "Wrote %s and verified it: revision %d, %d entities, %d bytes.\n", c.File, holds.Revision, holds.Entities, size)
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
	if err := verifyFirst(file); err != nil {
		return err
	}
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

// verifyFirst refuses what is no whole backup before there is a store. What can be read once alone is verified as it is
// restored.
func verifyFirst(file *os.File) error {
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return err
	}
	if _, err := archive.Verify(file); err != nil {
		return err
	}
	_, err := file.Seek(0, io.SeekStart)
	return err
}
