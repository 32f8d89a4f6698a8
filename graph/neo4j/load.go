package neo4j

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"mereon/graph"
	"mereon/graph/record"
	"mereon/schema/fault"
)

// load writes a whole graph into one that holds no entities. What is small goes in one transaction. What is large goes in
// several, of which nothing is to be seen until the last; one that was cut off goes on where it was when the same load
// comes again, and is cleared away when anything else comes.
type load struct {
	store  *Store
	id     string // the same for the same content
	layout *graph.Layout
	delta  *record.Delta
	base   graph.Revision
	tip    graph.Revision
	at     int64 // the time of the commit, in nanoseconds
	logs   []map[string]any

	repeats []map[string]any
}

// digestOf tells loads apart by what they hold.
func digestOf(kind string, write func(w io.Writer)) string {
	sum := sha256.New()
	write(sum)
	return kind + "-" + hex.EncodeToString(sum.Sum(nil))[:32]
}

// digestOfDelta is for whole graphs.
func digestOfDelta(d *record.Delta, tip graph.Revision) string {
	return digestOf("restore", func(w io.Writer) {
		for i := range d.Entities {
			e := &d.Entities[i]
			fmt.Fprintf(w, "%q %q %x\n", e.ID, e.Type, encodeState(e))
		}
		for i := range d.Relationships {
			r := &d.Relationships[i]
			fmt.Fprintf(w, "%q %q %q %x\n", r.From, r.Relation, r.To, encodeValues(nil, r.Props))
		}
		fmt.Fprint(w, tip)
	})
}

// digestOfSet is for change sets.
func digestOfSet(c *graph.ChangeSet) string {
	return digestOf("apply", func(w io.Writer) {
		for i := range c.Entities {
			e := &c.Entities[i]
			fmt.Fprintf(w, "%d %q %q %q %x\n", e.Op, e.ID, e.Type, e.Origin, encodeValues(nil, e.Values))
		}
		for i := range c.Relationships {
			r := &c.Relationships[i]
			fmt.Fprintf(w, "%d %q %q %q %x\n", r.Op, r.From, r.Relation, r.To, encodeValues(nil, r.Props))
		}
		for _, a := range c.Artifacts {
			fmt.Fprintf(w, "%q %q %x\n", a.Kind, a.Name, a.Data)
		}
		fmt.Fprint(w, c.By, c.Origin, c.IdempotencyKey)
	})
}

const (
	lockLoad = `MATCH (m:@Meta {k: 'head'}) SET m._lock = $id
RETURN m.revision, m.layout, m.oldest, m.loading, coalesce(m.entities, 0), coalesce(m.touched, 0), timestamp(), coalesce(m.done, 0), m.storage`
	noteLoad  = `MATCH (m:@Meta {k: 'head'}) SET m.loading = $id, m.done = $done, m.loadAt = $at, m.touched = timestamp()`
	loadNodes = `CALL { UNWIND $made AS x MERGE (n:@Entity {id: x.id}) CREATE (n)-[:_state]->(s:@State) SET s = x }
` + makeEntries
	endLoad = `CALL { UNWIND $logs AS x CREATE (l:@Log) SET l = x }
CALL { UNWIND $repeats AS x MERGE (r:@Repeat {key: x.key}) SET r = x }
MATCH (m:@Meta {k: 'head'}) SET m.revision = $tip, m.entities = $entities, m.oldest = $oldest, m.loading = null, m.done = null`
)

// errBusy says that another load is running.
func errBusy() error {
	return fault.New(fault.Unavailable, "the graph is being loaded by another process: wait until that is done")
}

func (l *load) refusal(at graph.Revision) error {
	if l.base == 0 {
		return notEmpty(at)
	}
	return fault.New(fault.Conflict, "the graph is at revision %d, not %d: somebody changed it while it was loaded; read again, then retry", at, l.base)
}

// run does it. What fails in passing is tried again, from where it was.
func (l *load) run(ctx context.Context) error {
	started, done := time.Now(), -1
	for try := 1; ; try++ {
		at, err := l.pass(ctx)
		if err == nil {
			return l.store.publish(ctx, l.tip)
		}
		if at > done {
			done, started, try = at, time.Now(), 1
		}
		if !(passing(err) || errors.Is(err, errUnsure)) || time.Since(started) > l.store.options.Retry || !pause(ctx, min(time.Duration(try)*100*time.Millisecond, time.Second)) {
			return failed(ctx, err)
		}
	}
}

// pass writes batch after batch; it returns how many are written.
func (l *load) pass(ctx context.Context) (done int, err error) {
	for {
		tx, err := l.store.begin(ctx)
		if err != nil {
			return done, err
		}
		var last bool
		done, last, err = l.batch(ctx, tx)
		tx.end(ctx)
		if err != nil || last {
			return done, err
		}
	}
}

// batch writes the next part in a transaction; last says that the graph is complete.
func (l *load) batch(ctx context.Context, tx *transaction) (done int, last bool, err error) {
	records, err := tx.ask(ctx, statement{text: lockLoad}, map[string]any{"id": l.id})
	if err != nil {
		return 0, false, err
	}
	if len(records) != 1 {
		return 0, false, lostHead()
	}
	w := &writing{store: l.store, tx: tx}
	if err := w.readHead(records[0]); err != nil {
		return 0, false, err
	}
	n, _ := records[0].Values[7].(int64)
	done = int(n)
	switch {
	case w.revision == l.tip && w.loading == "" && done == 0 && l.written(ctx, tx):
		return done, true, nil // it was committed although nobody heard of it
	case w.revision != l.base || w.entities > 0:
		return done, false, l.refusal(w.revision)
	case w.loading != l.id && w.loading != "" && w.now-w.touched < l.store.options.alive.Milliseconds():
		return done, false, errBusy()
	case w.loading != l.id && w.loading != "":
		if err := l.store.unload(ctx, tx); err != nil {
			return done, false, err
		}
		done = 0
	}
	if last, err = l.parts(ctx, tx, w, &done); err != nil {
		return done, false, err
	}
	if err := tx.commit(ctx); err != nil {
		if lost(err) {
			err = errUnsure
		}
		return done, false, err
	}
	return done, last, nil
}

const readLoaded = `MATCH (m:@Meta {k: 'head'}) RETURN m.loaded`

func (l *load) written(ctx context.Context, tx *transaction) bool {
	records, err := tx.ask(ctx, statement{text: readLoaded}, nil)
	if err != nil || len(records) != 1 {
		return false
	}
	id, _ := records[0].Values[0].(string)
	return id == l.id
}

// parts writes one batch, or all at once when that is little, and what completes the graph after the last.
func (l *load) parts(ctx context.Context, tx *transaction, w *writing, done *int) (last bool, err error) {
	entities, edges := len(l.delta.Entities), len(l.delta.Relationships)
	size := l.store.options.batch
	if entities+edges <= size {
		size = max(1, entities+edges)
	}
	for {
		from := *done * size
		if from >= entities+edges {
			return true, l.finish(ctx, tx, w)
		}
		if from < entities {
			err = l.entities(ctx, tx, l.delta.Entities[from:min(from+size, entities)])
		}
		if err == nil && from+size > entities {
			err = l.edges(ctx, tx, l.delta.Relationships[max(0, from-entities):min(from+size-entities, edges)])
		}
		if err != nil {
			return false, err
		}
		if *done++; *done*size < entities+edges {
			_, err = tx.ask(ctx, statement{text: noteLoad}, map[string]any{"id": l.id, "done": *done, "at": l.at})
			return false, err
		}
	}
}

func (l *load) since(p map[string]any) map[string]any {
	p["since"], p["end"], p["forever"] = int64(l.base+1), endOf(l.base+1), forever
	return p
}

func (l *load) entities(ctx context.Context, tx *transaction, some []record.Entity) error {
	made, changes := make([]map[string]any, 0, len(some)), entryChanges{}
	for i := range some {
		made = append(made, properties(&some[i], l.base+1))
		changes.between(some[i].ID, nil, entriesOf(l.layout, &some[i]))
		changes.words(nil, &some[i])
	}
	parameters := changes.parameters()
	parameters["made"] = made
	_, err := tx.ask(ctx, statement{text: loadNodes}, l.since(parameters))
	return err
}

func (l *load) edges(ctx context.Context, tx *transaction, some []record.Relationship) error {
	n := newNet(newPatch(l.layout))
	for i := range some {
		n.edges[edgeOf(&some[i])] = &some[i]
	}
	_, ties := n.ties()
	for typ, rows := range ties {
		if _, err := tx.ask(ctx, statement{text: writeTies, types: typ}, l.since(map[string]any{"rows": rows})); err != nil {
			return err
		}
	}
	return nil
}

const noteLoaded = `MATCH (m:@Meta {k: 'head'}) SET m.loaded = $id`

// finish writes what makes the graph complete.
func (l *load) finish(ctx context.Context, tx *transaction, w *writing) error {
	n := newNet(newPatch(l.layout))
	n.add(l.delta)
	n.layout = l.layout
	names, artifacts := n.names(l.base + 1)
	if _, err := tx.ask(ctx, statement{text: writeNames}, l.since(map[string]any{"names": names, "artifacts": artifacts, "layouts": n.layouts()})); err != nil {
		return err
	}
	oldest := w.oldest
	if len(l.logs) == 0 {
		oldest = l.tip
	}
	repeats := l.repeats
	if repeats == nil {
		repeats = []map[string]any{}
	}
	logs := l.logs
	if logs == nil {
		logs = []map[string]any{}
	}
	if _, err := tx.ask(ctx, statement{text: endLoad}, l.since(map[string]any{"tip": int64(l.tip), "entities": len(l.delta.Entities), "oldest": int64(oldest),
		"logs": logs, "repeats": repeats})); err != nil {
		return err
	}
	_, err := tx.ask(ctx, statement{text: noteLoaded}, map[string]any{"id": l.id})
	return err
}

const (
	unloadStates = `MATCH (s:@State) WHERE s._since > $tip WITH s LIMIT $most DETACH DELETE s RETURN count(*)`
	unloadKeys   = `MATCH (k:@Key) WHERE k._since > $tip WITH k LIMIT $most DELETE k RETURN count(*)`
	unloadWords  = `MATCH (w:@Words) WHERE w._since > $tip WITH w LIMIT $most DELETE w RETURN count(*)`
	unloadUnique = `MATCH (u:@Unique) WITH u LIMIT $most DELETE u RETURN count(*)`
	unloadRest   = `MATCH (n:@Entity) WHERE NOT EXISTS { (n)-[:_state]->() } WITH n LIMIT $most DETACH DELETE n RETURN count(*)`
	unloaded     = `MATCH (m:@Meta {k: 'head'}) SET m.loading = null, m.done = null`
)

// unload clears away what a load that was cut off has left. It holds the lock of writers; each part is a transaction of
// its own, so that its memory stays small.
func (s *Store) unload(ctx context.Context, tx *transaction) error {
	records, err := tx.ask(ctx, statement{text: readHeads}, nil)
	if err != nil {
		return err
	}
	tip, _ := records[0].Values[0].(int64)
	for _, text := range []string{unloadStates, unloadKeys, unloadWords, unloadUnique, unloadRest} {
		if err := s.cleanAll(ctx, text, map[string]any{"tip": tip, "most": cleanAtOnce}); err != nil {
			return err
		}
	}
	_, err = tx.ask(ctx, statement{text: unloaded}, nil)
	return err
}
