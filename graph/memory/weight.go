package memory

import (
	"unsafe"

	"mereon/graph/record"
)

// What one entity and one relationship take beside their data: their place in the pages, the id map, the rows of the type
// and two ordered indexes; and both ends with the room that slices and trees leave. Measured as about 270 bytes for an
// entity with 6 properties and 4 relationships.
const (
	entityOverhead = int64(unsafe.Sizeof(entity{})) + 64
	// RelationshipWeight is about the memory of one relationship without properties, in bytes.
	RelationshipWeight = 24
	propsOverhead      = 64
)

// EntityWeight estimates the memory that an entity takes in a snapshot, in bytes.
func EntityWeight(e *record.Entity) int64 {
	n := entityOverhead + int64(len(e.ID))
	for _, v := range e.Values {
		n += 10 + int64(len(v.Value.Text()))
	}
	return n
}

// Weight estimates the memory of the snapshot, in bytes. It looks at every entity, about 20 ms a million.
func (s *Snapshot) Weight() int64 {
	n := RelationshipWeight * int64(s.edges)
	for row := range s.pages.n {
		n += entityOverhead + int64(len(s.pages.at(row).data))
	}
	var p cursor[relProps]
	for p.seek(s.props, nil); p.valid(); p.next() {
		n += propsOverhead + int64(len(p.item().fields))
	}
	var a cursor[artifact]
	for a.seek(s.artifacts, nil); a.valid(); a.next() {
		n += int64(len(a.item().data))
	}
	return n
}
