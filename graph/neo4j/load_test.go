package neo4j_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"mereon/graph"
	"mereon/graph/graphtest"
	"mereon/schema"
	"mereon/schema/fault"
)

func world(n int) graph.ChangeSet { return graphtest.World{Entities: n, Seed: 3}.All() }

func count(t *testing.T, s graph.Store) int {
	t.Helper()
	v, err := s.View(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	b, err := v.Select(context.Background(), graph.Selection{Count: true})
	if err != nil {
		t.Fatal(err)
	}
	return b.Totals[0]
}

func TestALoadIsInvisibleUntilItIsCompleteAndGoesOnWhereItWasCutOff(t *testing.T) {
	o, ctx := server(t), context.Background()
	o.MaxChanges = 100
	o.Loading(100, time.Minute)
	load, cut := context.WithCancel(ctx)
	batches := 0
	o.Trace(func(text string, _ map[string]any) {
		if strings.Contains(text, "SET s = x }\nCALL { UNWIND $keys") && !strings.Contains(text, "$logs") {
			if batches++; batches == 4 {
				cut()
			}
		}
	})
	s := openWith(t, t.TempDir(), o)
	set := world(600)
	set.IdempotencyKey = "the world"
	if _, err := s.Apply(load, set); fault.CodeOf(err) != fault.Timeout {
		t.Fatalf("Apply that is cut off = %v, want a timeout", err)
	}
	if n, err := s.Count(ctx, "State"); err != nil || n < 200 {
		t.Fatalf("%d states were written before the cut, %v", n, err)
	}
	if n := count(t, s); n != 0 {
		t.Errorf("%d entities of a load that is not complete are to be seen", n)
	}
	if _, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "x", Type: "Pump"}}}); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("Apply beside a load = %v, want it unavailable", err)
	}
	before := batches
	commit, err := s.Apply(ctx, set)
	if err != nil || commit.Revision != 1 || len(commit.Created) != 600 {
		t.Fatalf("the same load again = revision %d with %d entities, %v", commit.Revision, len(commit.Created), err)
	}
	if again := batches - before; again > 4 {
		t.Errorf("the load began anew: %d batches after %d", again, before)
	}
	if n := count(t, s); n != 600 {
		t.Errorf("%d entities are to be seen, want 600", n)
	}
	if twice, err := s.Apply(ctx, set); err != nil || twice.Revision != 1 {
		t.Errorf("the load with its idempotency key = revision %d, %v, want the first one", twice.Revision, err)
	}
	if _, err := s.Apply(ctx, world(700)); fault.CodeOf(err) != fault.Limit || !strings.Contains(err.Error(), "100") {
		t.Errorf("a large change set over data = %v, want a limit", err)
	}
}

func TestWhatALoadThatWasCutOffLeftIsClearedByTheNextWriter(t *testing.T) {
	o, ctx := server(t), context.Background()
	o.MaxChanges = 100
	o.Loading(100, time.Millisecond)
	load, cut := context.WithCancel(ctx)
	batches := 0
	o.Trace(func(text string, _ map[string]any) {
		if strings.Contains(text, "CALL { UNWIND $taken") && !strings.Contains(text, "$logs") {
			if batches++; batches == 3 {
				cut()
			}
		}
	})
	s := openWith(t, t.TempDir(), o)
	if _, err := s.Apply(load, world(600)); err == nil {
		t.Fatal("the load was not cut off")
	}
	time.Sleep(20 * time.Millisecond)
	l := graphtest.World{}.Layout()
	if _, err := s.Apply(ctx, graph.ChangeSet{Layout: l, Entities: []graph.EntityChange{{ID: "e0000001", Type: "Type00", Values: []graph.PathValue{{Path: "serial", Value: schema.StringOf("SN-00000000")}}}}}); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s); n != 1 {
		t.Errorf("%d entities are to be seen, want 1", n)
	}
	if n, _ := s.Count(ctx, "State"); n != 1 {
		t.Errorf("%d states are left, want 1", n)
	}
}

func TestBackupsMoveBetweenEmbeddedAndNeo4j(t *testing.T) {
	o, ctx := server(t), context.Background()
	from, middle, back := openEmbedded(t), openWith(t, t.TempDir(), o), openEmbedded(t)
	for n := range 20 {
		set := graph.ChangeSet{By: "ann", Origin: []graph.Origin{graph.FromAPI, graph.FromProject}[n%2]}
		if n == 0 {
			set = world(50)
			set.Artifacts = []graph.ArtifactChange{{Kind: graph.ArtifactScene, Name: "hall", Data: []byte("{}")}, {Kind: graph.ArtifactModel, Name: "m", Data: []byte{}}}
		}
		set.Entities = append(set.Entities, graph.EntityChange{ID: graph.EntityID(fmt.Sprint("more", n)), Type: "Type00", Values: []graph.PathValue{
			{Path: graph.ColumnExternalIDs, Value: schema.JSONOf(`{"sap":"7"}`)}, {Path: "number", Value: schema.DecimalOf("0.10")}}})
		if _, err := from.Apply(ctx, set); err != nil {
			t.Fatal(err)
		}
	}
	digest, _, err := from.PutBlob(ctx, strings.NewReader(strings.Repeat("glTF", 300_000)))
	if err != nil {
		t.Fatal(err)
	}
	first := backup(t, from)
	move(t, first, middle)
	move(t, backup(t, middle), back)
	if again := backup(t, back); sorted(t, first) != sorted(t, again) {
		t.Error("what came back is not what went")
	}
	for _, s := range []graph.Store{middle, back} {
		if r, err := s.Blob(ctx, digest); err != nil {
			t.Error(err)
		} else {
			r.Close()
		}
		commit, err := s.Apply(ctx, graph.ChangeSet{Entities: []graph.EntityChange{{ID: "after", Type: "Type00"}}})
		if err != nil || commit.Revision != 21 {
			t.Errorf("the commit after the move = revision %d, %v, want 21", commit.Revision, err)
		}
		for c, err := range s.Watch(ctx, 20) {
			if err != nil || c.Revision != 21 {
				t.Errorf("Watch(20) = revision %d, %v", c.Revision, err)
			}
			break
		}
	}
}

func backup(t *testing.T, s graph.Store) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := s.Backup(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func move(t *testing.T, stream []byte, to graph.Store) {
	t.Helper()
	if _, err := to.Restore(context.Background(), bytes.NewReader(stream)); err != nil {
		t.Fatal(err)
	}
}
