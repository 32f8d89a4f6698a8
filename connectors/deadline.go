package connectors

import (
	"context"
	"time"
)

// reserve is what is left of an operation's time for those who write the answer.
const reserve = 20 * time.Millisecond

// share is the time by which a question must be answered: the connector's deadline, or most of what is left of ctx.
func share(ctx context.Context, own time.Duration) time.Time {
	until := time.Now().Add(own)
	if end, ok := ctx.Deadline(); ok {
		left := time.Until(end)
		if end = end.Add(-min(reserve, left/10)); end.Before(until) {
			return end
		}
	}
	return until
}
