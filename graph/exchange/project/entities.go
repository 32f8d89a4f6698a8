package project

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

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

func readNDJSON(name string, text []byte) ([]graph.EntityInput, fault.List) {
	var inputs []graph.EntityInput
	var problems fault.List
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for number := 1; lines.Scan(); number++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		at := fault.Position{File: name, Line: number}
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.UseNumber()
		var fields map[string]any
		if err := decoder.Decode(&fields); err != nil || decoder.More() {
			problems = append(problems, fault.Problem{Position: at, Message: "not one JSON object", Hint: "Write one entity a line: {\"assetType\": \"Pump\", \"id\": \"pump-7\"}"})
			continue
		}
		in, problem := entityInput(fields, func(string) fault.Position { return at })
		if problem != nil {
			problems = append(problems, *problem)
			continue
		}
		inputs = append(inputs, in)
	}
	if err := lines.Err(); err != nil {
		problems = append(problems, fault.Problem{Position: fault.Position{File: name}, Message: fmt.Sprintf("a line is longer than %d bytes", maxLine)})
	}
	return inputs, problems
}
