package neo4j

import (
	"encoding/binary"
	"regexp"
	"time"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
	"mereon/schema/fault"
)

// stateVersion begins every encoded state.
const stateVersion = 1

const isEdited = 1

// encodeState writes all of an entity but its id and type, which stand beside it. Values lose nothing.
func encodeState(e *record.Entity) []byte {
	b := append(make([]byte, 0, 64), stateVersion)
	b = binary.AppendUvarint(b, uint64(e.Revision))
	b = binary.AppendVarint(b, e.Created.UnixNano())
	b = binary.AppendVarint(b, e.Updated.UnixNano())
	b = record.AppendText(b, string(e.Origin))
	flags := byte(0)
	if e.Edited {
		flags = isEdited
	}
	return encodeValues(append(b, flags), e.Values)
}

func encodeValues(b []byte, values []graph.PathValue) []byte {
	for _, v := range values {
		b = record.AppendValue(record.AppendText(b, string(v.Path)), v.Value)
	}
	return b
}

func damaged(what, name string) error {
	return fault.New(fault.Internal, "what Neo4j holds of %s %s is damaged or of a newer version", what, name)
}

func decodeState(id, typ, s string) (record.Entity, error) {
	e := record.Entity{ID: graph.EntityID(id), Type: schema.TypeName(typ)}
	if s == "" || s[0] != stateVersion {
		return e, damaged("entity", id)
	}
	revision, s, ok1 := record.Uvarint(s[1:])
	created, s, ok2 := record.Varint(s)
	updated, s, ok3 := record.Varint(s)
	origin, s, ok4 := record.Text(s)
	if !ok1 || !ok2 || !ok3 || !ok4 || s == "" {
		return e, damaged("entity", id)
	}
	e.Revision, e.Created, e.Updated = graph.Revision(revision), time.Unix(0, created).UTC(), time.Unix(0, updated).UTC()
	e.Origin, e.Edited = graph.Origin(origin), s[0]&isEdited != 0
	var ok bool
	if e.Values, ok = decodeValues(s[1:]); !ok {
		return e, damaged("entity", id)
	}
	return e, nil
}

func decodeValues(s string) (values []graph.PathValue, ok bool) {
	for s != "" {
		path, rest, ok := record.Text(s)
		if !ok {
			return nil, false
		}
		v, rest, ok := record.Value(rest)
		if !ok {
			return nil, false
		}
		values, s = append(values, graph.PathValue{Path: schema.Path(path), Value: v}), rest
	}
	return values, true
}

var plainPath = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.]{0,120}$`)

// pushed says whether conditions on a path can be left to Neo4j: its values stand as sort keys in a property of the
// same name.
func pushed(path schema.Path) bool {
	return plainPath.MatchString(string(path)) && graph.Settable(path)
}

// forever is where what is alive ends.
const forever = int64(1)<<62 - 1

// endOf is how _until says that something ended with a revision. It is as long in Neo4j's storage as forever, so that it is
// written over that in place: a value of another length is taken out and put in elsewhere, and who reads meanwhile may
// find none.
func endOf(r graph.Revision) int64 { return int64(1)<<61 + int64(r) }

// properties are those of a state node.
func properties(e *record.Entity, since graph.Revision) map[string]any {
	p := map[string]any{"id": string(e.ID), "assetType": string(e.Type), "_since": int64(since), "_until": forever, "_data": encodeState(e)}
	for _, path := range []schema.Path{graph.ColumnRevision, graph.ColumnCreatedAt, graph.ColumnUpdatedAt} {
		p[string(path)] = sortKey(cell(e, path))
	}
	for _, v := range e.Values {
		if pushed(v.Path) {
			p[string(v.Path)] = sortKey(v.Value)
		}
	}
	return p
}
