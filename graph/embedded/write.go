package embedded

import (
	"encoding/binary"
	"slices"
	"strings"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/record"

	bolt "go.etcd.io/bbolt"
)

// writeChange puts what one change set did into the transaction.
func writeChange(tx *bolt.Tx, base, next *memory.Snapshot, f *memory.Effect) error {
	w := writer{tx: tx}
	w.names(base.Names(), next.Names())
	w.entities(f)
	w.edges(f)
	w.artifacts(f)
	main := tx.Bucket(bucketMain)
	if l := f.Layout(); l != nil {
		w.put(main, keyLayout, sealedJSON(keyLayout, l))
	}
	if f.Key != "" {
		w.put(tx.Bucket(bucketRepeats), []byte(f.Key), sealedJSON([]byte(f.Key), f.Commit))
	}
	for _, key := range f.Forgotten() {
		w.delete(tx.Bucket(bucketRepeats), []byte(key))
	}
	if f.Changed {
		key := revisionKey(f.Commit.Revision)
		log := tx.Bucket(bucketLog)
		log.FillPercent = 1
		w.put(log, key, seal(key, f.EncodeChange(make([]byte, 4, 256))))
	}
	w.put(main, keyState, sealedJSON(keyState, stateOf(next)))
	return w.err
}

// writer keeps the first error.
type writer struct {
	tx  *bolt.Tx
	err error
}

func (w *writer) put(b *bolt.Bucket, key, value []byte) {
	if w.err == nil {
		w.err = b.Put(key, value)
	}
}

func (w *writer) delete(b *bolt.Bucket, key []byte) {
	if w.err == nil {
		w.err = b.Delete(key)
	}
}

func (w *writer) names(old, now memory.Names) {
	w.texts(bucketTypes, old.Types, now.Types)
	w.texts(bucketRelations, old.Relations, now.Relations)
	w.texts(bucketPaths, old.Paths, now.Paths)
}

func (w *writer) texts(bucket []byte, old, now []string) {
	for n := len(old); n < len(now); n++ {
		key := numberKey(uint32(n))
		w.put(w.tx.Bucket(bucket), key, sealed(key, []byte(now[n])))
	}
}

// bulk is from how many changes on they are sorted by key first: bbolt is much faster then.
const bulk = 64

func (w *writer) entities(f *memory.Effect) {
	b := w.tx.Bucket(bucketEntities)
	rows := f.Rows()
	if f.RowCount() >= bulk {
		b.FillPercent = 0.9
		sorted := slices.Collect(rows)
		byID := func(a, b memory.RowState) int { return strings.Compare(a.ID, b.ID) }
		if !slices.IsSortedFunc(sorted, byID) {
			slices.SortFunc(sorted, byID)
		}
		rows = slices.Values(sorted)
	}
	for r := range rows {
		if key := []byte(r.ID); r.Removed {
			w.delete(b, key)
		} else {
			w.put(b, key, seal(key, appendRow(make([]byte, 0, 48+len(r.Fields)), &r)))
		}
	}
}

func (w *writer) edges(f *memory.Effect) {
	edges, props := edgeWriter{bucket: w.tx.Bucket(bucketEdges)}, w.tx.Bucket(bucketProps)
	if f.EndCount() >= bulk {
		edges.bucket.FillPercent = 0.9
	}
	var changes []memory.EndState
	flush := func() {
		if w.err == nil && len(changes) > 0 {
			w.err = edges.apply(changes[0].From, changes)
		}
		changes = changes[:0]
	}
	for e := range f.Ends() {
		if len(changes) > 0 && changes[0].From != e.From {
			flush()
		}
		changes = append(changes, e)
		key := edgeKey(nil, e.From, e.Word|1)
		if e.Props != "" {
			w.put(props, key, sealed(key, []byte(e.Props)))
		} else {
			w.delete(props, key)
		}
	}
	flush()
}

func (w *writer) artifacts(f *memory.Effect) {
	b := w.tx.Bucket(bucketArtifacts)
	for a := range f.Artifacts() {
		w.artifact(b, a)
	}
}

func (w *writer) artifact(b *bolt.Bucket, a record.Artifact) {
	key := artifactKey(a.Kind, a.Name)
	if a.Data == nil {
		w.delete(b, key)
		return
	}
	body := binary.AppendUvarint(make([]byte, 4, 16+len(a.Data)), uint64(a.Revision))
	w.put(b, key, seal(key, append(body, a.Data...)))
}

// prune deletes what the change log need not keep, a few entries for every one written.
func (s *Store) prune(tx *bolt.Tx, newest graph.Revision, written int) error {
	c := tx.Bucket(bucketLog).Cursor()
	for range 2*written + 2 {
		k, v := c.First()
		if k == nil || len(k) != 8 || !s.prunable(newest, k, v) {
			return nil
		}
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) prunable(newest graph.Revision, key, value []byte) bool {
	if newest-graph.Revision(binary.BigEndian.Uint64(key)) >= graph.Revision(s.options.LogRevisions) {
		return true
	}
	if s.options.LogAge <= 0 {
		return false
	}
	at, ok := record.ChangeTime(string(value[4:min(len(value), 64)]))
	return ok && s.options.Now().Sub(at) > s.options.LogAge
}
