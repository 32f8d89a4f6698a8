package memory

import (
	"bytes"
	"slices"
	"time"

	"mereon/graph"
)

// artifactOp says that an artifact was written or deleted.
type artifactOp struct {
	kind    graph.ArtifactKind
	name    string
	deleted bool
}

func (t *txn) artifact(c graph.ArtifactChange) error {
	if c.Kind == "" || c.Name == "" {
		return invalid("an artifact needs a kind and a name, not %q and %q", c.Kind, c.Name)
	}
	a := artifact{kind: c.Kind, name: c.Name, revision: t.base.revision + 1}
	have, exists := t.artifacts.find(findBy(a))
	if c.Data == nil {
		if exists {
			t.artifacts.remove(t.owner, findBy(a))
			t.wrote(a)
		}
		return nil
	}
	if exists && bytes.Equal(have.data, c.Data) {
		return nil
	}
	a.data = bytes.Clone(c.Data)
	if a.data == nil {
		a.data = []byte{}
	}
	if before, had := t.base.artifacts.find(findBy(a)); had && bytes.Equal(before.data, a.data) {
		a = before
	}
	t.artifacts.insert(t.owner, a, findBy(a))
	t.wrote(a)
	return nil
}

// wrote notes the net change of an artifact against the version before.
func (t *txn) wrote(a artifact) {
	before, had := t.base.artifacts.find(findBy(a))
	now, has := t.artifacts.find(findBy(a))
	t.written = slices.DeleteFunc(t.written, func(o artifactOp) bool { return o.kind == a.kind && o.name == a.name })
	if had != has || has && !bytes.Equal(before.data, now.data) {
		t.written = append(t.written, artifactOp{a.kind, a.name, !has})
	}
}

// repeat remembers the commit of an idempotency key.
type repeat struct {
	key    string
	commit *graph.Commit
}

// RepeatsKept is how long a commit is remembered by its idempotency key.
const RepeatsKept = 25 * time.Hour

func (r repeat) compare(o repeat) int {
	switch {
	case r.key < o.key:
		return -1
	case r.key > o.key:
		return 1
	}
	return 0
}

func (s *Snapshot) repeated(key string) *graph.Commit {
	if key == "" {
		return nil
	}
	r, found := s.repeats.find(findBy(repeat{key: key}))
	if !found {
		return nil
	}
	return r.commit
}

// remember keeps the commit under its idempotency key and forgets a few that are too old.
func (t *txn) remember(f *Effect) {
	if f.Key == "" {
		return
	}
	commit := f.Commit
	r := repeat{f.Key, &commit}
	t.repeats.insert(t.owner, r, findBy(r))
	var old []repeat
	var c cursor[repeat]
	c.seek(t.repeats, findBy(r))
	for n := 0; c.valid() && n < 8; n++ {
		if t.at.Sub(c.item().commit.At) > RepeatsKept {
			old = append(old, c.item())
		}
		c.next()
	}
	for _, o := range old {
		t.repeats.remove(t.owner, findBy(o))
		f.forgotten = append(f.forgotten, o.key)
	}
}
