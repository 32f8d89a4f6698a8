package connectors

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

const (
	breakAfter = 5               // failed questions in a row
	breakFor   = 5 * time.Second // then nothing is asked for that long
)

// breaker keeps questions from a source that fails again and again; one question at a time tries whether it is back.
type breaker struct {
	circuit circuitbreaker.CircuitBreaker[any]
	mu      sync.Mutex
	last    string // the last failure, for people
}

func newBreaker() *breaker {
	return &breaker{circuit: circuitbreaker.NewBuilder[any]().WithFailureThreshold(breakAfter).WithSuccessThreshold(1).
		WithDelay(breakFor).WithJitterFactor(0.2).Build()}
}

func (b *breaker) allow() *Failure {
	if b.circuit.TryAcquirePermit() {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	left := b.circuit.RemainingDelay()
	return &Failure{Status: Unavailable, RetryAfter: left,
		Message: fmt.Sprintf("not asked: it failed %d times in a row and is tried again in %s; last: %s", breakAfter, round(left), b.last)}
}

// record tells how a question that was allowed ended: with the failure of a request, or answered at least in part. A
// question that its callers gave up says nothing about the source.
func (b *breaker) record(ctx context.Context, f *Failure, answered bool) {
	switch {
	case answered || f == nil || f.Status != Unavailable && f.Status != TimedOut:
		b.circuit.RecordSuccess()
	case context.Cause(ctx) == context.Canceled && !b.circuit.IsHalfOpen():
	default:
		b.mu.Lock()
		b.last = f.Message
		b.mu.Unlock()
		b.circuit.RecordFailure()
	}
}

func (b *breaker) open() bool { return !b.circuit.IsClosed() }
