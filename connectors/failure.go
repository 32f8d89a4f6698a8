package connectors

import (
	"fmt"
	"time"
)

// Failure is an error of an outside system, classified so that the runtime knows what to do. Message is for people and
// holds no secret; it says what to do where that is known.
type Failure struct {
	Status     Status // Unavailable, TimedOut, Throttled, Denied, BadData, Unsupported, NotFound
	Message    string
	RetryAfter time.Duration // Throttled: when to ask again, 0 unknown
	Retryable  bool          // an idempotent read may be tried again at once
	Cause      error         // for logs; never sent to clients
}

func (f *Failure) Error() string { return fmt.Sprintf("%s: %s", f.Status, f.Message) }
func (f *Failure) Unwrap() error { return f.Cause }
