package memory

import (
	"math"
	"slices"
	"unicode/utf8"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
	"mereon/schema/fault"
)

func conflict(format string, args ...any) error { return fault.New(fault.Conflict, format, args...) }
func invalid(format string, args ...any) error  { return fault.New(fault.Invalid, format, args...) }

func (t *txn) entity(c *graph.EntityChange) error {
	if err := checkChange(c); err != nil {
		return err
	}
	row, exists := t.row(string(c.ID))
	switch {
	case c.Op == graph.Create && exists:
		return conflict("entity %s exists already; update it, or choose another id", c.ID)
	case !exists && c.Op != graph.Create && c.Op != graph.Put:
		return fault.New(fault.NotFound, "there is no entity %s", c.ID)
	}
	if err := t.checkRevision(c, row, exists); err != nil {
		return err
	}
	switch {
	case c.Op == graph.Delete:
		return t.delete(row, c.Children)
	case !exists:
		t.create(c)
		return nil
	}
	return t.update(c, row)
}

func checkChange(c *graph.EntityChange) error {
	if n := utf8.RuneCountInString(string(c.ID)); n == 0 || n > 256 || !utf8.ValidString(string(c.ID)) {
		return invalid("the entity id %.40q is not valid: an id has 1 to 256 characters", c.ID)
	}
	if c.Op > graph.Retype {
		return invalid("entity %s: unknown operation %d", c.ID, c.Op)
	}
	if c.Type == "" && (c.Op == graph.Create || c.Op == graph.Put || c.Op == graph.Retype) {
		return invalid("entity %s: an asset type is needed", c.ID)
	}
	for _, v := range c.Values {
		if err := checkValue(c.ID, v); err != nil {
			return err
		}
	}
	return nil
}

func checkValue(id graph.EntityID, v graph.PathValue) error {
	if v.Path == "" || !graph.Settable(v.Path) {
		return invalid("entity %s: %q cannot be set", id, v.Path)
	}
	kind := v.Value.Kind()
	switch v.Path {
	case graph.ColumnName:
		if kind != schema.StringValue && kind != schema.NullValue {
			return invalid("entity %s: the name must be a text", id)
		}
	case graph.ColumnExternalIDs, graph.ColumnBindings, graph.ColumnRules, graph.ColumnSource:
		if kind != schema.JSONValue && kind != schema.NullValue {
			return invalid("entity %s: %s must be JSON", id, v.Path)
		}
	}
	if f := v.Value.Float(); kind == schema.FloatValue && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return invalid("entity %s: %s is not a finite number", id, v.Path)
	}
	return nil
}

func (t *txn) checkRevision(c *graph.EntityChange, row uint32, exists bool) error {
	if c.IfRevision == nil {
		return nil
	}
	at := graph.Revision(0)
	if exists {
		at = t.pages.at(row).revision
	}
	if at != *c.IfRevision {
		return conflict("entity %s is at revision %d, not %d: somebody changed it; read it again, then retry", c.ID, at, *c.IfRevision)
	}
	return nil
}

// origin says who writes an entity change.
func (t *txn) origin(of graph.Origin) graph.Origin {
	switch {
	case of != "":
		return of
	case t.set.Origin != "":
		return t.set.Origin
	}
	return graph.FromAPI
}

func (t *txn) create(c *graph.EntityChange) {
	row, again := t.deleted[string(c.ID)]
	if again {
		delete(t.deleted, string(c.ID))
	} else {
		row = t.newRow()
	}
	e := t.touch(row)
	e.flags |= fresh
	if t.origin(c.Origin) == graph.FromProject {
		e.flags |= ofProject
	}
	e.typ = t.typeNumber(string(c.Type))
	e.data = t.encode(string(c.ID), t.merge(nil, c.Values))
	word := t.idHash(string(c.ID)) | uint64(row)
	t.ids.insert(t.owner, word, findWord(word))
	t.rowsOf(e.typ).insert(t.owner, row, t.findID(string(c.ID)))
	t.live++
	if t.made != nil {
		t.made[string(c.ID)] = row
	}
	for _, i := range t.layout.indexesOf(e.typ) {
		t.addToIndex(i, row, e.data)
	}
}

func (t *txn) newRow() uint32 {
	var c cursor[uint32]
	c.seek(t.free, nil)
	if !c.valid() {
		row := t.pages.n
		t.pages.grow(t.owner, row)
		return row
	}
	row := c.item()
	t.free.remove(t.owner, func(rows []uint32) (int, bool) { return slices.BinarySearch(rows, row) })
	return row
}

func (t *txn) update(c *graph.EntityChange, row uint32) error {
	e := t.touch(row)
	origin := t.origin(c.Origin)
	e.wroteBy(origin)
	typ := e.typ
	switch c.Op {
	case graph.Put:
		if have := t.types.text(e.typ); have != string(c.Type) {
			return conflict("entity %s is a %s and cannot become a %s by a put; migrate it, or delete it first", c.ID, have, c.Type)
		}
		if origin == graph.FromProject {
			e.flags |= ofProject
		}
	case graph.Retype:
		typ = t.typeNumber(string(c.Type))
	}
	var fields []record.Field
	if c.Op != graph.Put {
		fields, _ = record.Fields(nil, e.data)
	}
	t.rewrite(row, e, typ, t.encode(string(c.ID), t.merge(fields, c.Values)))
	return nil
}

// merge sets values among sorted fields; null removes. A path given twice has its last value.
func (t *txn) merge(fields []record.Field, values []graph.PathValue) []record.Field {
	if fields == nil {
		fields = make([]record.Field, 0, len(values))
	}
	for _, v := range values {
		key := t.pathNumber(string(v.Path))
		i, found := len(fields), false
		if i > 0 && fields[i-1].Key >= key {
			i, found = slices.BinarySearchFunc(fields, key, func(f record.Field, key uint32) int { return order(f.Key, key) })
		}
		switch {
		case found && v.Value.IsNull():
			fields = slices.Delete(fields, i, i+1)
		case found:
			fields[i].Value = v.Value
		case !v.Value.IsNull():
			fields = slices.Insert(fields, i, record.Field{Key: key, Value: v.Value})
		}
	}
	return fields
}

func (t *txn) encode(id string, fields []record.Field) string {
	t.scratch = record.AppendEntity(t.scratch[:0], id, fields)
	return string(t.scratch)
}

// rewrite gives the entity another type and data and keeps the type rows and indexes right.
func (t *txn) rewrite(row uint32, e *entity, typ uint32, data string) {
	if typ == e.typ && data == e.data {
		return
	}
	old, oldType := e.data, e.typ
	var moved []int
	for _, i := range t.layout.indexesOf(oldType) {
		if typ != oldType || changed(old, data, t.layout.indexes[i].key) {
			t.dropFromIndex(i, row, old)
			moved = append(moved, i)
		}
	}
	e.data, e.typ = data, typ
	if typ != oldType {
		moved = t.layout.indexesOf(typ)
		find := t.findID(e.id())
		t.rowsOf(oldType).remove(t.owner, find)
		t.rowsOf(typ).insert(t.owner, row, find)
	}
	for _, i := range moved {
		t.addToIndex(i, row, data)
	}
}

func changed(old, now string, key uint32) bool {
	a, b := record.Find(old, key), record.Find(now, key)
	return !schema.Equal(a, b)
}

func (t *txn) addToIndex(i int, row uint32, data string) {
	if t.indexLater {
		return
	}
	if v := record.Find(data, t.indexes[i].key); !v.IsNull() {
		t.indexes[i].insert(t.owner, entry{hint(v), row}, t.place(t.indexes[i].key, v, record.ID(data)))
	}
}

func (t *txn) dropFromIndex(i int, row uint32, data string) {
	if t.indexLater {
		return
	}
	if v := record.Find(data, t.indexes[i].key); !v.IsNull() {
		t.indexes[i].remove(t.owner, t.place(t.indexes[i].key, v, record.ID(data)))
	}
}
