package connectors

import (
	"context"
	"time"
)

// push is the push of one connector: begun again after it broke, each time a little later.
type push struct {
	hub    *hub
	again  <-chan time.Time
	wait   time.Duration
	cancel context.CancelFunc
}

const (
	pushAgain     = 500 * time.Millisecond
	pushAgainMost = 30 * time.Second
)

func newPush(h *hub) *push { return &push{hub: h, wait: pushAgain} }

// start begins the push where the connector can, for all watched references.
func (p *push) start() {
	p.again = nil
	watcher, ok := p.hub.link.connector.(Watcher)
	if !ok {
		return
	}
	ctx, cancel := context.WithCancel(p.hub.link.ctx)
	p.cancel = cancel
	sink := &pushed{hub: p.hub, ctx: ctx}
	var set WatchSet
	err := p.hub.link.protect(func() (err error) {
		set, err = watcher.Watch(ctx, sink)
		return err
	})
	if err != nil {
		cancel()
		p.hub.link.complain(p.hub.link.classify(ctx, err, false))
		p.pause()
		return
	}
	p.hub.changing.Lock()
	defer p.hub.changing.Unlock()
	refs := p.hub.all()
	p.hub.mu.Lock()
	p.hub.set = set
	p.hub.mu.Unlock()
	set.Add(refs...)
}

// pause ends a broken push and begins it again later; meanwhile the references are polled.
func (p *push) pause() {
	p.end()
	p.again = time.After(p.wait)
	p.wait = min(2*p.wait, pushAgainMost)
}

func (p *push) end() {
	if p.cancel != nil {
		p.cancel()
	}
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	p.hub.set = nil
}

func (p *push) up() bool {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	return p.hub.set != nil && !p.hub.down
}

// pushed takes what a connector pushes, in one push.
type pushed struct {
	hub *hub
	ctx context.Context
}

func (s *pushed) Push(key string, m Measurement) {
	if s.ctx.Err() != nil {
		return
	}
	l := s.hub.link
	r := Reading{Measurement: m, Status: OK}
	now := l.now()
	if why := r.check(now); why != "" {
		r = failedReading(&Failure{Status: BadData, Message: why}, Reading{})
		l.stats.errors.Add(1)
		l.stats.note(l.runtime.options.Now(), why)
	} else {
		l.latest.learn(key, r)
	}
	age(&r, l.staleAfter(key, l.generalStale()), now)
	s.hub.push(key, r)
}

func (s *pushed) Gap(key string) {
	if s.ctx.Err() != nil {
		return
	}
	s.hub.link.latest.forget(key)
	s.hub.link.spawn(func() { s.hub.look([]string{key}) })
}

// Down: while a connector cannot push it tries to reach its source again itself; meanwhile the references are polled.
func (s *pushed) Down(err error) {
	if s.ctx.Err() != nil {
		return
	}
	s.hub.mu.Lock()
	s.hub.down = err != nil
	s.hub.mu.Unlock()
	if err == nil {
		s.hub.link.spawn(func() { s.hub.look(s.hub.all()) })
		return
	}
	f := s.hub.link.classify(s.ctx, err, false)
	s.hub.link.complain(f)
	for _, ref := range s.hub.all() {
		s.hub.push(ref, failedReading(f, Reading{}))
	}
}

// learn takes a pushed value into the cache, so that questions see it too.
func (l *lane[T]) learn(name string, value T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cache.put(l.cache.get([]byte(name)), value, time.Now())
}

func (l *lane[T]) forget(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cache.drop(name)
}

// staleAfter is the connector's own limit of age for a series; general is that of all its series.
func (l *link) staleAfter(key string, general time.Duration) time.Duration {
	if a, ok := l.connector.(Ager); ok {
		return a.StaleAfter(key)
	}
	return general
}

// generalStale is the limit for all series, as far as it is known.
func (l *link) generalStale() time.Duration {
	l.about.mu.Lock()
	defer l.about.mu.Unlock()
	if l.about.known == nil || l.about.known.Series == nil {
		return 0
	}
	return l.about.known.Series.StaleAfter
}
