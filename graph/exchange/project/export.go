package project

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/schema"
)

// exportBatch is how many entities are read at once.
const exportBatch = 5000

// Export writes every entity as an entity file in NDJSON: one a line, by id, with the model's field names, so that
// applying the file to an empty store gives the same graph. It returns the number of entities.
func Export(ctx context.Context, view graph.View, w io.Writer) (int, error) {
	model, err := StoredModel(ctx, view)
	if err != nil {
		return 0, err
	}
	out := bufio.NewWriter(w)
	total := 0
	page := graph.Page{First: exportBatch}
	for {
		batch, err := view.Select(ctx, graph.Selection{Page: page, Columns: []schema.Path{graph.ColumnID, graph.ColumnType}})
		if err != nil {
			return total, err
		}
		if err := exportRows(ctx, view, model, batch, out); err != nil {
			return total, err
		}
		total += len(batch.Rows)
		if len(batch.Rows) == 0 || !batch.More[0] {
			return total, out.Flush()
		}
		page.After = &graph.Cursor{ID: graph.EntityID(batch.Cell(0, len(batch.Rows)-1).Text())}
	}
}

// exportRows writes a batch; values and relationships are read type by type.
func exportRows(ctx context.Context, view graph.View, model *schema.Model, batch *graph.Batch, out *bufio.Writer) error {
	lines := make([]map[string]json.RawMessage, len(batch.Rows))
	byType := map[schema.TypeName][]int{}
	for i := range batch.Rows {
		t := schema.TypeName(batch.Cell(1, i).Text())
		byType[t] = append(byType[t], i)
		lines[i] = map[string]json.RawMessage{"id": batch.Cell(0, i).AppendJSON(nil), "assetType": batch.Cell(1, i).AppendJSON(nil)}
	}
	for t, members := range byType {
		of := model.Types[t]
		if of == nil {
			continue
		}
		rows := make([]graph.Row, len(members))
		for k, i := range members {
			rows[k] = batch.Rows[i]
		}
		if err := exportValues(ctx, view, of, rows, members, lines); err != nil {
			return err
		}
		if err := exportRelations(ctx, view, model, of, rows, members, lines); err != nil {
			return err
		}
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func exportValues(ctx context.Context, view graph.View, of *schema.AssetType, rows []graph.Row, members []int, lines []map[string]json.RawMessage) error {
	columns := []schema.Path{graph.ColumnName, graph.ColumnExternalIDs, graph.ColumnBindings, graph.ColumnRules, graph.ColumnSource}
	for _, leaf := range of.Leaves() {
		if leaf.Property.Kind == schema.Static {
			columns = append(columns, leaf.Path)
		}
	}
	cells, err := view.Read(ctx, rows, columns)
	if err != nil {
		return err
	}
	for c, path := range columns {
		for k, i := range members {
			if v := cells[c*len(rows)+k]; !v.IsNull() {
				setPath(lines[i], strings.Split(string(path), "."), v.AppendJSON(nil))
			}
		}
	}
	return nil
}

// setPath writes a value into nested objects.
func setPath(line map[string]json.RawMessage, path []string, value json.RawMessage) {
	if len(path) == 1 {
		line[path[0]] = value
		return
	}
	inner := map[string]json.RawMessage{}
	if old, ok := line[path[0]]; ok {
		_ = json.Unmarshal(old, &inner) // it is what this function wrote
	}
	setPath(inner, path[1:], value)
	line[path[0]], _ = json.Marshal(inner)
}

func exportRelations(ctx context.Context, view graph.View, model *schema.Model, of *schema.AssetType, rows []graph.Row, members []int, lines []map[string]json.RawMessage) error {
	for _, r := range of.Relationships {
		if r.Inverse {
			continue
		}
		var props []schema.Path
		if c := model.Components[r.Relation.Props]; c != nil {
			for _, p := range c.Properties {
				props = append(props, schema.Path(p.Name))
			}
		}
		found, err := view.Expand(ctx, graph.Expansion{From: rows, Steps: []graph.Step{{Relation: r.Relation.Name, Direction: graph.Out}}, Page: graph.Page{All: true}, Columns: []schema.Path{graph.ColumnID}, Props: props})
		if err != nil {
			return err
		}
		for k, i := range members {
			from, to := found.Group(k)
			if from == to {
				continue
			}
			targets := slices.Collect(func(yield func(any) bool) {
				for n := from; n < to && yield(exportTarget(found, n, props)); n++ {
				}
			})
			var value any = targets
			if !r.Many {
				value = targets[0]
			}
			text, err := json.Marshal(value)
			if err != nil {
				return err
			}
			setPath(lines[i], strings.Split(r.Field, "."), text)
		}
	}
	return nil
}

func exportTarget(found *graph.Batch, n int, props []schema.Path) any {
	id := found.Cell(0, n).Text()
	given := map[string]json.RawMessage{}
	for c, path := range props {
		if v := found.Props[c*len(found.Rows)+n]; !v.IsNull() {
			given[string(path)] = v.AppendJSON(nil)
		}
	}
	if len(given) == 0 {
		return id
	}
	return map[string]any{"to": id, "props": given}
}
