package connectors

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// budget is the number of requests that may leave in a time. Answers that need no request cost nothing of it.
type budget struct {
	limiter *rate.Limiter // nil: no limit
	mu      sync.Mutex
	closed  time.Time // the source asked us to wait until then
}

func newBudget(l Limits) *budget {
	if l.Rate == 0 {
		return &budget{}
	}
	return &budget{limiter: rate.NewLimiter(rate.Limit(l.Rate), l.Burst)}
}

// spend takes one request, waiting for it as long as ctx allows; a wait that would outlast ctx is refused at once.
func (b *budget) spend(ctx context.Context) *Failure {
	if left := b.pause(); left > 0 {
		return &Failure{Status: Throttled, RetryAfter: left, Message: fmt.Sprintf("the source asked us to wait %s more", round(left))}
	}
	if b.limiter == nil {
		return nil
	}
	r := b.limiter.Reserve()
	wait := r.Delay()
	if wait == 0 {
		return nil
	}
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= wait {
		r.Cancel()
		return &Failure{Status: Throttled, RetryAfter: wait, Message: fmt.Sprintf(
			"the limit of %g requests/s is reached; ask again in %s or raise rate: of the connector", float64(b.limiter.Limit()), round(wait))}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		r.Cancel()
		return late(ctx)
	}
}

// wait keeps the budget closed for a time that the source asked for.
func (b *budget) wait(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := time.Now().Add(min(d, 5*time.Minute)); until.After(b.closed) {
		b.closed = until
	}
}

func (b *budget) pause() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Until(b.closed)
}

func round(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(100 * time.Millisecond)
}

func late(ctx context.Context) *Failure {
	if context.Cause(ctx) == context.Canceled {
		return &Failure{Status: TimedOut, Message: "the question was given up", Cause: ctx.Err()}
	}
	return &Failure{Status: TimedOut, Message: "no answer within the deadline", Cause: ctx.Err()}
}
