package memory

import (
	"slices"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

func recordFind(data string, key uint32) schema.Value { return record.Find(data, key) }

// describe shows a value in a message.
func describe(v schema.Value) string {
	if s := v.Text(); s != "" {
		return "\"" + s + "\""
	}
	return "value"
}

// adopt makes the layout the one that holds, unless it is the same. Indexes that stay are kept, others are built.
func (t *txn) adopt(source *graph.Layout) {
	if source.SameRules(t.layout.source) {
		if source.Model != t.layout.source.Model {
			renamed := *t.layout
			renamed.source, t.layout = source, &renamed
		}
		return
	}
	t.relaid = true
	old, oldIndexes := t.layout, t.indexes
	t.layout = t.compileLayout(source)
	t.ownTypes, t.ownPaths = false, false
	t.indexes = make([]index, len(t.layout.indexes))
	var missing []int
	for i := range t.layout.indexes {
		spec := &t.layout.indexes[i]
		have := slices.IndexFunc(old.indexes, func(o indexSpec) bool {
			return o.key == spec.key && slices.Equal(o.types, spec.types)
		})
		if have >= 0 {
			t.indexes[i] = oldIndexes[have]
		} else {
			missing = append(missing, i)
		}
	}
	t.buildIndexes(missing)
}

// checkAll tests everything stored against the layout.
func (t *txn) checkAll(c *conflicts) {
	var all []edge
	for row := range t.pages.n {
		e := t.pages.at(row)
		if e.data == "" || c.full() {
			continue
		}
		e.runs(0, inward, func(run []uint64) bool {
			for _, end := range run {
				one := edge{row, endRelation(end), endRow(end)}
				t.checkEdge(c, one)
				all = append(all, one)
			}
			return !c.full()
		})
	}
	if len(c.texts) == 0 {
		t.checkCycles(c, all)
	}
	for i := range t.layout.indexes {
		if t.layout.indexes[i].scope != "" {
			t.checkIndex(c, i)
		}
	}
}

// checkIndex tests a unique index by comparing neighbours.
func (t *txn) checkIndex(c *conflicts, i int) {
	key, last := t.indexes[i].key, entry{}
	var at cursor[entry]
	at.seek(t.indexes[i].tree, nil)
	for first := true; at.valid() && !c.full(); at.next() {
		e := at.item()
		if !first && e.hint == last.hint {
			if schema.Equal(record.Find(t.pages.at(e.row).data, key), record.Find(t.pages.at(last.row).data, key)) {
				t.checkValue(c, i, e.row, t.pages.at(e.row).data)
			}
		}
		last, first = e, false
	}
}
