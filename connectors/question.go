package connectors

import (
	"sync"
	"time"
)

// question is one thing to ask of a connector, planned and without its keys. Equal questions are one pointer while they
// are remembered, so that those who ask at the same time share.
type question[T any] struct {
	signature  string // empty for Latest, else unique; part of the name of each cached answer
	accept     Accept
	keyColumns []Column                                     // Records
	width      int                                          // keys in one request, 0 = no limit
	collect    func(keys []Key, now time.Time) collector[T] // takes the answers of one request
	refused    *Failure                                     // it cannot be asked
	stale      time.Duration                                // the connector's limit of age
}

// collector takes the answers of one request and judges them.
type collector[T any] interface {
	Sink
	// answer is what is known of a key, with the reason when it cannot be trusted.
	answer(key int) (T, *Failure)
	// settled says whether a key has its answer even when the request failed after it.
	settled(key int) bool
	// full says that the source sent more than is kept; nothing more is wanted.
	full() bool
}

// remembered is how many planned questions of one connector are kept.
const remembered = 256

// questions remembers planned questions by signature.
type questions struct {
	mu       sync.Mutex
	revision string
	bySign   map[string]any
}

// get returns the question with that signature, made by make when it is new or the connector changed.
func get[T any](qs *questions, revision, signature string, plan func() *question[T]) *question[T] {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	if qs.revision != revision || len(qs.bySign) >= remembered {
		qs.revision, qs.bySign = revision, nil
	}
	if q, ok := qs.bySign[signature].(*question[T]); ok {
		return q
	}
	if qs.bySign == nil {
		qs.bySign = map[string]any{}
	}
	q := plan()
	qs.bySign[signature] = q
	return q
}
