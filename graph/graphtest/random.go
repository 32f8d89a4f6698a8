package graphtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mereon/graph"
	"mereon/schema"
	"mereon/schema/fault"
)

// sequence is one random run of a store beside the model.
type sequence struct {
	t     testing.TB
	g     *generator
	store graph.Store
	open  func() graph.Store // closes the store and opens it again; nil when it keeps nothing
	feed  []graph.Change
	trail string // what is done right now, for messages
	kinds int    // of questions that are asked; 0: each is new
}

// random runs sequences of steps; seeds follow each other.
func random(t *testing.T, c Config) {
	first, n := uint64(1), c.Sequences
	if s := os.Getenv("MEREON_SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("MEREON_SEED: %v", err)
		}
		first, n = seed, 1
	}
	for seed := first; seed < first+uint64(n) && !t.Failed(); seed++ {
		dir := t.TempDir()
		s := &sequence{t: t, store: c.Open(t, dir), g: &generator{Rand: rand.New(rand.NewPCG(seed, 7)), clock: time.Unix(1_700_000_000, 0).UTC(), m: newModel(), ids: 24}}
		if c.Durable {
			s.open = func() graph.Store {
				if err := s.store.Close(); err != nil {
					t.Fatal(err)
				}
				return c.Open(t, dir)
			}
		}
		crowd := 0
		if seed%20 == 0 {
			crowd = 700
		}
		s.run(c.Steps, crowd)
		if t.Failed() {
			t.Logf("seed %d: run it alone with MEREON_SEED=%d; %s", seed, seed, s.trail)
		}
		s.store.Close()
	}
}

func (s *sequence) run(steps, crowd int) {
	l := layouts()[0]
	s.apply(graph.ChangeSet{Layout: &l, At: s.g.clock})
	if crowd > 0 {
		s.g.ids = crowd
		s.apply(s.g.crowd(crowd))
	}
	for n := range steps {
		if s.t.Failed() {
			return
		}
		s.trail = fmt.Sprintf("step %d", n)
		s.apply(s.g.changes())
		for range 3 {
			s.ask()
		}
		if s.open != nil && s.g.IntN(15) == 0 {
			s.trail = fmt.Sprintf("step %d: reopened", n)
			s.store = s.open()
			s.ask()
		}
	}
	s.compareFeed()
	s.compareAll(s.store)
}

func (s *sequence) apply(set graph.ChangeSet) {
	if len(set.Entities) < 100 {
		s.trail += fmt.Sprintf("\napply %+v", set)
	}
	want, commit, refused := s.g.m.apply(&set)
	got, err := s.store.Apply(context.Background(), set)
	code := fault.Code("")
	if r, ok := errors.AsType[refusal](refused); ok {
		code = fault.Code(r)
	}
	if fault.CodeOf(err) != code {
		s.t.Errorf("Apply gave %q (%v), the model says %q", fault.CodeOf(err), err, code)
		return
	}
	if err != nil {
		return
	}
	if diff := cmp.Diff(normalCommit(commit), normalCommit(got)); diff != "" {
		s.t.Errorf("Apply: commit -model +store:\n%s", diff)
	}
	s.g.m = want
}

// compareFeed watches from the beginning and from a revision in the middle.
func (s *sequence) compareFeed() {
	log := s.g.m.log
	for _, from := range []int{0, len(log) / 2} {
		var got []graph.Change
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		for change, err := range s.store.Watch(ctx, graph.Revision(from)) {
			if err != nil {
				s.t.Fatalf("Watch(%d): %v", from, err)
			}
			if got = append(got, normal(change)); len(got) == len(log)-from {
				break
			}
		}
		cancel()
		for i := range got {
			if diff := cmp.Diff(normal(log[from+i]), got[i]); diff != "" {
				s.t.Fatalf("change %d after %d -model +store:\n%s", i, from, diff)
			}
		}
		if len(got) != len(log)-from {
			s.t.Fatalf("Watch(%d) gave %d changes, want %d", from, len(got), len(log)-from)
		}
		if len(log) == 0 {
			return
		}
	}
}

// compareAll reads everything.
func (s *sequence) compareAll(store graph.Store) {
	ctx := context.Background()
	v, err := store.View(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	defer v.Close()
	m := s.g.m
	if v.Revision() != m.revision {
		s.t.Errorf("Revision = %d, want %d", v.Revision(), m.revision)
	}
	b, err := v.Lookup(ctx, m.ids(), allColumns)
	if err != nil {
		s.t.Fatal(err)
	}
	for i, id := range m.ids() {
		for c, path := range allColumns {
			if got, want := b.Cell(c, i), m.value(id, path); !identical(got, want) {
				s.t.Errorf("%s.%s = %s, want %s", id, path, show(got), show(want))
			}
		}
		s.compareRelationships(v, id, b.Rows[i], "", graph.Both)
	}
	counts, want := map[schema.TypeName]int{}, map[schema.TypeName]int{}
	for _, e := range m.entities {
		want[e.typ]++
	}
	if counts, err = v.Counts(ctx); err != nil || !cmp.Equal(counts, want) {
		s.t.Errorf("Counts = %v, %v, want %v", counts, err, want)
	}
	s.compareArtifacts(v)
}

func (s *sequence) compareArtifacts(v graph.View) {
	ctx := context.Background()
	for _, kind := range []graph.ArtifactKind{graph.ArtifactModel, graph.ArtifactScene} {
		infos, err := v.Artifacts(ctx, kind)
		if err != nil {
			s.t.Fatal(err)
		}
		n := 0
		for k, data := range s.g.m.artifacts {
			if k.kind != kind {
				continue
			}
			n++
			if got, err := v.Artifact(ctx, k.kind, k.name); err != nil || string(got) != data {
				s.t.Errorf("Artifact(%v) = %q, %v, want %q", k, got, err, data)
			}
		}
		if len(infos) != n {
			s.t.Errorf("Artifacts(%s) = %v, want %d", kind, infos, n)
		}
	}
}

// identical compares also the kind: 1 and 1.0 are equal, but not the same value.
func identical(a, b schema.Value) bool { return a.Kind() == b.Kind() && schema.Equal(a, b) }

func show(v schema.Value) string {
	if l := v.List(); l != nil {
		texts := []string{}
		for _, e := range l {
			texts = append(texts, show(e))
		}
		return fmt.Sprint(texts)
	}
	return fmt.Sprintf("%d:%q/%d", v.Kind(), v.Text(), v.Int())
}

func (s *sequence) compareRelationships(v graph.View, id graph.EntityID, row graph.Row, relation string, direction graph.Direction) {
	got, err := v.Relationships(context.Background(), row, relation, direction)
	if err != nil {
		s.t.Fatal(err)
	}
	var want []string
	for k, p := range s.g.m.edges {
		if relation != "" && k.relation != relation {
			continue
		}
		if k.from == id && direction != graph.In {
			want = append(want, fmt.Sprintf("%s/%s/false/%d", k.relation, k.to, len(p)))
		}
		if k.to == id && direction != graph.Out {
			want = append(want, fmt.Sprintf("%s/%s/true/%d", k.relation, k.from, len(p)))
		}
	}
	slices.Sort(want)
	var have []string
	for _, r := range got {
		have = append(have, fmt.Sprintf("%s/%s/%t/%d", r.Relation, r.OtherID, r.Inverse, len(r.Props)))
	}
	if !slices.Equal(have, want) {
		s.t.Errorf("Relationships(%s, %q, %d) = %v, want %v", id, relation, direction, have, want)
	}
}
