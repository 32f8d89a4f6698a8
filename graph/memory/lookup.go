package memory

import (
	"context"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
	"mereon/schema/fault"
)

var _ graph.View = (*Snapshot)(nil)

// Lookup implements graph.View.
func (s *Snapshot) Lookup(ctx context.Context, ids []graph.EntityID, columns []schema.Path) (*graph.Batch, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	b := &graph.Batch{Rows: make([]graph.Row, len(ids))}
	for i, id := range ids {
		b.Rows[i] = graph.NoRow
		if row, ok := s.row(string(id)); ok {
			b.Rows[i] = graph.Row(row)
		}
	}
	b.Cells = s.fill(b.Rows, columns)
	return b, nil
}

// ByKey implements graph.View.
func (s *Snapshot) ByKey(ctx context.Context, scope schema.TypeName, path schema.Path, values []schema.Value, columns []schema.Path) (*graph.Batch, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(s.layout.indexes, func(x indexSpec) bool { return x.scope == scope && x.path == path && scope != "" })
	if i < 0 {
		return nil, invalid("%s is not unique within %s", path, scope)
	}
	b := &graph.Batch{Rows: make([]graph.Row, len(values))}
	for n, v := range values {
		b.Rows[n] = graph.NoRow
		if v.IsNull() {
			continue
		}
		s.equal(&s.indexes[i], v, func(row uint32) bool {
			b.Rows[n] = graph.Row(row)
			return false
		})
	}
	b.Cells = s.fill(b.Rows, columns)
	return b, nil
}

// Read implements graph.View.
func (s *Snapshot) Read(ctx context.Context, rows []graph.Row, columns []schema.Path) ([]schema.Value, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	return s.fill(rows, columns), nil
}

// Counts implements graph.View.
func (s *Snapshot) Counts(context.Context) (map[schema.TypeName]int, error) {
	counts := map[schema.TypeName]int{}
	for typ := range s.byType {
		if n := s.byType[typ].len(); n > 0 {
			counts[schema.TypeName(s.types.text(uint32(typ)))] = n
		}
	}
	return counts, nil
}

// Relationships implements graph.View. An empty relation means all of them.
func (s *Snapshot) Relationships(ctx context.Context, of graph.Row, relation string, direction graph.Direction) ([]graph.Relationship, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	found := []graph.Relationship{}
	e := s.liveAt(of)
	if e == nil {
		return found, nil
	}
	for _, end := range e.allEnds(nil) {
		name, in := s.relations.text(endRelation(end)), end&inward != 0
		if relation != "" && name != relation || in && direction == graph.Out || !in && direction == graph.In {
			continue
		}
		other := endRow(end)
		r := graph.Relationship{Relation: name, Inverse: in, Other: graph.Row(other), OtherID: graph.EntityID(s.idOf(other))}
		r.Props = s.propValues(uint32(of), end)
		found = append(found, r)
	}
	slices.SortFunc(found, func(a, b graph.Relationship) int {
		if c := strings.Compare(a.Relation, b.Relation); c != 0 {
			return c
		}
		if c := strings.Compare(string(a.OtherID), string(b.OtherID)); c != 0 {
			return c
		}
		if a.Inverse != b.Inverse && b.Inverse {
			return -1
		}
		return 1
	})
	return found, nil
}

// edgeAt returns the relationship behind an end of row.
func edgeAt(row uint32, end uint64) edge {
	if end&inward != 0 {
		return edge{endRow(end), endRelation(end), row}
	}
	return edge{row, endRelation(end), endRow(end)}
}

// propValues returns the properties of the relationship behind an end of row, by path.
func (s *Snapshot) propValues(row uint32, end uint64) []graph.PathValue {
	if end&withProps == 0 {
		return nil
	}
	fields, _ := record.ReadFields(nil, s.propsOf(edgeAt(row, end)))
	values := make([]graph.PathValue, len(fields))
	for i, f := range fields {
		values[i] = graph.PathValue{Path: schema.Path(s.paths.text(f.Key)), Value: f.Value}
	}
	slices.SortFunc(values, func(a, b graph.PathValue) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return values
}

// ended returns a coded error when ctx has ended.
func ended(ctx context.Context) error {
	switch err := ctx.Err(); err {
	case nil:
		return nil
	case context.DeadlineExceeded:
		return fault.Wrap(fault.Timeout, err, "the question took too long")
	default:
		return fault.Wrap(fault.Timeout, err, "the question was given up")
	}
}
