package memory

import (
	"time"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

// column is a path of a question in numbers.
type column struct {
	kind columnKind
	key  uint32
}

type columnKind uint8

const (
	absent columnKind = iota // no entity has it
	property
	columnID
	columnType
	columnRevision
	columnCreated
	columnUpdated
	columnOrigin
	columnEdited
)

func (s *Snapshot) column(path schema.Path) column {
	switch path {
	case graph.ColumnID:
		return column{kind: columnID}
	case graph.ColumnType:
		return column{kind: columnType}
	case graph.ColumnRevision:
		return column{kind: columnRevision}
	case graph.ColumnCreatedAt:
		return column{kind: columnCreated}
	case graph.ColumnUpdatedAt:
		return column{kind: columnUpdated}
	case graph.ColumnOrigin:
		return column{kind: columnOrigin}
	case graph.ColumnEdited:
		return column{kind: columnEdited}
	}
	if key, ok := s.paths.number(string(path)); ok {
		return column{property, key}
	}
	return column{}
}

// cell returns the value of a column of an existing entity.
func (s *Snapshot) cell(e *entity, c column) schema.Value {
	switch c.kind {
	case property:
		return record.Find(e.data, c.key)
	case columnID:
		return schema.StringOf(e.id())
	case columnType:
		return schema.StringOf(s.types.text(e.typ))
	case columnRevision:
		return schema.IntOf(int64(e.revision))
	case columnCreated:
		return schema.TimeOf(time.Unix(0, e.created))
	case columnUpdated:
		return schema.TimeOf(time.Unix(0, e.updated))
	case columnOrigin:
		if e.is(ofProject) {
			return schema.StringOf(string(graph.FromProject))
		}
		return schema.StringOf(string(graph.FromAPI))
	case columnEdited:
		return schema.BoolOf(e.is(edited))
	}
	return schema.Null
}

// fill writes the cells of rows, column-major; rows that are none have null.
func (s *Snapshot) fill(rows []graph.Row, paths []schema.Path) []schema.Value {
	if len(paths) == 0 || len(rows) == 0 {
		return nil
	}
	cells := make([]schema.Value, len(paths)*len(rows))
	for c, path := range paths {
		col, out := s.column(path), cells[c*len(rows):(c+1)*len(rows)]
		for i, row := range rows {
			if uint32(row) < s.pages.n {
				if e := s.pages.at(uint32(row)); e.data != "" {
					out[i] = s.cell(e, col)
				}
			}
		}
	}
	return cells
}
