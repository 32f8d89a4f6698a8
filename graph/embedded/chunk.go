package embedded

import (
	"encoding/binary"

	"mereon/graph/memory"
	"mereon/graph/record"

	bolt "go.etcd.io/bbolt"
)

// chunkWords is how many relationships one value holds at most, so that a change writes little also on an entity with
// very many.
const chunkWords = 256

// appendWords appends sorted words as differences.
func appendWords(dst []byte, words []uint64) []byte {
	last := uint64(0)
	for _, w := range words {
		dst = binary.AppendUvarint(dst, w-last)
		last = w
	}
	return dst
}

// readWords appends the words of a chunk to dst.
func readWords(dst []uint64, body string) ([]uint64, bool) {
	last := uint64(0)
	for body != "" {
		d, rest, ok := record.Uvarint(body)
		if !ok {
			return dst, false
		}
		last, body = last+d, rest
		dst = append(dst, last)
	}
	return dst, true
}

// edgeWriter keeps the chunks of outgoing relationships. A chunk is keyed by its row and a word not above its first;
// the next chunk of the row begins above its last.
type edgeWriter struct {
	bucket *bolt.Bucket
	words  []uint64
	key    []byte
}

// apply writes all changes of one row, sorted by word.
func (w *edgeWriter) apply(row uint32, changes []memory.EndState) error {
	for len(changes) > 0 {
		key, until, err := w.chunkOf(row, changes[0].Word)
		if err != nil {
			return err
		}
		n := 1
		for n < len(changes) && changes[n].Word < until {
			n++
		}
		w.merge(changes[:n])
		if err := w.put(row, key); err != nil {
			return err
		}
		changes = changes[n:]
	}
	return nil
}

// chunkOf reads the chunk that a word belongs to into w.words and returns its first word as keyed, and where the next
// chunk of the row begins.
func (w *edgeWriter) chunkOf(row uint32, word uint64) (first, until uint64, err error) {
	w.words = w.words[:0]
	c := w.bucket.Cursor()
	w.key = edgeKey(w.key[:0], row, word+1)
	until = 1<<64 - 1
	k, v := c.Seek(w.key)
	if k != nil && binary.BigEndian.Uint32(k) == row {
		until = binary.BigEndian.Uint64(k[4:])
	}
	if k == nil {
		k, v = c.Last()
	} else {
		k, v = c.Prev()
	}
	if k == nil || binary.BigEndian.Uint32(k) != row {
		return 0, until, nil
	}
	body, err := unseal(k, v)
	if err != nil {
		return 0, 0, err
	}
	w.words, _ = readWords(w.words, string(body))
	return binary.BigEndian.Uint64(k[4:]), until, nil
}

// merge applies sorted changes to w.words. Words that differ only in their lowest bit are the same relationship.
func (w *edgeWriter) merge(changes []memory.EndState) {
	merged := make([]uint64, 0, len(w.words)+len(changes))
	old := w.words
	for _, c := range changes {
		for len(old) > 0 && old[0]|1 < c.Word|1 {
			merged, old = append(merged, old[0]), old[1:]
		}
		if len(old) > 0 && old[0]|1 == c.Word|1 {
			old = old[1:]
		}
		if !c.Removed {
			merged = append(merged, c.Word)
		}
	}
	w.words = append(merged, old...)
}

// put writes w.words under key, in several chunks when there are too many; none deletes the key.
func (w *edgeWriter) put(row uint32, first uint64) error {
	if len(w.words) == 0 {
		return w.bucket.Delete(edgeKey(nil, row, first))
	}
	size := chunkWords
	if len(w.words) > chunkWords && len(w.words) < 2*chunkWords {
		size = (len(w.words) + 1) / 2
	}
	for from := 0; from < len(w.words); from += size {
		part := w.words[from:min(from+size, len(w.words))]
		if from > 0 {
			first = part[0] &^ 1
		}
		key := edgeKey(nil, row, first)
		if err := w.bucket.Put(key, seal(key, appendWords(make([]byte, 4, 4+3*len(part)), part))); err != nil {
			return err
		}
	}
	return nil
}
