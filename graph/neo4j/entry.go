package neo4j

import (
	"slices"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

// entry is what finds an entity by one of its values: a node of its own, so that a new model needs no new index in Neo4j.
type entry struct {
	key    string // the place of the index, then the sort key of the value
	unique bool   // no other living entity has it; never for values too long for a key
}

// uniquePlace and indexPlace begin the keys of an index.
func uniquePlace(u *graph.UniqueKey) string {
	return "u\x00" + string(u.Scope) + "\x00" + string(u.Path) + "\x00"
}
func indexPlace(path schema.Path) string { return "i\x00" + string(path) + "\x00" }

// keyed are the paths that indexes of a layout cover, for one asset type.
type keyed struct {
	path   schema.Path
	place  string
	unique bool
}

// placesOf lists the indexes that hold entities of a type.
func placesOf(l *graph.Layout, typ schema.TypeName) (places []keyed) {
	for i := range l.Unique {
		if u := &l.Unique[i]; slices.Contains(u.Types, typ) {
			places = append(places, keyed{u.Path, uniquePlace(u), true})
		}
	}
	for i := range l.Indexes {
		x := &l.Indexes[i]
		k := keyed{x.Path, indexPlace(x.Path), false}
		if slices.Contains(x.Types, typ) && !slices.Contains(places, k) {
			places = append(places, k)
		}
	}
	return places
}

// entriesOf lists the entries of an entity; nil has none.
func entriesOf(l *graph.Layout, e *record.Entity) (entries []entry) {
	if e == nil {
		return nil
	}
	for _, k := range placesOf(l, e.Type) {
		v := valueOf(e, k.path)
		if v.IsNull() {
			continue
		}
		key, whole := indexKey(v)
		entries = append(entries, entry{k.place + key, k.unique && whole})
	}
	return entries
}

func valueOf(e *record.Entity, path schema.Path) schema.Value {
	for i := range e.Values {
		if e.Values[i].Path == path {
			return e.Values[i].Value
		}
	}
	return schema.Null
}
