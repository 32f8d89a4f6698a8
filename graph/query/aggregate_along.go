package query

import (
	"slices"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// along reads a key that several relationships and joins lead to.
func (s keyScope) along(v any) (groupKey, error) {
	in, _ := v.(map[string]any)
	k := groupKey{field: "along", related: true}
	at := orderScope{catalog: s.catalog, shown: s.lv.shown, record: s.lv.record}
	path := textsOf(in["path"])
	if len(path) == 0 || len(path) > maxOrderDepth {
		return k, fault.New(fault.Invalid, "the path of along names 1 to %d relationships and joins, one after the other", maxOrderDepth)
	}
	for _, name := range path {
		step, err := at.step(name)
		if err != nil {
			return k, err
		}
		k.along = append(k.along, step)
		at = orderScope{catalog: s.catalog, shown: step.shown, record: step.record}
	}
	for i, step := range k.along {
		step.also = func(add needs) {
			if step.record == nil {
				add.column(graph.ColumnID)
			}
			if i+1 < len(k.along) && k.along[i+1].join != nil {
				k.along[i+1].joined(add)
			}
		}
	}
	if at.record != nil {
		return k, fault.New(fault.Invalid, "the path of along ends at records (%s); go on to an entity", at.record.Name)
	}
	if above, ok := in["above"].(map[string]any); ok {
		key, err := s.above(above)
		key.field, key.along = k.field, k.along
		return key, err
	}
	return k, nil
}

// step is one relationship or join of a path.
func (s orderScope) step(name string) (*relatedPredicate, error) {
	found, ok := s.member(name)
	filter := filterScope{catalog: s.catalog}
	var step relatedPredicate
	switch {
	case !ok || found.relationship == nil && found.join == nil:
		of := string(s.shown)
		if s.record != nil {
			of = string(s.record.Name)
		}
		return nil, fault.New(fault.Invalid, "the path of along: %s has no relationship or join %q", of, clipped(name))
	case found.relationship != nil:
		step = filter.relationshipShape(found.relationship)
	default:
		step = filter.joinShape(found.join)
	}
	return &step, nil
}

// rowsAlong follows the path of a key from all rows of f, each step with one question.
func (x *execution) rowsAlong(f *frame, k *groupKey) (*relatedRows, error) {
	at := f
	reached, unknown := make([][]int, f.n), make([]bool, f.n)
	for i := range reached {
		reached[i] = []int{i}
	}
	for _, step := range k.along {
		t, failed, err := x.targets(step, at, nil)
		if err != nil {
			return nil, err
		}
		for i, from := range reached {
			var next []int
			for _, row := range from {
				unknown[i] = unknown[i] || failed != nil && failed(row)
				begin, end := t.group(row)
				for r := begin; r < end; r++ {
					next = append(next, r)
				}
			}
			slices.Sort(next)
			reached[i] = slices.Compact(next)
		}
		at = t
	}
	above := &relatedRows{}
	if k.far {
		var err error
		if above, err = x.relatedRows(at, &groupKey{steps: k.steps, types: k.types, far: true}); err != nil {
			return nil, err
		}
	}
	return k.gathered(at, above, reached, unknown), nil
}

// gathered lays out the keys of every row, each once.
func (k *groupKey) gathered(at *frame, above *relatedRows, reached [][]int, unknown []bool) *relatedRows {
	out, id := &relatedRows{offsets: make([]int32, 1, len(reached)+1)}, at.columnOf(graph.ColumnID)
	for i, rows := range reached {
		begin := len(out.keys)
		add := func(part keyPart) {
			if !slices.ContainsFunc(out.keys[begin:], func(o keyPart) bool { return o.row == part.row }) {
				out.keys = append(out.keys, part)
			}
		}
		for _, r := range rows {
			if k.far {
				for _, part := range above.of(r) {
					add(part)
				}
				continue
			}
			add(keyPart{row: at.rows[r], id: textAt(at, id, r)})
		}
		if unknown[i] {
			add(keyPart{row: graph.NoRow, unknown: true})
		}
		out.offsets = append(out.offsets, int32(len(out.keys)))
	}
	return out
}

func textAt(f *frame, column, row int) string {
	if column < 0 {
		return ""
	}
	var v schema.Value = f.cell(column, row)
	return v.Text()
}
