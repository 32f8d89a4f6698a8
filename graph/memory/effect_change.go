package memory

import (
	"slices"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

// EncodeChange appends the entry of the change log (record.Change decodes it).
func (f *Effect) EncodeChange(dst []byte) []byte {
	if f.absorbed != nil {
		return record.AppendChange(dst, f.absorbed)
	}
	e := record.NewChange(dst, f.Commit.Revision, f.Commit.At, f.By, len(f.rows), len(f.edges), len(f.artifacts))
	var paths []string
	for i := range f.rows {
		r := &f.rows[i]
		now := f.next.pages.at(r.row)
		if r.op == graph.Delete {
			e.Entity(r.op, r.before.id(), f.next.types.text(r.before.typ), 0)
			continue
		}
		paths = paths[:0]
		if r.op != graph.Create {
			paths = f.changedPaths(paths, &r.before, now)
		}
		e.Entity(r.op, now.id(), f.next.types.text(now.typ), len(paths))
		for _, p := range paths {
			e.Path(p)
		}
	}
	for _, c := range f.edges {
		e.Relationship(c.removed, f.idAt(c.from), f.next.relations.text(c.relation), f.idAt(c.to))
	}
	for _, a := range f.artifacts {
		e.Artifact(string(a.kind), a.name, a.deleted)
	}
	return e.Bytes()
}

// idAt returns the id of a row that lives now or did before.
func (f *Effect) idAt(row uint32) string {
	if id := f.next.pages.at(row).id(); id != "" {
		return id
	}
	return f.base.pages.at(row).id()
}

// changedPaths appends the paths whose values differ, sorted, with the columns edited and origin.
func (f *Effect) changedPaths(dst []string, was, now *entity) []string {
	if was.data != now.data {
		old, _ := record.Fields(nil, was.data)
		fields, _ := record.Fields(nil, now.data)
		dst = f.diff(dst, old, fields)
	}
	if (was.flags^now.flags)&edited != 0 {
		dst = append(dst, string(graph.ColumnEdited))
	}
	if (was.flags^now.flags)&ofProject != 0 {
		dst = append(dst, string(graph.ColumnOrigin))
	}
	slices.Sort(dst)
	return dst
}

func (f *Effect) diff(dst []string, old, now []record.Field) []string {
	for len(old)+len(now) > 0 {
		switch {
		case len(now) == 0 || len(old) > 0 && old[0].Key < now[0].Key:
			dst, old = append(dst, f.next.paths.text(old[0].Key)), old[1:]
		case len(old) == 0 || now[0].Key < old[0].Key:
			dst, now = append(dst, f.next.paths.text(now[0].Key)), now[1:]
		default:
			if !same(old[0].Value, now[0].Value) {
				dst = append(dst, f.next.paths.text(now[0].Key))
			}
			old, now = old[1:], now[1:]
		}
	}
	return dst
}

// same compares also the kind: 1 and 1.0 are equal but not the same.
func same(a, b schema.Value) bool { return a.Kind() == b.Kind() && schema.Equal(a, b) }
