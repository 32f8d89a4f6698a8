package connectors

import (
	"context"
	"sync"
	"time"

	"mereon/schema"
)

// link is one connector with everything that protects it and those who ask.
type link struct {
	name, kind string
	connector  Connector
	limits     Limits
	runtime    *Runtime
	redact     func(string) string
	stats      stats
	budget     *budget
	slots      slots
	breaker    *breaker
	retry      retry
	about      description
	questions  questions
	latest     lane[Reading]
	history    lane[Range]
	records    lane[Rows]
	hub        hub

	ctx     context.Context // ends with the runtime
	cancel  context.CancelFunc
	ending  sync.Mutex
	closing bool
	work    sync.WaitGroup
}

func newLink(name, kind string, c Connector, limits Limits, r *Runtime) *link {
	l := &link{name: name, kind: kind, connector: c, limits: limits, runtime: r, redact: func(s string) string { return s },
		budget: newBudget(limits), slots: newSlots(limits.Concurrency), breaker: newBreaker(), retry: newRetry(limits)}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.latest.open(l, *limits.Cache, true, failedReading, func(Reading) int { return 1 })
	l.latest.carry = carryTime
	l.history.open(l, *limits.Cache, false, failedRange, func(r Range) int { return 1 + len(r.Measurements) })
	l.records.open(l, *limits.Cache, false, failedRows, func(r Rows) int { return 1 + len(r.Cells) })
	l.hub.open(l)
	return l
}

// spawn runs work that close waits for; what is begun after that is not waited for.
func (l *link) spawn(work func()) {
	l.ending.Lock()
	defer l.ending.Unlock()
	if l.closing {
		go work()
		return
	}
	l.work.Go(work)
}

// now is the connector's clock.
func (l *link) now() time.Time {
	if c, ok := l.connector.(Clock); ok {
		return c.Now().UTC()
	}
	return l.runtime.options.Now().UTC()
}

// close ends all work of the link, then the connector.
func (l *link) close(ctx context.Context) error {
	l.ending.Lock()
	l.closing = true
	l.ending.Unlock()
	l.cancel()
	l.hub.close()
	err := l.connector.Close(ctx)
	done := make(chan struct{})
	go func() {
		l.work.Wait()
		close(done)
	}()
	select {
	case <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func failedReading(f *Failure, last Reading) Reading {
	last.Value = schema.Null
	last.Status, last.Why = f.Status, f.Message
	return last
}

// carryTime keeps time and unit of the last measurement for an answer that has none.
func carryTime(r, last Reading) Reading {
	if r.Time.IsZero() {
		r.Measurement = last.Measurement
		r.Value = schema.Null
	}
	return r
}

func failedRange(f *Failure, _ Range) Range { return Range{Status: f.Status, Why: f.Message} }

func failedRows(f *Failure, _ Rows) Rows { return Rows{Total: -1, Status: f.Status, Why: f.Message} }
