package neo4j

import (
	"bytes"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
)

func FuzzStates(f *testing.F) {
	f.Add([]byte{})
	f.Add(encodeState(&record.Entity{ID: "a", Type: "A", Revision: 7, Created: time.Unix(1, 2), Updated: time.Unix(3, 4), Origin: "api", Edited: true,
		Values: []graph.PathValue{{Path: "name", Value: schema.StringOf("Feed pump")}, {Path: "count", Value: schema.IntOf(3)}}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := decodeState("a", "A", string(data))
		if err != nil {
			return
		}
		first := encodeState(&e)
		again, err := decodeState("a", "A", string(first))
		if err != nil || !bytes.Equal(encodeState(&again), first) {
			t.Errorf("%q decoded and encoded is %q, and that is %+v, %v", data, first, again, err)
		}
	})
}
