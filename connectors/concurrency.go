package connectors

import (
	"context"
	"fmt"
)

// slots bounds the requests that run at one time. A request that hangs keeps its slot until it really returns.
type slots chan struct{}

func newSlots(n int) slots { return make(slots, n) }

func (s slots) acquire(ctx context.Context) *Failure {
	select {
	case s <- struct{}{}:
		return nil
	default:
	}
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &Failure{Status: TimedOut, Cause: ctx.Err(),
			Message: fmt.Sprintf("all %d requests that may run at one time were busy; the source is slow or hangs", cap(s))}
	}
}

// try takes a slot only if one is free.
func (s slots) try() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s slots) release() { <-s }
