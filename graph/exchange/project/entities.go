package project

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/document"
	"mereon/schema/fault"
)

const maxLine = 4 << 20

// ReadEntities reads one entity file: a YAML list, NDJSON with one entity a line, or CSV with one asset type a file.
// The model tells how the texts of a CSV are to be read.
func ReadEntities(fsys fs.FS, name string, m *schema.Model) ([]graph.EntityInput, fault.List) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fault.List{{Position: fault.Position{File: name}, Message: err.Error()}}
	}
	switch path.Ext(name) {
	case ".ndjson":
		return readNDJSON(name, text)
	case ".csv":
		return readCSV(name, text, m)
	}
	return readYAML(schema.File{Name: name, Text: string(text)})
}

func readYAML(file schema.File) ([]graph.EntityInput, fault.List) {
	root, problems := document.Parse(file)
	if root == nil {
		return nil, problems
	}
	d := &document.Decoder{File: file, Problems: problems}
	if root.Kind != yaml.SequenceNode {
		d.Wrong(root, "Begin every entity with a dash: - assetType: Pump", "an entity file is a list, not %s", document.Describe(root))
		return nil, d.Problems
	}
	d.Twice(root)
	var inputs []graph.EntityInput
	for _, n := range root.Content {
		fields, ok := document.Any(n).(map[string]any)
		if !ok {
			d.Wrong(n, "Write assetType, id and the fields of the entity.", "an entity is a mapping, not %s", document.Describe(n))
			continue
		}
		at := func(field string) fault.Position { return positionOf(file, n, field) }
		in, problem := entityInput(fields, at)
		if problem != nil {
			problem.Source = file.Line(problem.Line)
			d.Problems = append(d.Problems, *problem)
			continue
		}
		inputs = append(inputs, in)
	}
	return inputs, d.Problems
}

// positionOf finds the key of a dotted field, or the nearest mapping around it.
func positionOf(file schema.File, n *yaml.Node, field string) fault.Position {
	at := n
	for part := range strings.SplitSeq(field, ".") {
		found := false
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == part {
				at, n, found = n.Content[i], n.Content[i+1], true
				break
			}
		}
		if !found {
			break
		}
	}
	return fault.Position{File: file.Name, Line: at.Line, Column: at.Column}
}

// entityInput splits what every entity has from its own fields.
func entityInput(fields map[string]any, at func(string) fault.Position) (graph.EntityInput, *fault.Problem) {
	in := graph.EntityInput{Fields: fields, At: at}
	for _, key := range []string{"assetType", "id"} {
		text, ok := fields[key].(string)
		if !ok || text == "" {
			return in, &fault.Problem{Position: at(key), Message: fmt.Sprintf("%s is missing or not a text", key), Hint: fmt.Sprintf("Write %s: text, in quotes if it looks like a number.", key), Field: key}
		}
		delete(fields, key)
		if key == "id" {
			in.ID = graph.EntityID(text)
		} else {
			in.Type = schema.TypeName(text)
		}
	}
	return in, nil
}

// readNDJSON decodes a part of the lines for every processor at once.
func readNDJSON(name string, text []byte) ([]graph.EntityInput, fault.List) {
	parts := cutLines(text, runtime.GOMAXPROCS(0))
	read := make([]linesReader, len(parts))
	var running sync.WaitGroup
	line := 1
	for i, part := range parts {
		r := &read[i]
		r.name, r.line = name, line
		running.Go(func() { r.read(part) })
		line += bytes.Count(part, []byte{'\n'})
	}
	running.Wait()
	inputs, problems := read[0].inputs, read[0].problems
	for _, r := range read[1:] {
		inputs, problems = append(inputs, r.inputs...), append(problems, r.problems...)
	}
	return inputs, problems
}

// cutLines cuts a text into at most n parts of whole lines, one at least.
func cutLines(text []byte, n int) [][]byte {
	var parts [][]byte
	for size := len(text)/n + 1; len(text) > size; {
		end := bytes.IndexByte(text[size:], '\n')
		if end < 0 {
			break
		}
		parts, text = append(parts, text[:size+end+1]), text[size+end+1:]
	}
	return append(parts, text)
}

// linesReader reads one entity a line.
type linesReader struct {
	name     string
	line     int // of what is read next
	inputs   []graph.EntityInput
	problems fault.List
}

func (r *linesReader) read(text []byte) {
	for ; len(text) > 0; r.line++ {
		if r.line%128 == 0 {
			runtime.Gosched() // all processors read: let those who serve in between
		}
		var line []byte
		line, text, _ = bytes.Cut(text, []byte{'\n'})
		if line = bytes.TrimSpace(line); len(line) > 0 {
			r.readLine(line)
		}
	}
}

func (r *linesReader) readLine(line []byte) {
	at := fault.Position{File: r.name, Line: r.line}
	if len(line) > maxLine {
		r.problems = append(r.problems, fault.Problem{Position: at, Message: fmt.Sprintf("the line is longer than %d bytes", maxLine)})
		return
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil || decoder.More() {
		r.problems = append(r.problems, fault.Problem{Position: at, Message: "not one JSON object", Hint: "Write one entity a line: {\"assetType\": \"Pump\", \"id\": \"pump-7\"}"})
		return
	}
	in, problem := entityInput(fields, func(string) fault.Position { return at })
	if problem != nil {
		r.problems = append(r.problems, *problem)
		return
	}
	r.inputs = append(r.inputs, in)
}
