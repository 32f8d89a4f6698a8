package api

import (
	"errors"
	"sync/atomic"
)

// maxOwed is how many bytes a socket may owe its reader, in answers that were made and not taken: one for each of its
// operations at most. One answer alone may be larger.
const maxOwed = 32 << 20

// owed counts the bytes that one reader has not taken yet.
type owed struct {
	bytes atomic.Int64
	all   *atomic.Int64 // of all readers
	limit int64         // 0: none
}

var errOwed = errors.New("more answers wait than this reader takes")

// add counts bytes until taken is called. The error says that they are too many beside those that wait already.
func (o *owed) add(parts [][]byte) (taken func(), err error) {
	n := int64(0)
	for _, p := range parts {
		n += int64(len(p))
	}
	o.all.Add(n)
	if now := o.bytes.Add(n); o.limit > 0 && now > o.limit && now > n {
		err = errOwed
	}
	return func() { o.bytes.Add(-n); o.all.Add(-n) }, err
}
