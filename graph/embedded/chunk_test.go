package embedded

import (
	"context"
	"fmt"
	"testing"

	bolt "go.etcd.io/bbolt"

	"mereon/graph"
	"mereon/schema"
)

func TestRelationshipsOfASupernodeAreStoredInChunks(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	s := mustOpen(t, dir)
	const degree = 5000
	set := graph.ChangeSet{Layout: &graph.Layout{Relations: []schema.Relation{{Name: "feeds"}}}, Entities: []graph.EntityChange{{ID: "hub", Type: "Hub"}}}
	for n := range degree {
		set.Entities = append(set.Entities, graph.EntityChange{ID: graph.EntityID(fmt.Sprint("p", n)), Type: "Pump"})
	}
	apply := func(set graph.ChangeSet) {
		t.Helper()
		if _, err := s.Apply(ctx, set); err != nil {
			t.Fatal(err)
		}
	}
	apply(set)
	change := func(op graph.RelationOp, from, step int) {
		set := graph.ChangeSet{}
		for n := from; n < degree; n += step {
			set.Relationships = append(set.Relationships, graph.RelationshipChange{Op: op, From: "hub", Relation: "feeds", To: graph.EntityID(fmt.Sprint("p", n))})
		}
		apply(set)
	}
	count := func() (n int) {
		v, _ := s.View(ctx)
		rows, _ := v.Lookup(ctx, []graph.EntityID{"hub"}, nil)
		b, err := v.Expand(ctx, graph.Expansion{From: rows.Rows, Steps: []graph.Step{{Relation: "feeds"}}, Count: true})
		if err != nil {
			t.Fatal(err)
		}
		return b.Totals[0]
	}
	change(graph.Relate, 0, 2)
	change(graph.Relate, 1, 2)
	for n := range 300 {
		apply(graph.ChangeSet{Relationships: []graph.RelationshipChange{{Op: graph.Unrelate, From: "hub", Relation: "feeds", To: graph.EntityID(fmt.Sprint("p", n*3))}}})
	}
	if got := count(); got != degree-300 {
		t.Errorf("%d relationships, want %d", got, degree-300)
	}
	longest, chunks := 0, 0
	s.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketEdges).ForEach(func(k, v []byte) error {
			body, err := unseal(k, v)
			words, ok := readWords(nil, string(body))
			if err != nil || !ok {
				t.Errorf("chunk %x: %v, %t", k, err, ok)
			}
			longest, chunks = max(longest, len(words)), chunks+1
			return nil
		})
	})
	if longest > chunkWords || chunks > 4*degree/chunkWords {
		t.Errorf("%d chunks, the longest of %d words; want at most %d words each", chunks, longest, chunkWords)
	}
	s.Close()
	s = mustOpen(t, dir)
	defer s.Close()
	if got := count(); got != degree-300 {
		t.Errorf("%d relationships after opening again, want %d", got, degree-300)
	}
	change(graph.Unrelate, 901, 1)
}
