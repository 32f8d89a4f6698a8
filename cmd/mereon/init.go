package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mereon/fixtures"
	"mereon/schema/fault"
)

//go:embed all:template
var template embed.FS

// modelFile is the glTF document of a new project.
const modelFile = "assets/pump.glb"

type initCommand struct {
	Dir  string `arg:"" help:"The folder to make; it must be empty or not exist."`
	JSON bool   `name:"json" help:"Answer as JSON."`
}

// Run writes a project that is small and alive: a few types, two pumps, simulated values, a rule with an alarm and a scene.
func (c *initCommand) Run(a *app) error {
	if entries, err := os.ReadDir(c.Dir); err == nil && len(entries) > 0 {
		return fault.New(fault.Conflict, "%s is not empty; name a new folder", c.Dir)
	}
	written, err := writeFolder(template, "template", c.Dir, map[string]string{"project: plant": "project: " + projectName(c.Dir)})
	if err == nil {
		err = os.MkdirAll(filepath.Join(c.Dir, "assets"), 0o755)
	}
	if err == nil {
		written = append(written, modelFile)
		err = os.WriteFile(filepath.Join(c.Dir, filepath.FromSlash(modelFile)), fixtures.Room, 0o644)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "cannot write the project")
	}
	if c.JSON {
		return printJSON(a.streams.out, map[string]any{"dir": c.Dir, "files": written})
	}
	fmt.Fprintf(a.streams.out, "Made %s:\n  %s\n\nNext:\n  mereon serve %s\n", c.Dir, strings.Join(written, "\n  "), c.Dir)
	return nil
}

// writeFolder copies the files below root into dir and returns their names. In mereon.yaml, texts are replaced.
func writeFolder(from fs.FS, root, dir string, replace map[string]string) ([]string, error) {
	var written []string
	err := fs.WalkDir(from, root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(from, path)
		if err != nil {
			return err
		}
		relative := strings.TrimPrefix(strings.TrimPrefix(path, root), "/")
		if relative == "mereon.yaml" {
			for old, fresh := range replace {
				text = []byte(strings.Replace(string(text), old, fresh, 1))
			}
		}
		target := filepath.Join(dir, filepath.FromSlash(relative))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		written = append(written, relative)
		return os.WriteFile(target, text, 0o644)
	})
	return written, err
}

func projectName(dir string) string {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "plant"
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, strings.ToLower(filepath.Base(absolute)))
	if name == "" {
		return "plant"
	}
	return name
}
