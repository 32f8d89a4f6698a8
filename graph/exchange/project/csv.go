package project

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// readCSV reads a file whose header holds field names: assetType and id, then fields, dotted inside components. Lists are
// separated by ";". An empty cell leaves the field out.
func readCSV(name string, text []byte, m *schema.Model) ([]graph.EntityInput, fault.List) {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	header, err := reader.Read()
	if err != nil {
		return nil, fault.List{csvProblem(name, err)}
	}
	header = slices.Clone(header)
	var inputs []graph.EntityInput
	var problems fault.List
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return inputs, problems
		}
		if err != nil {
			return inputs, append(problems, csvProblem(name, err))
		}
		line, _ := reader.FieldPos(0)
		at := func(field string) fault.Position {
			if i := slices.Index(header, field); i >= 0 {
				return fault.Position{File: name, Line: line, Column: i + 1}
			}
			return fault.Position{File: name, Line: line}
		}
		fields := csvFields(header, cells, m)
		in, problem := entityInput(fields, at)
		if problem != nil {
			problems = append(problems, *problem)
			continue
		}
		inputs = append(inputs, in)
	}
}

func csvProblem(name string, err error) fault.Problem {
	at := fault.Position{File: name, Line: 1}
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		at.Line, at.Column, err = p.Line, p.Column, p.Err
	}
	return fault.Problem{Position: at, Message: fmt.Sprintf("not CSV: %v", err), Hint: "Write a header with assetType, id and field names, then one entity a line."}
}

func csvFields(header, cells []string, m *schema.Model) map[string]any {
	fields := map[string]any{}
	kind := ""
	if i := slices.Index(header, "assetType"); i >= 0 {
		kind = cells[i]
	}
	for i, path := range header {
		if cells[i] == "" {
			continue
		}
		into := fields
		parts := strings.Split(path, ".")
		for _, part := range parts[:len(parts)-1] {
			group, ok := into[part].(map[string]any)
			if !ok {
				group = map[string]any{}
				into[part] = group
			}
			into = group
		}
		into[parts[len(parts)-1]] = csvValue(m, schema.TypeName(kind), path, cells[i])
	}
	return fields
}

// csvValue reads a cell as its property is declared; a cell that does not fit stays a text and is refused with its place.
func csvValue(m *schema.Model, kind schema.TypeName, path, cell string) any {
	p, r := fieldAt(m, kind, path)
	switch {
	case r != nil && r.Many:
		var ids []any
		for id := range strings.SplitSeq(cell, ";") {
			ids = append(ids, strings.TrimSpace(id))
		}
		return ids
	case p == nil:
		if path == "externalIds" {
			return anyJSON(cell)
		}
		return cell
	case p.Type.List:
		var list []any
		for e := range strings.SplitSeq(cell, ";") {
			list = append(list, csvScalar(p.Type.Scalar, strings.TrimSpace(e)))
		}
		return list
	}
	return csvScalar(p.Type.Scalar, cell)
}

func csvScalar(s schema.Scalar, cell string) any {
	switch s {
	case schema.Int, schema.Long, schema.Float, schema.Decimal:
		return json.Number(cell)
	case schema.Boolean:
		switch strings.ToLower(cell) {
		case "true":
			return true
		case "false":
			return false
		}
	case schema.JSON:
		return anyJSON(cell)
	}
	return cell
}

func anyJSON(cell string) any {
	var x any
	if json.Unmarshal([]byte(cell), &x) != nil {
		return cell
	}
	return x
}

// fieldAt finds a property or relationship by its dotted path.
func fieldAt(m *schema.Model, kind schema.TypeName, path string) (*schema.Property, *schema.Relationship) {
	t := m.Types[kind]
	if t == nil {
		return nil, nil
	}
	for _, r := range t.Relationships {
		if r.Field == path {
			return nil, r
		}
	}
	properties := t.Properties
	var found *schema.Property
	for part := range strings.SplitSeq(path, ".") {
		i := slices.IndexFunc(properties, func(p *schema.Property) bool { return p.Name == part })
		if i < 0 {
			return nil, nil
		}
		found = properties[i]
		properties = nil
		if found.Kind == schema.Group {
			properties = m.Components[found.Type.Component].Properties
		}
	}
	return found, nil
}
