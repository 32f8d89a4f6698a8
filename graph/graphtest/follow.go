package graphtest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema"
	"mereon/schema/fault"
)

// feedOf returns the store as one that can be copied; where it is none, the test is skipped.
func feedOf(t testing.TB, s graph.Store) record.Feed {
	t.Helper()
	feed, ok := s.(record.Feed)
	if !ok {
		s.Close()
		t.Skip("the store does not offer to be copied")
	}
	return feed
}

// testFollow runs random sequences and repeats their deltas on copies that start anywhere: each is equal to the model at
// every revision.
func testFollow(t *testing.T, c Config) {
	for seed := uint64(1); seed <= uint64(max(5, c.Sequences/10)) && !t.Failed(); seed++ {
		store := c.Open(t, t.TempDir())
		feed := feedOf(t, store)
		s := &sequence{t: t, store: store, g: &generator{Rand: rand.New(rand.NewPCG(seed, 11)), clock: time.Unix(1_700_000_000, 0).UTC(), m: newModel(), ids: 24}}
		models := []*model{s.g.m}
		l := layouts()[0]
		for n := range c.Steps {
			set := graph.ChangeSet{Layout: &l, At: s.g.clock}
			if n > 0 {
				set = s.g.changes()
			}
			s.apply(set)
			if s.g.m.revision > models[len(models)-1].revision {
				models = append(models, s.g.m)
			}
		}
		for _, from := range []int{0, len(models) / 3, len(models) - 1} {
			followFrom(t, feed, models, from)
		}
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
		store.Close()
	}
}

func followFrom(t *testing.T, feed record.Feed, models []*model, from int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	at, copied := from, models[from].clone()
	if from == len(models)-1 {
		return
	}
	for d, err := range feed.Follow(ctx, graph.Revision(from)) {
		if err != nil {
			t.Fatalf("Follow(%d) after %d: %v", from, at, err)
		}
		at++
		want := models[at]
		if diff := cmp.Diff(normal(want.log[at-1]), normal(d.Change)); diff != "" {
			t.Fatalf("Follow(%d): change %d -model +store:\n%s", from, at, diff)
		}
		if err := copied.absorb(&d); err != nil {
			t.Fatalf("Follow(%d): delta %d: %v", from, at, err)
		}
		if diff := copied.difference(want); diff != "" {
			t.Fatalf("Follow(%d): the copy after delta %d -copy +model:\n%s", from, at, diff)
		}
		if at == len(models)-1 {
			return
		}
	}
	t.Fatalf("Follow(%d) ended at %d of %d", from, at, len(models)-1)
}

// absorb repeats a delta, strictly: what it removes must be there, and it must say everything it changed.
func (m *model) absorb(d *record.Delta) error {
	for _, r := range d.Change.Relationships {
		if _, had := m.edges[edge{r.From, r.Relation, r.To}]; r.Removed && !had {
			return fmt.Errorf("removes %v, which is not there", r)
		} else if r.Removed {
			delete(m.edges, edge{r.From, r.Relation, r.To})
		}
	}
	for _, e := range d.Change.Entities {
		if have := m.entities[e.ID] != nil; have == (e.Op == graph.Create) {
			return fmt.Errorf("%v, and it being there is %t", e, have)
		}
		delete(m.entities, e.ID)
	}
	for _, e := range d.Entities {
		made := &thing{typ: e.Type, values: map[schema.Path]schema.Value{}, revision: e.Revision, created: e.Created, updated: e.Updated, origin: e.Origin, edited: e.Edited}
		for _, v := range e.Values {
			made.values[v.Path] = v.Value
		}
		m.entities[e.ID] = made
	}
	for _, r := range d.Relationships {
		held := props{}
		for _, p := range r.Props {
			held[p.Path] = p.Value
		}
		m.edges[edge{r.From, r.Relation, r.To}] = held
	}
	for _, a := range d.Change.Artifacts {
		delete(m.artifacts, artifactKey{a.Kind, a.Name})
	}
	for _, a := range d.Artifacts {
		if a.Revision != d.Change.Revision || a.Data == nil {
			return fmt.Errorf("artifact %s has the revision %d and data %v", a.Name, a.Revision, a.Data)
		}
		m.artifacts[artifactKey{a.Kind, a.Name}] = string(a.Data)
	}
	if d.Layout != nil {
		m.layout = *d.Layout
	}
	m.revision = d.Change.Revision
	return nil
}

// difference compares all that two models hold, "" when they are equal.
func (m *model) difference(want *model) string {
	return cmp.Diff(m.contents(), want.contents(), cmp.Comparer(identical))
}

func (m *model) contents() map[string]any {
	type relationship struct {
		From, To graph.EntityID
		Relation string
	}
	entities, edges := map[graph.EntityID]map[schema.Path]schema.Value{}, map[relationship]props{}
	for id := range m.entities {
		entities[id] = map[schema.Path]schema.Value{}
		for p, v := range m.entities[id].values {
			entities[id][p] = v
		}
		for _, p := range []schema.Path{"assetType", "revision", "createdAt", "updatedAt", "origin", "edited"} {
			entities[id]["column "+p] = m.value(id, p)
		}
	}
	for e, p := range m.edges {
		edges[relationship{e.from, e.to, e.relation}] = props{}
		maps.Copy(edges[relationship{e.from, e.to, e.relation}], p)
	}
	artifacts := map[string]string{}
	for k, data := range m.artifacts {
		artifacts[string(k.kind)+"/"+k.name] = data
	}
	return map[string]any{"revision": m.revision, "entities": entities, "relationships": edges, "artifacts": artifacts,
		"relations": m.layout.Relations, "unique": m.layout.Unique, "indexes": m.layout.Indexes, "model": m.layout.Model}
}

// testFollowWriters follows while writers run, from the beginning and from the middle, and sees errors where there are some.
func testFollowWriters(t *testing.T, c Config) {
	s := c.Open(t, t.TempDir())
	defer s.Close()
	feed := feedOf(t, s)
	const writers, each = 4, 20
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var running sync.WaitGroup
	for from := range graph.Revision(3) {
		running.Go(func() {
			at := from * 10
			for mustView(t, s).Revision() < at {
				time.Sleep(time.Millisecond)
			}
			for d, err := range feed.Follow(ctx, at) {
				if err != nil || d.Change.Revision != at+1 || len(d.Entities) != 1 || d.Entities[0].Revision != at+1 {
					t.Errorf("Follow: revision %d with %d entities after %d, %v", d.Change.Revision, len(d.Entities), at, err)
					return
				}
				if at = d.Change.Revision; at == writers*each {
					return
				}
			}
			t.Errorf("Follow ended at revision %d", at)
		})
	}
	for w := range writers {
		running.Go(func() {
			for n := range each {
				if _, err := s.Apply(ctx, entities(entity(graph.Create, graph.EntityID(fmt.Sprintf("w%d-%d", w, n))))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	for _, err := range feed.Follow(ctx, 9999) {
		if fault.CodeOf(err) != fault.Conflict {
			t.Errorf("Follow from a revision ahead = %v, want a conflict", err)
		}
	}
	s.Close()
	for _, err := range feed.Follow(ctx, 1) {
		if fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("Follow of a closed store = %v, want it unavailable", err)
		}
	}
}
