package connectors

import (
	"context"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// retry asks again what failed, a little later each time. All questions are reads, so that asking twice does no harm.
type retry struct {
	executor failsafe.Executor[any]
}

func newRetry(l Limits) retry {
	return retry{failsafe.With(retrypolicy.NewBuilder[any]().WithMaxRetries(*l.Retries).
		WithBackoff(20*time.Millisecond, time.Second).WithJitterFactor(0.3).ReturnLastFailure().
		HandleIf(func(_ any, err error) bool {
			f, ok := err.(*Failure)
			return ok && f.Retryable
		}).Build())}
}

// until calls try until it returns nil, a failure that is final, the tries are used up or ctx ends.
func (r retry) until(ctx context.Context, try func() *Failure) {
	// What failed is kept by try, key by key, so the error tells nothing new.
	_ = r.executor.WithContext(ctx).Run(func() error {
		if f := try(); f != nil {
			return f
		}
		return nil
	})
}

// guarded asks a question for keys through breaker, retry and chunking. The caller holds a slot, which is given back here
// or, for a request that hangs, when it returns. Both results are positional.
func guarded[T any](ctx context.Context, l *link, q *question[T], keys []Key, calls *ledger) ([]T, []*Failure) {
	results, failures := make([]T, len(keys)), make([]*Failure, len(keys))
	left := make([]int, len(keys))
	for i := range left {
		left[i] = i
	}
	if refused := l.breaker.allow(); refused != nil {
		l.slots.release()
		for i := range failures {
			failures[i] = refused
		}
		return results, failures
	}
	hold := &hold{slots: l.slots}
	defer hold.release()
	var whole *Failure
	answered := false
	l.retry.until(ctx, func() *Failure {
		var again *Failure
		batches := chunks(ctx, l, q, keys, left, calls, hold)
		left = left[:0:0]
		for _, b := range batches {
			for i, at := range b.keys {
				results[at], failures[at] = b.answer(i)
				if f := failures[at]; f != nil && f == b.failure && f.Retryable {
					left, again = append(left, at), f
				}
			}
			if b.failure == nil {
				answered = true
			} else {
				whole = b.failure
			}
		}
		return again
	})
	l.breaker.record(ctx, whole, answered)
	return results, failures
}
