package connectors

import (
	"context"
	"sync"
	"time"
)

// lane answers one kind of question for one connector, key by key: a key that is on its way is shared, a fresh one comes
// from the cache, the others leave in one request. While a request waits for its slot, others may add keys to it.
type lane[T any] struct {
	link   *link
	failed func(f *Failure, last T) T // the answer for a failed key
	carry  func(value, last T) T      // keeps what an answer without a value lacks; nil: nothing

	mu      sync.Mutex
	cache   cache[T]
	waiting map[*question[T]]*flight[T] // requests that still take keys
	visit   uint64
	expired time.Time
}

// keys is a list of keys with a name each, unique within a question.
type keys interface {
	len() int
	name(i int, b []byte) []byte // appended to b
	key(i int) Key
}

// flight is one question on its way, for everybody who waits for one of its keys.
type flight[T any] struct {
	question *question[T]
	keys     []Key
	entries  []*entry[T]
	results  []T
	failures []*Failure
	calls    ledger
	done     chan struct{}
	people   int  // who wait; guarded by the lane
	left     bool // everybody left; guarded by the lane
	begun    time.Time
	ctx      context.Context
	cancel   context.CancelCauseFunc
}

func (l *lane[T]) open(link *link, ttl time.Duration, keep bool, failed func(*Failure, T) T, cost func(T) int) {
	l.link, l.failed = link, failed
	l.cache = cache[T]{ttl: ttl, keep: keep, cost: cost, entries: map[string]*entry[T]{}}
	l.waiting = map[*question[T]]*flight[T]{}
}

// wish is a key of a caller that comes with a flight.
type wish[T any] struct {
	at, index int
	flight    *flight[T]
}

// ask answers all keys by until. Results are positional.
func (l *lane[T]) ask(ctx context.Context, until time.Time, q *question[T], ks keys) Answer[T] {
	a := Answer[T]{Results: make([]T, ks.len()), FirstFailed: -1}
	flights, own, wishes, repeats := l.board(q, ks, &a)
	for _, f := range flights {
		l.wait(ctx, until, f)
	}
	if own != nil {
		a.Calls, a.Asks = int(own.calls.calls.Load()), own.calls.asked()
	}
	l.link.stats.keys.Add(int64(a.Keys))
	l.link.stats.shared.Add(int64(a.Cached))
	l.collect(&a, wishes)
	for _, r := range repeats {
		a.Results[r.at] = a.Results[r.index]
	}
	return a
}

// board sorts the keys: answered from the cache, sharing a flight, or starting one (own).
func (l *lane[T]) board(q *question[T], ks keys, a *Answer[T]) (flights []*flight[T], own *flight[T], wishes, repeats []wish[T]) {
	now := time.Now()
	var name []byte
	l.mu.Lock()
	defer l.mu.Unlock()
	l.visit++
	if now.Sub(l.expired) > 10*time.Second {
		l.cache.expire(now)
		l.expired = now
	}
	joined := func(f *flight[T]) {
		for _, have := range flights {
			if have == f {
				return
			}
		}
		f.people++
		flights = append(flights, f)
	}
	for i := range ks.len() {
		name = ks.name(i, name[:0])
		e := l.cache.get(name)
		if e.visited == l.visit {
			repeats = append(repeats, wish[T]{at: i, index: e.first})
			continue
		}
		e.visited, e.first = l.visit, i
		a.Keys++
		if e.flight != nil && e.flight.left {
			e.flight = nil
		}
		if e.flight == nil && e.known && now.Before(e.fresh) {
			a.Results[i] = e.value
			a.Cached++
			continue
		}
		if e.flight == nil {
			f := l.waiting[q]
			if f == nil {
				f = l.start(q)
				own = f
			} else if f != own {
				a.Cached++
			}
			e.flight, e.index = f, len(f.keys)
			f.keys = append(f.keys, ks.key(i))
			f.entries = append(f.entries, e)
		} else {
			a.Cached++
		}
		joined(e.flight)
		wishes = append(wishes, wish[T]{i, e.index, e.flight})
	}
	l.cache.sweep(now)
	return flights, own, wishes, repeats
}

// start begins a flight; it takes keys until it has a slot, at least until the lane is unlocked.
func (l *lane[T]) start(q *question[T]) *flight[T] {
	f := &flight[T]{question: q, done: make(chan struct{}), begun: time.Now()}
	timed, stop := context.WithTimeout(l.link.ctx, l.link.limits.Deadline)
	f.ctx, f.cancel = context.WithCancelCause(timed)
	l.waiting[q] = f
	l.link.spawn(func() {
		defer stop()
		l.fly(f)
	})
	return f
}

func (l *lane[T]) fly(f *flight[T]) {
	refused := l.link.slots.acquire(f.ctx)
	l.mu.Lock()
	delete(l.waiting, f.question)
	l.mu.Unlock()
	if refused != nil {
		f.results, f.failures = make([]T, len(f.keys)), make([]*Failure, len(f.keys))
		for i := range f.failures {
			f.failures[i] = refused
		}
		l.link.complain(refused)
	} else {
		f.results, f.failures = guarded(f.ctx, l.link, f.question, f.keys, &f.calls)
	}
	l.land(f)
}

// land stores the answers and wakes everybody.
func (l *lane[T]) land(f *flight[T]) {
	now := time.Now()
	l.mu.Lock()
	for i, e := range f.entries {
		if f.failures[i] == nil {
			if l.carry != nil && e.known {
				f.results[i] = l.carry(f.results[i], e.value)
			}
			l.cache.put(e, f.results[i], now)
		} else {
			f.results[i] = l.failed(f.failures[i], e.value)
		}
		if e.flight == f {
			e.flight = nil
		}
	}
	l.mu.Unlock()
	close(f.done)
}

// wait waits for a flight until the caller's time is up; the last who leaves ends it.
func (l *lane[T]) wait(ctx context.Context, until time.Time, f *flight[T]) {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-f.done:
	case <-timer.C:
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if f.people--; f.people == 0 {
		f.left = true
		f.cancel(l.cause(f))
		if l.waiting[f.question] == f {
			delete(l.waiting, f.question)
		}
	}
}

// cause says why a flight is ended: a deadline counts against the source, a caller who left does not.
func (l *lane[T]) cause(f *flight[T]) error {
	if time.Since(f.begun) >= l.link.limits.Deadline*9/10 {
		return context.DeadlineExceeded
	}
	return context.Canceled
}

// collect takes the results of flights that landed; what did not is a TIMEOUT.
func (l *lane[T]) collect(a *Answer[T], wishes []wish[T]) {
	for _, w := range wishes {
		var failure *Failure
		select {
		case <-w.flight.done:
			a.Results[w.at], failure = w.flight.results[w.index], w.flight.failures[w.index]
		default:
			failure = &Failure{Status: TimedOut, Message: "no answer within the deadline"}
			l.mu.Lock()
			last := w.flight.entries[w.index].value
			l.mu.Unlock()
			a.Results[w.at] = l.failed(failure, last)
		}
		if failure != nil {
			if a.FailedKeys++; a.Failure == nil {
				a.Failure, a.FirstFailed = failure, w.at
			}
		}
	}
}
