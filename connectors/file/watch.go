package file

import (
	"context"
	"sync"
	"time"

	"mereon/connectors"
)

// push sends the newest values of its keys: when the file changed, and in a loop when the next row's time has come.
type push struct {
	of   *Connector
	out  connectors.WatchSink
	kick chan struct{}

	mu   sync.Mutex
	keys map[string]*pushing
	seen *index
	down bool
}

// pushing is one watched key.
type pushing struct {
	last time.Time // of the last value that was pushed
	due  time.Time // when the next one can come
}

// Watch pushes until ctx ends.
func (f *Connector) Watch(ctx context.Context, out connectors.WatchSink) (connectors.WatchSet, error) {
	if f.series == nil {
		return nil, &connectors.Failure{Status: connectors.Unsupported, Message: "this file connector has collections, no series"}
	}
	p := &push{of: f, out: out, kick: make(chan struct{}, 1), keys: map[string]*pushing{}}
	f.mu.Lock()
	f.pushes[p] = struct{}{}
	f.mu.Unlock()
	go p.run(ctx)
	return p, nil
}

// wake tells all pushes that a file changed.
func (f *Connector) wake() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for p := range f.pushes {
		p.wake()
	}
}

func (p *push) wake() {
	select {
	case p.kick <- struct{}{}:
	default:
	}
}

func (p *push) Add(keys ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, key := range keys {
		if _, ok := p.keys[key]; !ok {
			p.keys[key] = &pushing{}
		}
	}
	p.wake()
}

func (p *push) Remove(keys ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, key := range keys {
		delete(p.keys, key)
	}
}

const (
	idle    = time.Hour             // nothing to do until woken
	soonest = 10 * time.Millisecond // between two looks at a loop
	latest  = time.Second
)

func (p *push) run(ctx context.Context) {
	defer func() {
		p.of.mu.Lock()
		defer p.of.mu.Unlock()
		delete(p.of.pushes, p)
	}()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-p.kick:
		}
		timer.Reset(p.tick(ctx))
	}
}

// tick pushes what is new, and returns the time until something can be.
func (p *push) tick(ctx context.Context) time.Duration {
	i, err := p.of.series.current(ctx)
	if err != nil {
		if ctx.Err() == nil && !p.down {
			p.down = true
			p.out.Down(err)
		}
		return latest
	}
	defer i.release()
	if p.down {
		p.down = false
		p.out.Down(nil)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	wait := idle
	now := p.of.Now()
	changed := i != p.seen
	p.seen = i
	for key, k := range p.keys {
		at, known := i.refs[key]
		if !known || ctx.Err() != nil {
			continue
		}
		if changed || !k.due.After(now) {
			p.push(i, at, key, k, now)
		}
		wait = min(wait, max(soonest, k.due.Sub(now)))
	}
	return wait
}

func (p *push) push(i *index, at pointer, key string, k *pushing, now time.Time) {
	k.due = now.Add(idle)
	if p.of.replay.loop {
		k.due = now.Add(p.of.replay.next(i, at, now))
	}
	m, ok, err := p.of.replay.newest(i, at, now)
	if err == nil && ok && !m.Time.Equal(k.last) {
		k.last = m.Time
		p.out.Push(key, m)
	}
}
