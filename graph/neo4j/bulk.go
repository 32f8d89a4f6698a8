package neo4j

import (
	"context"
	"time"

	"mereon/graph/record"
)

// logMost is how large an entry of the change log may be, in bytes. What a load changed beyond that is not logged: who
// watches is told to read the graph anew.
const logMost = 8 << 20

const readLoad = `MATCH (m:@Meta {k: 'head'}) SET m._lock = $token
RETURN m.revision, m.layout, m.oldest, m.loading, coalesce(m.entities, 0), coalesce(m.touched, 0), timestamp(), coalesce(m.loadAt, 0), m.storage`

// bulk applies a change set that is too large for one transaction to a graph without entities. The same change set again
// goes on where it was cut off.
func (s *Store) bulk(ctx context.Context, r *request) error {
	w, at, err := s.emptyGraph(ctx, r)
	if err != nil {
		return err
	}
	id, set := digestOfSet(r.set), *r.set
	switch {
	case w.loading == id:
		set.At = time.Unix(0, at)
	case set.At.IsZero():
		set.At = s.options.Now()
	}
	before, err := w.p.snapshot(w.base, true)
	if err != nil {
		return err
	}
	next, effect, err := before.Next(&set, set.At)
	if err != nil {
		return err
	}
	if r.commit = effect.Commit; !effect.Changed || set.DryRun {
		return nil
	}
	d := effect.Delta()
	l := &load{store: s, id: id, layout: next.Layout(), delta: &d, base: w.base, tip: effect.Commit.Revision, at: set.At.UnixNano()}
	if len(d.Entities)+len(d.Relationships) < 2*s.options.MaxChanges {
		if data := record.AppendDelta(nil, &d); len(data) <= logMost {
			l.logs = append(l.logs, map[string]any{"revision": int64(l.tip), "at": effect.Commit.At.UnixMilli(), "data": data, "token": id})
		}
	}
	if effect.Key != "" {
		l.repeats = (&writing{token: id, repeats: []repeat{{effect.Key, effect.Commit}}}).repeatRows()
	}
	return l.run(ctx)
}

// emptyGraph reads what little a graph without entities holds; Limit when it holds some.
func (s *Store) emptyGraph(ctx context.Context, r *request) (w *writing, at int64, err error) {
	tx, err := s.begin(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer tx.end(ctx)
	w = &writing{store: s, tx: tx, token: newToken()}
	records, err := tx.ask(ctx, statement{text: readLoad}, map[string]any{"token": w.token})
	if err != nil {
		return nil, 0, err
	}
	if len(records) != 1 {
		return nil, 0, lostHead()
	}
	if err := w.readHead(records[0]); err != nil {
		return nil, 0, err
	}
	at, _ = records[0].Values[7].(int64)
	layout, err := s.layouts.layout(ctx, tx, w.layout)
	if err != nil {
		return nil, 0, err
	}
	w.p = newPatch(layout)
	if key := r.set.IdempotencyKey; key != "" {
		records, err := tx.ask(ctx, statement{text: readRepeats}, map[string]any{"repeats": []string{key}})
		if err != nil {
			return nil, 0, err
		}
		w.p.repeats = repeatsOf(records[0].Values[0])
	}
	if w.entities > 0 && len(w.p.repeats) == 0 {
		return nil, 0, tooLarge(s.options.MaxChanges)
	}
	w.needs = &needs{layout: layout}
	for _, a := range r.set.Artifacts {
		w.needs.artifacts = append(w.needs.artifacts, []string{string(a.Kind), a.Name})
	}
	return w, at, w.gatherArtifacts(ctx)
}

const readRepeats = `RETURN COLLECT { UNWIND $repeats AS key MATCH (x:@Repeat {key: key}) USING INDEX SEEK x:@Repeat(key) RETURN [x.key, x.commit] }`

// gatherArtifacts fetches the artifacts that are written.
func (w *writing) gatherArtifacts(ctx context.Context) error {
	artifacts, err := w.fetch.artifacts(ctx, w.needs.artifacts)
	seen := map[[2]string]bool{}
	for _, a := range artifacts {
		if k := [2]string{string(a.Kind), a.Name}; !seen[k] {
			seen[k] = true
			w.p.artifacts = append(w.p.artifacts, a)
		}
	}
	return err
}
