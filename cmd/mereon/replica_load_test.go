package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// workload are clients that create pumps, each one after the other and never the same twice, that rename pump-1, and that read.
type workload struct {
	t            *testing.T
	base         string
	mu           sync.Mutex
	acknowledged []string
	failures     []failure
	acks         atomic.Int64
	stop         context.CancelFunc
	all          sync.WaitGroup
}

// failure is a request that was not answered as it should, and when it ran.
type failure struct {
	from, to time.Time
	answer   string
}

func startLoad(t *testing.T, base string, writers int) *workload {
	ctx, cancel := context.WithCancel(context.Background())
	l := &workload{t: t, base: base, stop: cancel}
	client := func(request func(n int) (query, want, id string)) {
		l.all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				l.ask(request(n))
			}
		})
	}
	for w := range writers {
		client(func(n int) (string, string, string) {
			id := fmt.Sprintf("p-%d-%d", w, n)
			return fmt.Sprintf(`mutation { createPump(input: {id: %q, name: "New", serialNumber: %q}) { id } }`, id, "S-"+id), fmt.Sprintf(`{"data":{"createPump":{"id":%q}}}`, id), id
		})
	}
	client(func(n int) (string, string, string) {
		return fmt.Sprintf(`mutation { updatePump(id: "pump-1", set: {name: "N%d"}) { name } }`, n), fmt.Sprintf(`{"data":{"updatePump":{"name":"N%d"}}}`, n), ""
	})
	client(func(int) (string, string, string) {
		return `{ pump(id: "pump-2") { serialNumber } }`, `{"data":{"pump":{"serialNumber":"P-2"}}}`, ""
	})
	t.Cleanup(cancel)
	return l
}

// ask sends one request and notes what came of it.
func (l *workload) ask(query, want, id string) {
	from := time.Now()
	answer := answerOf(l.base, query)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case answer != want:
		l.t.Logf("%s failed: %s", query, answer)
		l.failures = append(l.failures, failure{from, time.Now(), answer})
	case id != "":
		l.acknowledged = append(l.acknowledged, id)
		l.acks.Add(1)
	}
}

// failed takes the failures so far, which must have been in flight at some time between two others.
func (l *workload) failed(after, before time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.failures {
		if f.from.After(before) || f.to.Before(after) {
			l.t.Errorf("a request failed that was not in flight when a server went: %s", f.answer)
		}
	}
	n := len(l.failures)
	l.failures = nil
	return n
}

func (l *workload) until(more int64) {
	l.t.Helper()
	acks := l.acks.Load() + more
	soon(l.t, fmt.Sprintf("%d acknowledged creations", acks), func() bool { return l.acks.Load() >= acks })
}

func (l *workload) end() {
	l.stop()
	l.all.Wait()
}

// soon waits for what comes by itself.
func soon(t *testing.T, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(3 * time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("not within three minutes: %s", what)
		}
	}
}
