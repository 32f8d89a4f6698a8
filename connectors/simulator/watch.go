package simulator

import (
	"context"
	"sync"
	"time"

	"mereon/connectors"
)

// watch pushes what is measured, at the period of each series.
type watch struct {
	of   *Simulator
	out  connectors.WatchSink
	kick chan struct{}

	mu   sync.Mutex
	keys map[string]*pushing
	down bool
}

// pushing is one watched key.
type pushing struct {
	series *series
	tick   int64 // the last one that was looked at
	last   time.Time
	gone   bool // in an outage
}

// Watch pushes until ctx ends.
func (s *Simulator) Watch(ctx context.Context, out connectors.WatchSink) (connectors.WatchSet, error) {
	w := &watch{of: s, out: out, kick: make(chan struct{}, 1), keys: map[string]*pushing{}}
	go w.run(ctx)
	return w, nil
}

func (w *watch) Add(keys ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, key := range keys {
		if s := w.of.bind(key); s != nil && w.keys[key] == nil {
			w.keys[key] = &pushing{series: s}
		}
	}
	select {
	case w.kick <- struct{}{}:
	default:
	}
}

func (w *watch) Remove(keys ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, key := range keys {
		delete(w.keys, key)
	}
}

func (w *watch) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-w.kick:
		}
		timer.Reset(w.tick(ctx))
	}
}

// tick pushes what is new, and returns the time until something can be.
func (w *watch) tick(ctx context.Context) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := w.of.now()
	now := at.UnixNano()
	_, _, down := anyActive(w.of.outages, "outage", now)
	if down != w.down {
		w.down = down
		w.out.Down(outage(down))
	}
	next := int64(time.Second)
	for key, p := range w.keys {
		if ctx.Err() != nil {
			return 0
		}
		next = min(next, (floor(now, p.series.period)+1)*p.series.period-now)
		if !down {
			w.push(key, p, now)
		}
	}
	return max(time.Duration(next), time.Millisecond)
}

func outage(down bool) error {
	if down {
		return errOutage()
	}
	return nil
}

func (w *watch) push(key string, p *pushing, now int64) {
	tick := floor(now, p.series.period)
	if tick == p.tick {
		return
	}
	p.tick = tick
	_, _, gone := anyActive(p.series.faults, "outage", now)
	if gone != p.gone {
		p.gone = gone
		w.out.Gap(key)
	}
	if gone {
		return
	}
	if m, ok := p.series.newest(now); ok && m.Time.After(p.last) {
		p.last = m.Time
		w.out.Push(key, m)
	}
}
