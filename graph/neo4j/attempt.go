package neo4j

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph"
	"mereon/schema/fault"
)

// writeGroup writes the change sets of a group, and tries again what failed in passing.
func (s *Store) writeGroup(group []*request) {
	ctx, cancel := s.groupContext(group)
	defer cancel()
	if c := group[0].set; len(group) == 1 && len(c.Entities)+len(c.Relationships) > s.options.MaxChanges {
		if err := s.bulk(ctx, group[0]); err != nil {
			group[0].commit, group[0].err = graph.Commit{}, failed(ctx, err)
		}
		return
	}
	started := time.Now()
	for try := 0; ; try++ {
		a := &attempt{store: s, group: group, token: newToken()}
		err := a.run(ctx)
		if err == nil {
			return
		}
		s.memory.forget()
		unsure := errors.Is(err, errUnsure)
		if unsure {
			var applied bool
			if applied, err = s.whatBecameOf(ctx, a); applied && err == nil {
				return
			}
		}
		retry, most := !a.committed && (err == nil || passing(err)), s.options.Retry
		if errors.Is(err, errHeld) {
			most += held
		}
		if !retry || time.Since(started) > most || !pause(ctx, min(time.Duration(try+1)*30*time.Millisecond, 500*time.Millisecond)) {
			if err == nil {
				err = fault.New(fault.Unavailable, "Neo4j went away while the change was written; nothing was changed: retry")
			}
			for _, r := range group {
				if r.err == nil {
					r.commit, r.err = graph.Commit{}, failed(ctx, err)
				}
			}
			return
		}
	}
}

// groupContext ends when all who wait have gone, or long after the retries.
func (s *Store) groupContext(group []*request) (context.Context, context.CancelFunc) {
	if c := group[0].set; len(group) == 1 && len(c.Entities)+len(c.Relationships) > s.options.MaxChanges {
		ctx, cancel := context.WithCancel(group[0].ctx) // a load may last, and may be given up: it goes on where it was
		stop := context.AfterFunc(s.live, cancel)
		return ctx, func() { stop(); cancel() }
	}
	limit := s.options.Retry + 2*time.Minute
	ctx, cancel := context.WithTimeout(s.live, limit)
	if len(group) == 1 {
		if deadline, ok := group[0].ctx.Deadline(); ok && time.Until(deadline) < limit {
			cancel()
			return context.WithDeadline(s.live, deadline)
		}
	}
	return ctx, cancel
}

func newToken() string {
	var b [12]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// errUnsure says that nobody knows whether a transaction was committed.
var errUnsure = errors.New("the connection was lost during the commit")

// attempt is one transaction that writes a group.
type attempt struct {
	store *Store
	group []*request
	token string
	tip   graph.Revision

	committed bool
}

// run does all of it: it takes the lock of writers, fetches what the change sets touch, lets memory decide, writes what
// changed and commits. Views of this process see the revision from then on; for the others it is published.
func (a *attempt) run(ctx context.Context) error {
	if done, err := a.writeRemembered(ctx); done || err != nil {
		return err
	}
	for _, r := range a.group { // what is remembered may be old: it is no reason to refuse anybody
		r.commit, r.err = graph.Commit{}, nil
	}
	tx, err := a.store.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.end(ctx)
	w := &writing{store: a.store, tx: tx, token: a.token}
	if err := w.lock(ctx, a.group); err != nil {
		return err
	}
	a.tip = w.base
	if err := w.decide(ctx, a.group); err != nil {
		return err
	}
	if w.tip == w.base && len(w.repeats) == 0 {
		tx.end(ctx)
		_, _ = a.store.newest(ctx) // who was refused for what another process did may look at it; the refusal is the answer
		return nil
	}
	if err := w.write(ctx); err != nil {
		return err
	}
	a.tip = w.tip
	if err := tx.commit(ctx); err != nil {
		if lost(err) || ctx.Err() != nil {
			return errUnsure
		}
		return err
	}
	if a.committed = true; w.tip > w.base {
		a.store.committed(w.tip)
	}
	a.store.memory.learn(w)
	return nil
}

// lost says that the server may have done what was asked although no answer came.
func lost(err error) bool {
	var answer *driver.Neo4jError
	return !errors.As(err, &answer)
}

const readWritten = `MATCH (m:@Meta {k: 'head'}) SET m._lock = '' WITH m
OPTIONAL MATCH (r:@Log {revision: $tip})
RETURN m.revision, r.token = $token OR EXISTS { UNWIND $keys AS key MATCH (k:@Repeat {key: key}) WHERE k.token = $token }`

// keys are the idempotency keys of the group.
func (a *attempt) keys() []string {
	keys := []string{}
	for _, r := range a.group {
		if key := r.set.IdempotencyKey; key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// whatBecameOf finds out whether an attempt whose commit was not answered was committed. It takes the lock of writers, so
// that the attempt has ended one way or the other.
func (s *Store) whatBecameOf(ctx context.Context, a *attempt) (applied bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.Retry+10*time.Second)
	defer cancel()
	started := time.Now()
	for try := 1; ; try++ {
		records, err := s.once(ctx, driver.AccessModeWrite, statement{text: readWritten}, map[string]any{"tip": int64(a.tip), "token": a.token, "keys": a.keys()})
		if err == nil && len(records) == 1 {
			if applied, _ = records[0].Values[1].(bool); !applied {
				return false, nil
			}
			a.committed = true
			head, _ := records[0].Values[0].(int64)
			s.committed(graph.Revision(head))
			return true, nil
		}
		if err != nil && !passing(err) || time.Since(started) > s.options.Retry || !pause(ctx, min(time.Duration(try)*50*time.Millisecond, time.Second)) {
			return false, fault.Wrap(fault.Unavailable, err, "Neo4j went away while the change was written, and whether it was is not known: look, or repeat it with an idempotency key")
		}
	}
}
