package exchange

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Options says how an import is written.
type Options struct {
	Force bool // overwrite files that were edited since the last import
}

// Report says what an import found, what it made of it, and what it could not map.
type Report struct {
	Format   string         `json:"format"`
	Source   string         `json:"source"`
	Counts   map[string]int `json:"counts"`   // what was read, by kind: entities, components, scenes ...
	Files    []File         `json:"files"`    // what was written
	Renamed  []Renamed      `json:"renamed"`  // names that had to change
	Unmapped []Finding      `json:"unmapped"` // what the model cannot say; it is kept under source
	Warnings []Finding      `json:"warnings"` // what was mapped, but may not be what was meant
}

// File is one file of the project.
type File struct {
	Name   string `json:"name"`
	Status string `json:"status"` // new, changed, unchanged
}

// Renamed tells a name of the source that became another.
type Renamed struct {
	What string `json:"what"` // component type, property, entity ...
	From string `json:"from"`
	To   string `json:"to"`
	Why  string `json:"why"`
}

// Finding is one thing to know about, with its place in the source.
type Finding struct {
	File    string `json:"file,omitempty"`
	Path    string `json:"path,omitempty"` // JSON path in the file
	Message string `json:"message"`
}

// Print writes the report for people.
func (r *Report) Print(w io.Writer) {
	fmt.Fprintf(w, "Imported %s from %s\n", r.Format, r.Source)
	for _, kind := range sortedKeys(r.Counts) {
		fmt.Fprintf(w, "  %-24s %d\n", kind, r.Counts[kind])
	}
	for _, f := range r.Files {
		fmt.Fprintf(w, "  %-9s %s\n", f.Status, f.Name)
	}
	for _, n := range r.Renamed {
		fmt.Fprintf(w, "renamed: %s %q is now %q: %s\n", n.What, n.From, n.To, n.Why)
	}
	printFindings(w, "not mapped", r.Unmapped)
	printFindings(w, "warning", r.Warnings)
}

func printFindings(w io.Writer, kind string, findings []Finding) {
	for _, f := range findings {
		at := strings.TrimSuffix(f.File+" "+f.Path, " ")
		if at != "" {
			at += ": "
		}
		fmt.Fprintf(w, "%s: %s%s\n", kind, at, f.Message)
	}
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
