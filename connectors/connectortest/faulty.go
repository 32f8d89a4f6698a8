package connectortest

import (
	"context"
	"errors"
	"sync"
	"time"

	"mereon/connectors"
	"mereon/schema"
)

// Fault is a way in which a system, or its connector, misbehaves.
type Fault string

const (
	Healthy     Fault = ""
	Hang        Fault = "hang"        // no answer until the deadline
	Deaf        Fault = "deaf"        // no answer until Release, whatever the deadline
	Die         Fault = "die"         // every request fails at once
	Flaky       Fault = "flaky"       // every second request fails at once and may be tried again
	Panic       Fault = "panic"       // the connector itself fails
	Slow        Fault = "slow"        // each request takes Delay
	Throttle    Fault = "throttle"    // refuses, to be asked again after Delay
	Forbid      Fault = "forbid"      // refuses for lack of rights
	WrongTypes  Fault = "wrongTypes"  // values of another type
	MoreRows    Fault = "moreRows"    // more than was asked for
	UnknownKeys Fault = "unknownKeys" // answers for keys that nobody asked for
	OtherKeys   Fault = "otherKeys"   // rows of one key for another
	Unfiltered  Fault = "unfiltered"  // accepts a filter and ignores it
	Flood       Fault = "flood"       // rows and measurements without end
	Late        Fault = "late"        // answers after the deadline is over
)

// Lies are the faults of a source that answers in time, but wrongly.
var Lies = [...]Fault{WrongTypes, MoreRows, OtherKeys, Unfiltered}

// Faulty is a connector around another one that misbehaves as it is told.
type Faulty struct {
	connectors.Connector
	Delay time.Duration // of Slow and Throttle

	mu      sync.Mutex
	fault   Fault
	calls   int
	release chan struct{}
}

var _ connectors.Connector = (*Faulty)(nil)

// NewFaulty wraps c, healthy at first.
func NewFaulty(c connectors.Connector) *Faulty {
	return &Faulty{Connector: c, release: make(chan struct{})}
}

// Become chooses how it misbehaves from the next request on.
func (f *Faulty) Become(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = fault
}

// Release lets all deaf requests return, for good.
func (f *Faulty) Release() { close(f.release) }

// Calls is the number of requests so far.
func (f *Faulty) Calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

func (f *Faulty) next() (Fault, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	return f.fault, f.calls
}

// Plan accepts everything when it is going to ignore it.
func (f *Faulty) Plan(ctx context.Context, w connectors.Want) (connectors.Accept, error) {
	f.mu.Lock()
	fault := f.fault
	f.mu.Unlock()
	a, err := f.Connector.Plan(ctx, w)
	if fault == Unfiltered || fault == MoreRows {
		bare := w
		bare.Where, bare.PerKey, bare.Limit = nil, 0, 0
		inner, err := f.Connector.Plan(ctx, bare)
		return connectors.Accept{Want: w, Handle: inner, OrderDone: true, LimitDone: true}, err
	}
	return a, err
}

// Fetch misbehaves.
func (f *Faulty) Fetch(ctx context.Context, a connectors.Accept, b connectors.Batch, out connectors.Sink) error {
	fault, call := f.next()
	switch fault {
	case Hang:
		<-ctx.Done()
		return ctx.Err()
	case Deaf:
		<-f.release
		return errors.New("released")
	case Late:
		<-ctx.Done()
		return f.Connector.Fetch(context.WithoutCancel(ctx), a, b, out)
	case Die:
		return &connectors.Failure{Status: connectors.Unavailable, Message: "connection refused"}
	case Flaky:
		if call%2 == 1 {
			return &connectors.Failure{Status: connectors.Unavailable, Message: "connection reset", Retryable: true}
		}
	case Panic:
		panic("index out of range")
	case Slow:
		time.Sleep(f.Delay)
	case Throttle:
		return &connectors.Failure{Status: connectors.Throttled, Message: "too many requests", RetryAfter: f.Delay}
	case Forbid:
		return &connectors.Failure{Status: connectors.Denied, Message: "no right to read"}
	case Flood:
		return flood(ctx, a, b, out)
	}
	if inner, ok := a.Handle.(connectors.Accept); ok {
		return f.Connector.Fetch(ctx, inner, b, &liar{out, fault, len(b.Keys)})
	}
	return f.Connector.Fetch(ctx, a, b, &liar{out, fault, len(b.Keys)})
}

func flood(ctx context.Context, a connectors.Accept, b connectors.Batch, out connectors.Sink) error {
	at := a.Want.From
	if a.Want.Kind == connectors.Latest {
		at = b.Now
	}
	cells := make([]schema.Value, len(a.Want.Columns))
	for i := 0; ctx.Err() == nil; i++ {
		key := i % len(b.Keys)
		if a.Want.Kind == connectors.Records {
			out.Row(key, cells)
			continue
		}
		out.Measurement(key, connectors.Measurement{Value: schema.IntOf(int64(i)), Time: at})
	}
	return ctx.Err()
}

// liar changes what a connector sends.
type liar struct {
	connectors.Sink
	fault Fault
	keys  int
}

func (l *liar) Measurement(key int, m connectors.Measurement) {
	switch l.fault {
	case WrongTypes:
		m.Value = schema.ListOf([]schema.Value{m.Value})
	case MoreRows:
		l.Sink.Measurement(key, m)
	case UnknownKeys:
		l.Sink.Measurement(l.keys+7, m)
		l.Sink.Measurement(-1, m)
	case OtherKeys:
		m.Time = time.Time{}
	case Unfiltered:
		m.Time = m.Time.AddDate(50, 0, 0)
	}
	l.Sink.Measurement(key, m)
}

func (l *liar) Row(key int, cells []schema.Value) {
	switch l.fault {
	case WrongTypes:
		for i := range cells {
			cells[i] = schema.ListOf(nil)
		}
	case MoreRows:
		l.Sink.Row(key, cells)
		l.Sink.Row(key, cells)
	case UnknownKeys:
		l.Sink.Row(l.keys+7, cells)
		l.Sink.Row(-1, cells)
	case OtherKeys:
		key = (key + 1) % l.keys
	}
	l.Sink.Row(key, cells)
}
