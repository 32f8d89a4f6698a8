package connectors

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
)

// ledger counts the requests for one question and remembers what the first of them asked.
type ledger struct {
	calls atomic.Int64
	asks  atomic.Pointer[string]
}

// maxAsks bounds what is remembered of a request, in bytes.
const maxAsks = 4000

func (b *ledger) told(text string) {
	if len(text) > maxAsks {
		text = strings.ToValidUTF8(text[:maxAsks], "") + "..."
	}
	if text != "" {
		b.asks.CompareAndSwap(nil, &text)
	}
}

func (b *ledger) asked() string {
	if text := b.asks.Load(); text != nil {
		return *text
	}
	return ""
}

// hold is a slot in use: it is given back once, by whoever is last.
type hold struct {
	slots slots
	lent  bool // a request that hangs keeps it
}

func (h *hold) release() {
	if !h.lent {
		h.slots.release()
	}
}

// batch is one request and its answer.
type batch[T any] struct {
	keys    []int // positions in the keys of the question
	taken   collector[T]
	failure *Failure // of the whole request
}

func (b *batch[T]) answer(i int) (T, *Failure) {
	if b.failure != nil && (b.taken == nil || !b.taken.settled(i)) {
		var none T
		return none, b.failure
	}
	return b.taken.answer(i)
}

// chunks divides the keys at positions left into requests of the width, and makes them: one after the other, or as many at
// one time as there are free slots.
func chunks[T any](ctx context.Context, l *link, q *question[T], keys []Key, left []int, calls *ledger, own *hold) []*batch[T] {
	width := q.width
	if width <= 0 {
		width = len(left)
	}
	var batches []*batch[T]
	for from := 0; from < len(left); from += width {
		batches = append(batches, &batch[T]{keys: left[from:min(from+width, len(left))]})
	}
	var next atomic.Int64
	work := func(h *hold) {
		for !h.lent {
			i := int(next.Add(1)) - 1
			if i >= len(batches) {
				return
			}
			fetch(ctx, l, q, keys, batches[i], calls, h)
		}
	}
	var helpers sync.WaitGroup
	for range len(batches) - 1 {
		if !l.slots.try() {
			break
		}
		helpers.Go(func() {
			h := &hold{slots: l.slots}
			defer h.release()
			work(h)
		})
	}
	work(own)
	helpers.Wait()
	for _, b := range batches {
		if b.taken == nil && b.failure == nil {
			b.failure = late(ctx)
		}
	}
	return batches
}
