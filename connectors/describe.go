package connectors

import (
	"context"
	"sync"
	"time"
)

const (
	describeAgain = time.Minute     // a known description is asked for again after that
	describeRetry = 5 * time.Second // a failed one after that
)

// description is what a connector offers, asked for once and again from time to time.
type description struct {
	mu     sync.Mutex
	known  *Descriptor
	failed *Failure
	at     time.Time     // of known or failed
	asking chan struct{} // closed when the running question ends
}

// descriptor returns what the connector offers. Only the first question waits; later ones are answered while a newer
// description is fetched.
func (l *link) descriptor(ctx context.Context, until time.Time) (*Descriptor, *Failure) {
	a := &l.about
	a.mu.Lock()
	age := time.Since(a.at)
	if a.known != nil && l.revised(a.known) {
		a.known = nil
		age = describeAgain
	}
	if a.known != nil && age < describeAgain || a.failed != nil && age < describeRetry {
		defer a.mu.Unlock()
		return a.known, a.unknown()
	}
	if a.asking == nil {
		a.asking = make(chan struct{})
		asking := a.asking
		l.spawn(func() { l.describe(asking) })
	}
	known, asking := a.known, a.asking
	a.mu.Unlock()
	if known != nil {
		return known, nil
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-asking:
	case <-timer.C:
		return nil, &Failure{Status: TimedOut, Message: "the source did not say what it offers within the deadline"}
	case <-ctx.Done():
		return nil, late(ctx)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.known, a.unknown()
}

// revised says whether the connector says by itself that its description is another now.
func (l *link) revised(known *Descriptor) bool {
	r, ok := l.connector.(Reviser)
	return ok && r.Revision() != known.Revision
}

func (a *description) unknown() *Failure {
	if a.known != nil {
		return nil
	}
	return a.failed
}

func (l *link) describe(done chan struct{}) {
	ctx, cancel := context.WithTimeout(l.ctx, l.limits.Deadline)
	defer cancel()
	var d Descriptor
	got := make(chan Descriptor, 1)
	err, hung := l.run(ctx, func() error {
		d, err := l.connector.Describe(ctx)
		got <- d
		return err
	}, nil)
	a := &l.about
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at, a.asking = time.Now(), nil
	if err == nil && !hung {
		d = <-got
		a.known, a.failed = &d, nil
	} else {
		a.failed = l.classify(ctx, err, hung)
		l.complain(a.failed)
	}
	close(done)
}
