package neo4j

import (
	"context"
	"sync"
	"time"

	driver "github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"mereon/graph/memory"
)

const (
	// afterwards is how long the driver may be busy with what outlasted the time of who asked for it: the server ends it a
	// second after that, and looks every two seconds what it has to end.
	afterwards = 5 * time.Second
	// abandoned is how long it may be busy with what was given up sooner, which the server does not know.
	abandoned = 30 * time.Second
	// longest is how long anything may last that can be given up.
	longest = time.Hour
)

// aside calls the driver and waits for it, or until ctx ends. Who gives up need not wait, but nothing is cut off: that
// would break its connection, and the driver (5.28.4) races in its routing table with whoever asks for one just then. What
// does not end by itself is cut off in the end, for then the server hangs or is gone.
func aside(ctx context.Context, cut func(), call func() error) error {
	answered := make(chan error, 1)
	go func() { answered <- call() }()
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		time.AfterFunc(abandoned, cut)
		return ctx.Err()
	}
}

// outlasting is the context for a call of the driver that ctx, when it ends, does not cut off. It has a deadline wherever
// ctx can end, for the driver does not leave a read whose context has none.
func (c *connection) outlasting(ctx context.Context) (on context.Context, cut context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(c.calls, deadline.Add(afterwards))
	}
	if ctx.Done() == nil {
		return context.WithCancel(c.calls)
	}
	return context.WithTimeout(c.calls, longest)
}

// transaction is an asker whose statements stand or fall together. When its caller gives up, what runs ends by itself and
// the rest is rolled back behind the caller's back.
type transaction struct {
	*connection
	session driver.SessionWithContext
	tx      driver.ExplicitTransaction // nil until the server has begun it
	on      context.Context            // of all its calls, since the driver returns the connection with that of the first
	cut     context.CancelFunc
	turn    sync.Mutex // held while the driver is called: the call before may have been given up and run on
	ended   sync.Once
}

func (c *connection) begin(ctx context.Context) (*transaction, error) {
	if !c.inUse.TryRLock() {
		return nil, memory.ClosedStore()
	}
	t := &transaction{connection: c, session: c.session(ctx, driver.AccessModeWrite)}
	t.on, t.cut = c.outlasting(ctx)
	options := within(ctx)
	err := t.call(ctx, func() (err error) {
		t.tx, err = t.session.BeginTransaction(t.on, options...)
		return err
	})
	if err != nil {
		t.end(ctx)
		return nil, err
	}
	return t, nil
}

// call calls the driver once what it was called for before has ended.
func (t *transaction) call(ctx context.Context, call func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return aside(ctx, t.cut, func() error {
		t.turn.Lock()
		defer t.turn.Unlock()
		return call()
	})
}

// ask implements asker. Errors are those of the driver, so that the writer can tell what may be tried again.
func (t *transaction) ask(ctx context.Context, s statement, parameters map[string]any) ([]*driver.Record, error) {
	var records []*driver.Record
	text := t.heard(s, parameters)
	err := t.call(ctx, func() error {
		result, err := t.tx.Run(t.on, text, parameters)
		if err == nil {
			records, err = result.Collect(t.on)
		}
		return err
	})
	if err != nil {
		return nil, err // what comes now is nobody's
	}
	return records, nil
}

// commit ends it. Whether it is done after an error that is not the server's nobody knows; it may even be done later, but
// not after the lock of writers was free.
func (t *transaction) commit(ctx context.Context) error {
	return t.call(ctx, func() error { return t.tx.Commit(t.on) })
}

// end gives up what was not committed, and waits for that unless ctx has ended.
func (t *transaction) end(ctx context.Context) {
	t.ended.Do(func() {
		_ = aside(ctx, t.cut, func() error {
			t.turn.Lock()
			defer t.turn.Unlock()
			defer t.inUse.RUnlock()
			defer t.cut()
			on, cancel := context.WithTimeout(t.calls, 5*time.Second)
			defer cancel()
			if t.tx != nil {
				t.tx.Close(on)
			}
			return t.session.Close(on)
		})
	})
}
