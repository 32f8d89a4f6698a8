package embedded

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"runtime/debug"
	"unsafe"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/graph/record"
	"mereon/schema/fault"

	bolt "go.etcd.io/bbolt"
)

// load reads the whole graph out of the file.
func load(tx *bolt.Tx) (*memory.Snapshot, error) {
	return mistrust(func() (*memory.Snapshot, error) {
		l := fileLoader{tx: tx}
		return l.load()
	})
}

// mistrust reads from a file of which nothing is known. Whatever is wrong with the file becomes an error, also what makes
// bbolt panic or read beyond the file.
func mistrust[T any](read func() (T, error)) (result T, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fault.New(fault.Internal, "its pages do not fit together (%v)", r)
		}
	}()
	return read()
}

type fileLoader struct {
	tx     *bolt.Tx
	state  state
	layout graph.Layout
	loader *memory.Loader
}

func (l *fileLoader) load() (*memory.Snapshot, error) {
	main := l.tx.Bucket(bucketMain)
	if err := unsealJSON(keyState, main.Get(keyState), &l.state); err != nil {
		return nil, err
	}
	if err := unsealJSON(keyLayout, main.Get(keyLayout), &l.layout); err != nil {
		return nil, err
	}
	for _, name := range allBuckets() {
		if l.tx.Bucket(name) == nil {
			return nil, fault.New(fault.Internal, "its part %s is missing", name)
		}
	}
	names, err := l.names()
	if err != nil {
		return nil, err
	}
	l.loader = memory.NewRowLoader(names, l.state.Rows)
	for _, part := range []func() error{l.entities, l.props, l.artifacts, l.repeats, l.log} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	snapshot, err := l.finish()
	if err != nil {
		return nil, err
	}
	if have := stateOf(snapshot); have != l.state {
		return nil, fault.New(fault.Internal, "it holds %d entities and %d relationships where it says %d and %d",
			have.Entities, have.Relationships, l.state.Entities, l.state.Relationships)
	}
	return snapshot, nil
}

func unsealJSON(key, value []byte, into any) error {
	body, err := unseal(key, value)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// each walks a bucket, checking that keys ascend and values match their checksums.
func (l *fileLoader) each(bucket []byte, visit func(key, body []byte) error) error {
	var last []byte
	c := l.tx.Bucket(bucket).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if last != nil && bytes.Compare(last, k) >= 0 {
			return fault.New(fault.Internal, "its part %s is out of order", bucket)
		}
		last = k
		body, err := unseal(k, v)
		if err != nil {
			return err
		}
		if err := visit(k, body); err != nil {
			return err
		}
	}
	return nil
}

func (l *fileLoader) names() (n memory.Names, err error) {
	for _, list := range []struct {
		bucket []byte
		into   *[]string
		want   int
	}{{bucketTypes, &n.Types, l.state.Types}, {bucketRelations, &n.Relations, l.state.Relations}, {bucketPaths, &n.Paths, l.state.Paths}} {
		err := l.each(list.bucket, func(k, body []byte) error {
			*list.into = append(*list.into, string(body))
			return nil
		})
		if err != nil {
			return n, err
		}
		if len(*list.into) != list.want {
			return n, fault.New(fault.Internal, "its part %s holds %d names where it says %d", list.bucket, len(*list.into), list.want)
		}
	}
	return n, nil
}

// view reads bytes as a text without copying; it is used only while they do not change.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (l *fileLoader) entities() error {
	return l.each(bucketEntities, func(k, body []byte) error {
		r, ok := readRow(view(k), view(body))
		if !ok {
			return fault.New(fault.Internal, "the entity %q cannot be read", k)
		}
		return l.loader.AddRow(r)
	})
}

func (l *fileLoader) props() error {
	return l.each(bucketProps, func(k, body []byte) error {
		if len(k) != 12 {
			return fault.New(fault.Internal, "properties of a relationship are stored under a wrong key")
		}
		l.loader.AddProps(memory.EndState{From: binary.BigEndian.Uint32(k), Word: binary.BigEndian.Uint64(k[4:]), Props: string(body)})
		return nil
	})
}

func (l *fileLoader) artifacts() error {
	return l.each(bucketArtifacts, func(k, body []byte) error {
		kind, name, ok := bytes.Cut(k, []byte{0})
		revision, rest, ok2 := record.Uvarint(view(body))
		if !ok || !ok2 {
			return fault.New(fault.Internal, "the artifact %q cannot be read", k)
		}
		l.loader.Artifact(record.Artifact{Kind: graph.ArtifactKind(kind), Name: string(name), Revision: graph.Revision(revision), Data: append([]byte{}, rest...)})
		return nil
	})
}

func (l *fileLoader) repeats() error {
	return l.each(bucketRepeats, func(k, body []byte) error {
		var commit graph.Commit
		if err := json.Unmarshal(body, &commit); err != nil {
			return err
		}
		l.loader.AddRepeat(string(k), commit)
		return nil
	})
}

// log checks that the change log has no gap and ends at the revision of the file.
func (l *fileLoader) log() error {
	last := graph.Revision(0)
	err := l.each(bucketLog, func(k, _ []byte) error {
		r := graph.Revision(binary.BigEndian.Uint64(k))
		if last != 0 && r != last+1 {
			return fault.New(fault.Internal, "the change log has a gap after revision %d", last)
		}
		last = r
		return nil
	})
	if err == nil && last != 0 && last != l.state.Revision {
		return fault.New(fault.Internal, "the change log ends at revision %d and the graph at %d", last, l.state.Revision)
	}
	return err
}

// finish joins the relationships. Their words are checked once and decoded twice.
func (l *fileLoader) finish() (*memory.Snapshot, error) {
	var failed error
	var words []uint64
	snapshot, err := l.loader.FinishRows(l.state.Revision, &l.layout, func(yield func(memory.EndState) bool) {
		failed = l.each(bucketEdges, func(k, body []byte) (err error) {
			var ok bool
			if words, ok = readWords(words[:0], view(body)); !ok || len(k) != 12 {
				return fault.New(fault.Internal, "relationships cannot be read")
			}
			row := binary.BigEndian.Uint32(k)
			for _, w := range words {
				if !yield(memory.EndState{From: row, Word: w}) {
					return fault.New(fault.Internal, "relationships cannot be")
				}
			}
			return nil
		})
	})
	if failed != nil {
		return nil, failed
	}
	return snapshot, err
}
