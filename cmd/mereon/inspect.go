package main

import (
	"fmt"
	"os"
	"path/filepath"

	"mereon/scenes/gltfdoc"
	"mereon/schema/fault"
)

type inspectCommand struct {
	File string `arg:"" help:"A .glb or .gltf file."`
	JSON bool   `name:"json" help:"Answer as JSON."`
}

// Run shows what a glTF file holds. A file that is refused is exit status 1.
func (c *inspectCommand) Run(a *app) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "read the file")
	}
	document, report, refused := gltfdoc.Read(data, gltfdoc.Options{Resources: os.DirFS(filepath.Dir(c.File))})
	if c.JSON {
		table := []gltfdoc.Node{}
		if report.Issues == nil {
			report.Issues = []gltfdoc.Issue{}
		}
		if document != nil {
			table = document.Nodes
		}
		err := printJSON(a.streams.out, struct {
			gltfdoc.Report
			Table []gltfdoc.Node `json:"table"`
		}{report, table})
		if err == nil && refused != nil {
			err = &shownError{exitInvalid}
		}
		return err
	}
	w := a.streams.out
	fmt.Fprintf(w, "%s: %s %s, %d bytes, %s\n", c.File, report.Format, report.Version, report.Bytes, report.Hash)
	fmt.Fprintf(w, "%d nodes in %d levels, %d meshes, %d primitives, %d triangles, %d materials, %d textures\n",
		report.Nodes, report.Depth, report.Meshes, report.Primitives, report.Triangles, report.Materials, report.Textures)
	for _, clip := range report.Clips {
		fmt.Fprintf(w, "clip %q: %.2f s, %d channels\n", clip.Name, clip.Duration, clip.Channels)
	}
	if document != nil {
		for _, n := range document.Nodes {
			fmt.Fprintf(w, "%5d  %s", n.Index, n.Path)
			for key, value := range n.Extras {
				fmt.Fprintf(w, "  %s=%s", key, value)
			}
			fmt.Fprintln(w)
		}
	}
	for _, issue := range report.Issues {
		fmt.Fprintln(w, issue)
	}
	return refused
}
