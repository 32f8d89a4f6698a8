package expr

import (
	"strings"

	"mereon/schema"
	"mereon/schema/fault"
)

// Locate moves problems of a text that begins at start into that file; the caret line becomes the file's own line when files
// holds it. A text of several lines keeps its own lines below the first.
func Locate(problems fault.List, files []schema.File, start fault.Position) fault.List {
	out := make(fault.List, len(problems))
	for i, p := range problems {
		p.File = start.File
		if p.Line == 1 {
			p.Column += max(start.Column, 1) - 1
		}
		p.Line += max(start.Line, 1) - 1
		if line := sourceLine(files, p.Position); line != "" {
			p.Source = line
		} else if p.Line == start.Line {
			p.Source = strings.Repeat(" ", max(start.Column, 1)-1) + p.Source
		}
		out[i] = p
	}
	return out
}

func sourceLine(files []schema.File, at fault.Position) string {
	for _, f := range files {
		if f.Name == at.File {
			return f.Line(at.Line)
		}
	}
	return ""
}
