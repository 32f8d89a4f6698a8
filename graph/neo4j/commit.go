package neo4j

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/record"
	"mereon/schema/fault"
)

func lostHead() error {
	return fault.New(fault.Internal, "the graph in Neo4j has lost its revision: restore a backup")
}

func tooLarge(most int) error {
	return fault.New(fault.Limit, "the change set would change more than %d entities and relationships, which is what one transaction of Neo4j takes here: split it into several, raise store.maxChanges, or load it into an empty graph", most)
}

// repeat is a commit to remember by its idempotency key.
type repeat struct {
	key    string
	commit graph.Commit
}

// decide lets memory carry out the change sets one after the other, each on top of those before it; each is refused by
// itself.
func (w *writing) decide(ctx context.Context, group []*request) error {
	s, err := w.p.snapshot(w.base, true)
	if err != nil {
		return err
	}
	w.net = newNet(w.p)
	for _, r := range group {
		r.commit, r.err = graph.Commit{}, nil
		var next *memory.Snapshot
		var effect *memory.Effect
		if next, effect, r.err = s.Next(r.set, w.store.options.Now()); r.err != nil {
			continue
		}
		r.commit = effect.Commit
		if len(group) == 1 && effect.RowCount()+effect.EndCount() > w.store.options.MaxChanges {
			r.commit, r.err = graph.Commit{}, tooLarge(w.store.options.MaxChanges)
			continue
		}
		w.take(effect)
		s = next
	}
	return ctx.Err()
}

// clearLoad removes what a load left that was cut off; while it still runs, nobody else writes.
func (w *writing) clearLoad(ctx context.Context) error {
	if w.now-w.touched < w.store.options.alive.Milliseconds() {
		return errBusy()
	}
	return w.store.unload(ctx, w.tx)
}

// take notes what a change set did.
func (w *writing) take(f *memory.Effect) {
	if f.Key != "" {
		w.repeats = append(w.repeats, repeat{f.Key, f.Commit})
	}
	if !f.Changed {
		return
	}
	w.tip = f.Commit.Revision
	d := f.Delta()
	for _, e := range d.Change.Entities {
		switch e.Op {
		case graph.Create:
			w.entities++
		case graph.Delete:
			w.entities--
		}
	}
	w.deltas, w.at = append(w.deltas, record.AppendDelta(nil, &d)), f.Commit.At
	w.net.add(&d)
}

// What a group changed is written by these, all in one transaction. Nothing is overwritten: what was gets an end, what is
// gets a beginning.
const (
	writeNodes = `CALL { UNWIND $ends AS x WITH x, x.id AS id
  CALL { WITH id MATCH (s:@State) USING INDEX SEEK s:@State(id, _since) WHERE s.id = id AND s._since < $since
    RETURN s ORDER BY s.id DESC, s._since DESC LIMIT 1 }
  WITH x, s WHERE s._until = $forever SET s._until = $end, s._sheds = x.sheds, s._ended = $since }
CALL { UNWIND $made AS x MERGE (n:@Entity {id: x.id}) CREATE (n)-[:_state]->(s:@State) SET s = x }
` + writeEntries + writeTip
	writeEntries = `CALL { UNWIND $keyEnds AS x MATCH (k:@Key {key: x[0], id: x[1]}) USING INDEX SEEK k:@Key(key, id) WHERE k._until = $forever SET k._until = $end, k._ended = $since }
CALL { UNWIND $freed AS x MATCH (u:@Unique {value: x}) USING INDEX SEEK u:@Unique(value) DELETE u }
CALL { UNWIND $unsaid AS id
  CALL { WITH id MATCH (w:@Words) USING INDEX SEEK w:@Words(id, _since) WHERE w.id = id AND w._since < $since
    RETURN w ORDER BY w.id DESC, w._since DESC LIMIT 1 }
  WITH w WHERE w._until = $forever SET w._until = $end, w._ended = $since }
CALL { UNWIND $repeats AS x MERGE (r:@Repeat {key: x.key}) SET r = x }
` + makeEntries + "\n"
	writeTip = `CALL { UNWIND $logs AS x CREATE (l:@Log) SET l = x }
MATCH (m:@Meta {k: 'head'}) SET m.revision = $tip, m.entities = $entities`
	makeEntries = `CALL { UNWIND $keys AS x CREATE (:@Key {key: x.key, id: x.id, _since: $since, _until: $forever}) }
CALL { UNWIND $taken AS x CREATE (:@Unique {value: x}) }
CALL { UNWIND $said AS x CREATE (:@Words {id: x[0], words: x[1], _since: $since, _until: $forever}) }`
	writeTies = `UNWIND $rows AS x MATCH (a:@Entity {id: x[0]}) USING INDEX SEEK a:@Entity(id)
MATCH (b:@Entity {id: x[1]}) USING INDEX SEEK b:@Entity(id)
CREATE (a)-[:# {_since: $since, _until: $forever, _props: x[2]}]->(b)`
	endTies = `UNWIND $rows AS x MATCH (a:@Entity {id: x[0]})-[e:#]->(b:@Entity {id: x[1]})
USING INDEX SEEK a:@Entity(id) USING INDEX SEEK b:@Entity(id) WHERE e._until = $forever
SET e._until = $end`
	writeNames = `CALL { UNWIND $names AS x MATCH (f:@Artifact {kind: x[0], name: x[1]}) USING INDEX SEEK f:@Artifact(kind, name) WHERE f._until = $forever SET f._until = $end }
CALL { UNWIND $artifacts AS x CREATE (f:@Artifact) SET f = x }
CALL { UNWIND $layouts AS x MATCH (l:@Layout) WHERE l._until = $forever SET l._until = $end }
CALL { UNWIND $layouts AS x CREATE (:@Layout {_since: $since, _until: $forever, layout: x}) }
CALL { UNWIND $layouts AS x MATCH (m:@Meta {k: 'head'}) SET m.layout = $since }`
	pruneLog = `MATCH (m:@Meta {k: 'head'}) SET m.oldest = $oldest
WITH m MATCH (l:@Log) WHERE l.revision <= $oldest WITH l LIMIT 10000 DELETE l`
)

// write writes all that the group changed.
func (w *writing) write(ctx context.Context) error {
	since, with := w.base+1, w.with
	if _, err := w.tx.ask(ctx, statement{text: writeNodes}, w.nodes()); err != nil {
		return err
	}
	tieEnds, ties := w.net.ties()
	for _, typ := range slices.Sorted(maps.Keys(tieEnds)) {
		if _, err := w.tx.ask(ctx, statement{text: endTies, types: typ}, with(map[string]any{"rows": tieEnds[typ]})); err != nil {
			return err
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(ties)) {
		if _, err := w.tx.ask(ctx, statement{text: writeTies, types: typ}, with(map[string]any{"rows": ties[typ]})); err != nil {
			return err
		}
	}
	if len(w.net.artifacts) > 0 || w.net.layout != nil {
		names, artifacts := w.net.names(since)
		if _, err := w.tx.ask(ctx, statement{text: writeNames}, with(map[string]any{"names": names, "artifacts": artifacts, "layouts": w.net.layouts()})); err != nil {
			return err
		}
	}
	if w.store.prunes(&w.head, w.tip) {
		oldest := w.tip - graph.Revision(w.store.options.LogRevisions)
		_, err := w.tx.ask(ctx, statement{text: pruneLog}, map[string]any{"oldest": int64(oldest)})
		return err
	}
	return nil
}

// nodes are the parameters of writeNodes.
func (w *writing) nodes() map[string]any {
	p := w.entries(w.net.entries())
	p["ends"], p["made"] = w.net.states(w.base + 1)
	return w.tips(p)
}

// entries adds the parameters of writeEntries.
func (w *writing) entries(c *entryChanges) map[string]any {
	p := c.parameters()
	p["repeats"] = w.repeatRows()
	return p
}

// tips adds the parameters of writeTip.
func (w *writing) tips(p map[string]any) map[string]any {
	p["logs"], p["tip"], p["entities"] = w.logRows(), int64(w.tip), w.entities
	return w.with(p)
}

// with adds what all statements know that write a group.
func (w *writing) with(p map[string]any) map[string]any {
	p["since"], p["end"], p["forever"] = int64(w.base+1), endOf(w.base+1), forever
	return p
}

// prunes says whether the log is too long when a revision was written.
func (s *Store) prunes(h *head, tip graph.Revision) bool {
	return int(tip-h.oldest) > s.options.LogRevisions*5/4
}

func (w *writing) repeatRows() []map[string]any {
	rows := []map[string]any{}
	for _, r := range w.repeats {
		text, _ := json.Marshal(r.commit)
		rows = append(rows, map[string]any{"key": r.key, "commit": string(text), "at": r.commit.At.UnixMilli(), "token": w.token})
	}
	return rows
}

// names returns the artifacts to end and to make.
func (n *net) names(since graph.Revision) (ends [][]string, made []map[string]any) {
	for name, a := range n.artifacts {
		ends = append(ends, name[:])
		if a != nil {
			made = append(made, artifactRow(a, since))
		}
	}
	return ends, made
}

func artifactRow(a *record.Artifact, since graph.Revision) map[string]any {
	return map[string]any{"kind": string(a.Kind), "name": a.Name, "revision": int64(a.Revision), "size": int64(len(a.Data)), "data": a.Data,
		"_since": int64(since), "_until": forever}
}

func (n *net) layouts() []string {
	if n.layout == nil {
		return []string{}
	}
	text, _ := json.Marshal(n.layout)
	return []string{string(text)}
}
