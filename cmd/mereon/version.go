package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the build.
var version = "dev"

type versionCommand struct {
	JSON bool `name:"json" help:"Answer as JSON."`
}

func (c *versionCommand) Run(a *app) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	if c.JSON {
		return printJSON(a.streams.out, map[string]string{"version": version, "commit": revision, "go": runtime.Version()})
	}
	_, err := fmt.Fprintf(a.streams.out, "mereon %s %s\n", version, runtime.Version())
	return err
}
