package query

import (
	"context"
	"crypto/sha256"
	"math"
	"slices"
	"strconv"

	"github.com/oklog/ulid/v2"

	"mereon/graph"
	"mereon/schema/access"
	"mereon/schema/fault"
)

// maxKey is the length of an idempotency key in bytes.
const maxKey = 255

// keyOf returns the key under which the store remembers the change; "" for none. Keys of one caller are not those of
// another. A key of the whole request counts for each of its root fields.
func (m *mutation) keyOf(ctx context.Context, r Request, args map[string]any) (string, error) {
	if args["dryRun"] == true {
		return "", nil
	}
	own := textArgument(args, "idempotencyKey")
	switch {
	case len(own) > maxKey || len(r.IdempotencyKey) > maxKey:
		return "", fault.New(fault.Invalid, "an idempotency key has at most %d bytes; a UUID will do", maxKey)
	case own == "" && r.IdempotencyKey == "":
		return "", nil
	case own == "":
		own = r.IdempotencyKey + " " + m.merged.key
	}
	return strconv.Quote(access.FromContext(ctx).Name) + " " + own, nil
}

// newID returns the source of ids for entities that have none. With a key, a repeat makes the same ids.
func newID(key string) func() graph.EntityID {
	if key == "" {
		return func() graph.EntityID { return graph.EntityID(ulid.Make().String()) }
	}
	n := 0
	return func() graph.EntityID {
		n++
		sum := sha256.Sum256([]byte(strconv.Itoa(n) + " " + key))
		return graph.EntityID(ulid.ULID(sum[:16]).String())
	}
}

// repeated is the outcome of a change that was made before.
type repeated struct {
	ids    []graph.EntityID
	commit *appliedChange
}

// again answers a change that was made before under the key; done is false when it was not.
func (m *mutation) again(ctx context.Context, args map[string]any, key string) (_ repeated, done bool, _ error) {
	e := m.answer.engine
	commit, known, err := e.remembered(ctx, key)
	if err != nil || !known {
		return repeated{}, false, err
	}
	view, err := e.store.View(ctx)
	if err != nil {
		return repeated{}, false, err
	}
	defer view.Close()
	d := e.drafting(view, key) // for what the answer is about; its mistakes do not matter any more
	if err := m.draft(ctx, d, args); err != nil {
		return repeated{}, false, err
	}
	if err := d.fits(commit); err != nil {
		return repeated{}, false, err
	}
	applied := &appliedChange{Commit: commit, base: commit.Revision}
	if m.shows {
		applied.differences, err = namedOnly(ctx, view, &commit)
	}
	return repeated{d.subjects, applied}, true, err
}

// remembered asks the store for the commit of a key. A change set that no revision allows changes nothing: the store knows
// the key, or refuses.
func (e *Engine) remembered(ctx context.Context, key string) (graph.Commit, bool, error) {
	never := graph.Revision(math.MaxInt64)
	commit, err := e.store.Apply(ctx, graph.ChangeSet{IdempotencyKey: key, IfStore: &never, DryRun: true})
	switch {
	case err == nil:
		return commit, true, nil
	case fault.CodeOf(err) == fault.Conflict:
		return commit, false, nil
	}
	return commit, false, err
}

// fits refuses a commit that cannot be of this draft: its key was used for something else.
func (d *drafting) fits(c graph.Commit) error {
	for _, id := range d.made {
		if !slices.Contains(c.Created, id) && !d.removed[id] {
			return errKeyReused
		}
	}
	for id := range d.removed {
		if !slices.Contains(c.Deleted, id) && !slices.Contains(d.made, id) {
			return errKeyReused
		}
	}
	return nil
}

var errKeyReused = fault.New(fault.Conflict, "this idempotency key was used for another change; give every change a key of its own")
